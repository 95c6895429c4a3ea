"""Entry point: the IPython extension and its magics."""

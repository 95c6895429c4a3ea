"""Entry point: the ``livyguard`` command."""

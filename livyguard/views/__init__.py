"""Text, HTML and JSON of every result: the one place that writes HTML."""

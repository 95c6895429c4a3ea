"""Adapter: where the name of the person asking comes from."""

"""Adapter: Livy's REST interface on requests."""

"""Adapter: YARN's ResourceManager, over its REST interface."""

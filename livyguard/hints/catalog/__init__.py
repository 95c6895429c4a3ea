"""The hints, one file a family."""

"""The version, where both the package and its command find it without importing each other."""

__all__ = ["__version__"]

__version__ = "0.1.0"

"""Adapter: the only place that imports SparkMagic."""

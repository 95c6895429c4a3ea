"""A Livy-compatible server for one laptop, with real PySpark behind it. Stands alone."""

"""Runs the tour of livyguard as a user would see it: a sandbox, a policy, SparkMagic's real PySpark kernel."""

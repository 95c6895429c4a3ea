"""Adapter: Spark's pods, by the API of Kubernetes. It reads, and deletes nothing."""

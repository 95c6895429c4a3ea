"""What runs inside a session's own process: a kernel, its SparkSession, and a Python prompt that answers as Livy's."""

"""The real Apache Livy on this machine, with users, for `livyguard sandbox --livy` and the tests."""

"""Adapters that look at this machine and at the way to a server, for the doctor. They change nothing."""

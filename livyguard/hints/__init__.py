"""What went wrong: evidence of a failure, and the coded hint that explains it. Pure."""

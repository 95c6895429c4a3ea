"""What runs: sessions, whose they are, which may be released. Pure."""

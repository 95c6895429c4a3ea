"""HOW A START IS GOING: looked at while somebody waits for it, at most once a second at each server."""

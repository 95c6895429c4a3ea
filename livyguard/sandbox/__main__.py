"""``python -m livyguard.sandbox``."""

from livyguard.sandbox.command import sandbox

if __name__ == "__main__":
    sandbox(prog_name="python -m livyguard.sandbox")

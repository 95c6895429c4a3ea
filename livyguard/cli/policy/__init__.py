"""``livyguard policy``: a policy from the first line to its place, without a cluster."""

from __future__ import annotations

import click

from livyguard.cli.group import Group
from livyguard.cli.policy import check, init, install, lint, schema, show

__all__ = ["policy"]


@click.group(cls=Group)
def policy() -> None:
    """Write a policy, check and test it, show what it says of somebody, and install it.

    Example: livyguard policy init --users 3 --workers 18 --worker-type G.1X -o policy.toml
    """


for command in (init.init, check.check, lint.lint, lint.test, show.show, schema.schema, install.install):
    policy.add_command(command)

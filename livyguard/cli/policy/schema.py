"""``livyguard policy schema``: the JSON Schema of the policy file, for editors."""

from __future__ import annotations

import json

import click

__all__ = ["schema"]


@click.command(short_help="Print the JSON Schema of the policy file.")
def schema() -> None:
    """Print the JSON Schema (draft 2020-12) of the policy file.

    Editors of TOML complete and check a file whose first line is "#:schema ./policy.schema.json".

    Example: livyguard policy schema > policy.schema.json
    """
    from livyguard.policy.schema import schema as of_the_policy

    click.echo(json.dumps(of_the_policy(), indent=2))

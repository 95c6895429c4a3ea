"""``livyguard policy lint`` and ``livyguard policy test``: what it hardly means, and whether it does what it says."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livyguard.cli.policy.sources import NOT_INSTALLED, policy_files, searched

if TYPE_CHECKING:
    from collections.abc import Callable

    from livyguard.policy.model import Policy

__all__ = ["lint", "test"]


def _about_a_policy(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command take a policy and ``--json``."""
    named = click.argument(
        "file", metavar="[FILE | FOLDER]", type=click.Path(exists=True, path_type=Path), required=False
    )
    as_json = click.option("--json", "as_json", is_flag=True, help="Print a list of objects, [] for none.")
    return named(as_json(click.pass_context(command)))


@click.command(short_help="Say what a policy can hardly mean.")
@_about_a_policy
def lint(context: click.Context, file: Path | None, as_json: bool) -> None:
    """Say what a policy says and can hardly mean. Exit 1 for a fault, 0 for warnings and notes.

    Without FILE or FOLDER it is the policy in force here.

    Example: livyguard policy lint policy.toml
    """
    from livyguard.capacity.lint import lint as look_over
    from livyguard.views import lint as view

    found = look_over(_policy(file), now=time.time())
    click.echo(json.dumps([each.to_json() for each in found], indent=2) if as_json else view.findings(found))
    context.exit(1 if any(each.severity == "fault" for each in found) else 0)


@click.command(short_help="Run the policy's own [[test]] blocks.")
@_about_a_policy
def test(context: click.Context, file: Path | None, as_json: bool) -> None:
    """Run the policy's own [[test]] blocks. Exit 1 if one fails.

    Without FILE or FOLDER it is the policy in force here.

    Example: livyguard policy test policy.toml
    """
    from livyguard.policy.expectations import run
    from livyguard.views import lint as view

    tried = run(_policy(file))
    click.echo(json.dumps([each.to_json() for each in tried], indent=2) if as_json else view.outcomes(tried))
    context.exit(0 if all(each.passed for each in tried) else 1)


def _policy(file: Path | None) -> Policy:
    policy = policy_files(file).policy()
    if policy is None:
        raise click.UsageError(f"{NOT_INSTALLED} Name a file. One is looked for in {', '.join(searched())}.")
    return policy

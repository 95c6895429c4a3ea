"""``livyguard policy check``: what a policy does to one request."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from livyguard.cli.policy.sources import NOT_INSTALLED, policy_files

if TYPE_CHECKING:
    from livyguard.policy.identity import Trust

__all__ = ["check"]


@click.command(short_help="Say what the policy does to a request.")
@click.argument("request_file", metavar="[REQUEST.json | -]", required=False)
@click.option(
    "--policy",
    "file",
    type=click.Path(exists=True, path_type=Path),
    help="Policy file or folder, else the one in force here.",
)
@click.option("--user", required=True, help="Who asks.")
@click.option("--group", "groups", multiple=True, help="A group of the user; may be given several times.")
@click.option(
    "--trust",
    type=click.Choice(["reported", "claimed"]),
    default="reported",
    show_default=True,
    help="Whether something that authenticated the user names them.",
)
@click.option("--endpoint", help="URL of the Livy it goes to, where the policy knows several clusters.")
@click.option("--json", "as_json", is_flag=True, help="Print the decision as a JSON object.")
@click.pass_context
def check(
    context: click.Context,
    request_file: str | None,
    file: Path | None,
    user: str,
    groups: tuple[str, ...],
    trust: str,
    endpoint: str | None,
    as_json: bool,
) -> None:
    """Say what the policy does to a request: allow, clamp (exit 0) or deny (exit 1). Creates nothing.

    Example: livyguard policy check --policy policy.toml --user alice request.json
    """
    from livyguard.policy.identity import Identity
    from livyguard.policy.judge import judge
    from livyguard.views.check import to_json

    body = _body(request_file)
    who = Identity(user, cast("Trust", trust), "--user", frozenset(groups))
    rules = policy_files(file, is_quiet=False).policy()
    decision = judge(rules, who, body, endpoint=endpoint, now=time.time())
    if rules is None and not as_json:
        click.echo(NOT_INSTALLED)
    click.echo(json.dumps(to_json(decision), indent=2) if as_json else _text(decision))
    context.exit(1 if decision.verdict == "deny" else 0)


def _body(name: str | None) -> dict[str, Any]:
    from livyguard.errors import InvalidBody
    from livyguard.policy.body import parse_body

    if name is None:
        return {}
    try:
        with click.open_file(name, "rb") as stream:
            text = stream.read().decode("utf-8-sig")
    except OSError as error:
        raise click.UsageError(f"{name}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InvalidBody(f"{name}: this is not written in UTF-8") from None
    return parse_body(text)


def _text(decision: Any) -> str:
    from livyguard.policy.redact import redact
    from livyguard.views import decision as view

    lines = [view.text(decision, more="livyguard explain")]
    if decision.verdict != "deny":
        tenant = "" if decision.tenant is None else f"tenant {decision.tenant}, "
        lines = [f"{decision.verdict}: {tenant}user {decision.user}", *filter(None, lines)]
        lines += ["Livy is sent:", json.dumps(redact(decision.request), indent=2)]
    return "\n".join(lines)

"""``livyguard policy show``: the policy in force, and what it says of one person."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from livyguard.cli.policy.sources import NOT_INSTALLED, policy_files, searched

if TYPE_CHECKING:
    from collections.abc import Iterable

    from livyguard.config import PolicyFiles
    from livyguard.policy.identity import Trust
    from livyguard.policy.model import Policy, Tenant

__all__ = ["show"]

_PERSONAL = ("--group", "--trust", "--endpoint")


@click.command(short_help="Show what is in force, and for whom.")
@click.option(
    "--policy",
    "file",
    metavar="FILE|FOLDER",
    type=click.Path(exists=True, path_type=Path),
    help="Policy file or folder, else the one in force here.",
)
@click.option("--user", help="Of whom: tenant, limits with the file that says so, quota.")
@click.option("--group", "groups", multiple=True, help="A group of the user; may be given several times.")
@click.option(
    "--trust",
    type=click.Choice(["reported", "claimed"]),
    help="Whether something that authenticated the user names them; reported unless told.",
)
@click.option("--endpoint", help="URL of the Livy, where the policy knows several clusters.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(
    file: Path | None,
    user: str | None,
    groups: tuple[str, ...],
    trust: str | None,
    endpoint: str | None,
    as_json: bool,
) -> None:
    """Show the policy in force: its files by layer and its tenants in order. With --user: what holds for one person.

    Example: livyguard policy show --user alice --group analytics
    """
    if user is None:
        given = [name for name, value in zip(_PERSONAL, (groups, trust, endpoint), strict=True) if value]
        if given:
            raise click.UsageError(f"{' and '.join(given)} tells of a person: add --user.")
        _overview(policy_files(file), as_json=as_json)
        return
    from livyguard.policy.identity import Identity
    from livyguard.policy.report import report
    from livyguard.views import policy as view

    who = Identity(user, cast("Trust", trust or "reported"), "--user", frozenset(groups))
    rules = policy_files(file).policy()
    told = report(rules, who, endpoint, time.time())
    if rules is None:
        told = replace(told, searched=searched())
    click.echo(json.dumps(told.to_json(), indent=2) if as_json else view.text(told))


def _overview(source: PolicyFiles, *, as_json: bool) -> None:
    from livyguard.views.text import plain

    policy = source.policy()
    found = () if policy is None else policy.layers
    layers = [{"is_operators": each is policy, **_layer(each, source.files)} for each in found]
    if as_json:
        click.echo(json.dumps({"layers": layers, "searched": list(searched())}, indent=2))
    elif layers:
        click.echo("\n\n".join(map(_text, layers)))
    else:
        click.echo(f"{NOT_INSTALLED} It is looked for in:")
        click.echo("\n".join(f"  {plain(each, limit=1_000)}" for each in searched()))


def _layer(policy: Policy, files: Iterable[Path]) -> dict[str, Any]:
    """Return what one layer holds, as JSON: where it stands, and its tenants in the order in which they are tried."""
    source = Path(policy.source)
    return {
        "source": policy.source,
        "files": [str(file) for file in files if file == source or source in file.parents],
        "operators": policy.operators.model_dump(),
        "clusters": [name for name in policy.cluster if name],
        "decision_log": policy.decision_log,
        "tenants": [_tenant(policy, each) for each in policy.tenant],
        "defaults": {"limits": list(policy.defaults.limits), "file": policy.source_of("defaults")},
        "grants": len(policy.grant),
        "tests": len(policy.test),
    }


def _tenant(policy: Policy, tenant: Tenant) -> dict[str, Any]:
    return {
        "name": tenant.name,
        "users": tenant.users,
        "groups": tenant.groups,
        "cluster": tenant.cluster,
        "inherits": tenant.inherits,
        "limits": list(tenant.limits),
        "file": policy.source_of(tenant.name),
    }


def _text(layer: dict[str, Any]) -> str:
    from livyguard.views.text import columns, plain

    are_several = len(layer["files"]) > 1
    operators = [*layer["operators"]["users"], *(f"group {name}" for name in layer["operators"]["groups"])]
    facts = [
        ("Policy", layer["source"] + ("" if layer["is_operators"] else " (adds limits to those above)")),
        ("Files", ", ".join(layer["files"]) if are_several else ""),
        ("Operators", ", ".join(operators)),
        ("Clusters", ", ".join(layer["clusters"])),
        ("Decision log", layer["decision_log"] or ""),
        ("Grants", str(layer["grants"] or "")),
        ("Tests", str(layer["tests"] or "")),
    ]
    tenants = [
        [
            str(place),
            plain(each["name"]),
            plain(", ".join([*each["users"], *(f"group {name}" for name in each["groups"])])),
            plain(each["cluster"] or ""),
            plain(each["inherits"] or ""),
            plain(", ".join(each["limits"])),
            plain(each["file"]) if are_several else "",
        ]
        for place, each in enumerate(layer["tenants"], 1)
    ]
    defaults = layer["defaults"]
    rest = [plain(", ".join(defaults["limits"])), plain(defaults["file"]) if are_several else ""]
    last = ["", "defaults", "whoever no tenant matches", "", "", *rest]
    headers = ("Order", "Tenant", "Who", "Cluster", "Inherits", "Limits", "File")
    width = max(len(label) for label, _ in facts)
    lines = [f"{label:<{width}}  {plain(value, limit=1_000)}" for label, value in facts if value]
    return "\n".join([*lines, "", columns(headers, [*tenants, last], frozenset({0}))])

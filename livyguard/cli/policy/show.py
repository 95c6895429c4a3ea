"""``livyguard policy show``: the policy in force, and what it says of one person."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from livyguard.cli.policy.sources import NOT_INSTALLED, policy_files, searched

if TYPE_CHECKING:
    from collections.abc import Iterable

    from livyguard.config import PolicyFiles
    from livyguard.policy.identity import Identity, Trust
    from livyguard.policy.model import Policy, Tenant
    from livyguard.policy.report import PolicyReport
    from livyguard.ports import SessionStore

__all__ = ["show"]

_PERSONAL = ("--group", "--trust", "--endpoint", "--url")
#: Why nothing is told of what somebody holds.
_NO_LIVY = "no Livy is named; --url URL or LIVYGUARD_URL names one."
_NOT_ASKED = "--endpoint only tells the cluster; --url URL asks that Livy."


@click.command(short_help="Show what is in force, and for whom.")
@click.option(
    "--policy",
    "file",
    metavar="FILE|FOLDER",
    type=click.Path(exists=True, path_type=Path),
    help="Policy file or folder, else the one in force here.",
)
@click.option("--user", help="Of whom: tenant, limits with the file that says so, quota and what is held of it.")
@click.option("--group", "groups", multiple=True, help="A group of the user; may be given several times.")
@click.option(
    "--trust",
    type=click.Choice(["reported", "claimed"]),
    help="Whether something that authenticated the user names them; reported unless told.",
)
@click.option("--endpoint", help="URL of the Livy, where the policy knows several clusters; it is not asked.")
@click.option(
    "--url",
    metavar="URL",
    help="Ask this Livy what is held of a quota; default: $LIVYGUARD_URL, else SparkMagic's configuration.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(
    file: Path | None,
    user: str | None,
    groups: tuple[str, ...],
    trust: str | None,
    endpoint: str | None,
    url: str | None,
    as_json: bool,
) -> None:
    """Show the policy in force: its files by layer and its tenants in order. With --user: what holds for one person.

    Of somebody with a quota it also tells what they hold, where a Livy is known.

    Example: livyguard policy show --user alice --group analytics
    """
    if user is None:
        given = [name for name, value in zip(_PERSONAL, (groups, trust, endpoint, url), strict=True) if value]
        if given:
            raise click.UsageError(f"{' and '.join(given)} tells of a person: add --user.")
        _overview(policy_files(file), as_json=as_json)
        return
    if endpoint and url:
        raise click.UsageError("--url tells the cluster, too: leave --endpoint out.")
    from livyguard.policy.identity import Identity
    from livyguard.views import policy as view

    who = Identity(user, cast("Trust", trust or "reported"), "--user", frozenset(groups))
    told = _told(policy_files(file), who, endpoint, url)
    click.echo(json.dumps(told.to_json(), indent=2) if as_json else view.text(told))


def _told(files: PolicyFiles, who: Identity, endpoint: str | None, url: str | None) -> PolicyReport:
    """Return what the policy says of a person, with what they hold where a quota holds and a Livy is known."""
    from livyguard.errors import InvalidInput
    from livyguard.policy.report import report

    rules = files.policy()
    store = None if url is None else _store(url)
    told = report(rules, who, endpoint if store is None else store.endpoint, time.time())
    if rules is None:
        return replace(told, searched=searched())
    if not (told.quota or told.team_quota):
        return told
    if endpoint:
        return replace(told, usage_fault=_NOT_ASKED)
    try:
        store = store or _store(None)
    except InvalidInput as error:
        return replace(told, usage_fault=str(error))
    return replace(told, usage_fault=_NO_LIVY) if store is None else _asked(store, files, rules, who)


def _store(url: str | None) -> SessionStore | None:
    """Open the Livy that is named or configured; None where nobody names one. Raises InvalidInput."""
    from livyguard.bootstrap import open_store
    from livyguard.livy.configured import config_file

    is_named = url or os.environ.get("LIVYGUARD_URL") or config_file(os.environ).exists()
    return open_store(url)[0] if is_named else None


def _asked(store: SessionStore, files: PolicyFiles, rules: Policy, who: Identity) -> PolicyReport:
    """Return what the policy says of a person, with what a Livy lists as theirs."""
    from livyguard.bootstrap import Parts
    from livyguard.cli.display import TerminalDisplay
    from livyguard.policy.identity import is_same
    from livyguard.standing import standing

    parts = Parts(TerminalDisplay())
    parts.policies = files
    myself = parts.identities.who(store).user
    is_me = myself is not None and who.user is not None and is_same(myself, who.user)
    return standing(rules, who, store, parts.quotas, parts.clock, is_me=is_me)


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

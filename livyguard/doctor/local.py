"""What stands on this machine: config.json, the kernels, the start-up file, the guard, the policy, and who asks."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING

from livyguard.capacity.lint import lint
from livyguard.doctor.advice import advice, edit, known
from livyguard.doctor.model import FAILURE, OK, SKIPPED, WARNING, Finding
from livyguard.errors import InvalidPolicy
from livyguard.hints.model import Fix
from livyguard.policy.tenancy import is_operator, is_shared, resolve
from livyguard.policy.wording import counted

if TYPE_CHECKING:
    from livyguard.doctor.ports import Settings, SpecFacts
    from livyguard.doctor.visit import Visit
    from livyguard.policy.model import Policy

__all__ = ["config", "guard", "identity", "kernels", "policy", "startup"]

#: Faults of a policy that are quoted.
_QUOTED = 5
LINT = Fix("See every one, with its place and a way out.", command="livyguard policy lint")
SHOW = Fix(
    "See who you are, how that is known, and what holds for you.",
    cell="%livy_policy",
    terminal="livyguard policy show",
)
ENABLE = Fix(
    "Load the guard in every kernel of this environment; `livyguard disable` takes that back.",
    command="livyguard enable --sys-prefix",
    applicability="review",
)


def config(visit: Visit) -> Finding:
    """Look for SparkMagic's config.json, and whether SparkMagic can use it."""
    settings = visit.settings = visit.here.settings()
    if settings.fault is not None:
        visit.settings = None
        return Finding(FAILURE, settings.fault, known(settings.fault))
    named = "; ".join(f"{url} for {languages} ({login})" for languages, url, login in settings.endpoints)
    said = f"{settings.file}: {named}" if settings.is_there else f"there is no {settings.file}: {named}, the default"
    doubts = _unprotected(settings)
    if not doubts:
        return Finding(OK, said)
    fix = edit("Change config.json, then restart the kernel: it is read once.", settings.file)
    hint = advice("LG959", f"{' '.join(doubts)} Whoever is on the way may read or answer.", fix)
    return Finding(WARNING, f"{said}. {' '.join(doubts)}", hint)


def _unprotected(settings: Settings) -> list[str]:
    """Return what is sent or believed without protection; a password that stays on this machine is not."""
    doubts = []
    if not settings.verifies and any(url.startswith("https:") for _, url, _ in settings.endpoints):
        doubts.append("It says ignore_ssl_errors: nobody looks at the certificate.")
    is_local = ("http://localhost", "http://127.", "http://[::1]")
    for _, url, login in settings.endpoints:
        if "Basic_Access" in login and url.startswith("http:") and not url.startswith(is_local):
            doubts.append(f"A password goes to {url} in the clear.")
    return list(dict.fromkeys(doubts))


def kernels(visit: Visit) -> Finding:
    """Look for SparkMagic, its kernels, and livyguard in the Pythons that run them."""
    found = visit.here.kernels()
    if found.sparkmagic is None:
        install = Fix(
            "Install it where Jupyter's kernels run.", command="pip install sparkmagic", applicability="review"
        )
        cause = "SparkMagic is not installed in the Python that this runs in."
        return Finding(FAILURE, "SparkMagic is not installed here", advice("LG951", cause, install))
    version = f"SparkMagic {found.sparkmagic}"
    without = [spec for spec in found.specs if spec.has_livyguard is False]
    names = ", ".join(spec.name for spec in found.specs)
    if not found.specs:
        fix = Fix(
            "Register its PySpark kernel; the folder is that of the installed package.",
            command=f"jupyter kernelspec install --sys-prefix {shlex.quote(found.folder)}",
            applicability="review",
        )
        cause = "Jupyter lists no kernel of SparkMagic's. `%load_ext sparkmagic.magics` works without one."
        return Finding(WARNING, f"{version}; Jupyter lists none of its kernels", advice("LG951", cause, fix))
    if without:
        lacking = ", ".join(f"{spec.name} ({spec.interpreter})" for spec in without)
        cause = f"What runs in {lacking} is judged by no policy."
        hint = advice("LG952", cause, *map(_install, without))
        return Finding(WARNING, f"{version}; its kernels: {names}; without livyguard: {lacking}", hint)
    unknown = [spec.name for spec in found.specs if spec.has_livyguard is None]
    doubt = f"; whether livyguard is there cannot be told of {', '.join(unknown)}" if unknown else ""
    return Finding(OK, f"{version}; its kernels, with livyguard: {names}{doubt}")


def _install(spec: SpecFacts) -> Fix:
    command = f"{shlex.quote(spec.interpreter)} -m pip install --no-index --find-links WHEELS livyguard"
    return Fix(
        f"Install livyguard for {spec.name}, from your folder of wheels.", command=command, applicability="manual"
    )


def startup(visit: Visit) -> Finding:
    """Look whether the guard is loaded in every kernel."""
    files = visit.here.startup_files()
    if not files:
        cause = "Only notebooks that say `%load_ext livyguard` are guarded."
        return Finding(WARNING, "none: the guard is not loaded by itself", advice("LG953", cause, ENABLE))
    said = "; ".join(f"{each.file}{f' ({words})' if (words := ', '.join(each.options)) else ''}" for each in files)
    stale = [each.file for each in files if not each.is_current]
    if stale:
        cause = f"{' and '.join(stale)} was written by another version of livyguard."
        return Finding(WARNING, f"{said}; of another version", advice("LG953", cause, ENABLE))
    return Finding(OK, said)


def guard(visit: Visit) -> Finding:
    """Look whether the guard of this kernel is whole."""
    found = visit.here.guard()
    if found is None:
        return Finding(SKIPPED, "no kernel runs here; %livy_doctor in a notebook looks at its guard")
    if found.faults or found.covered:
        over = [f"something else has been put over {name}" for name in found.covered]
        again = Fix("Put the guard in again, over what came after it.", cell="%reload_ext livyguard")
        parts = [*found.faults, *over]
        cause = "livyguard does not stand in front of every method of SparkMagic's that it has to."
        hint = advice("LG954", cause, again, seen=[(part, "this kernel") for part in parts[:_QUOTED]])
        is_judged = found.is_guarding and not found.covered
        said = f"{'; '.join(parts)}{'; every creation of a session is judged all the same' if is_judged else ''}"
        return Finding(WARNING if is_judged else FAILURE, said, hint)
    if not found.is_sparkmagic_loaded:
        return Finding(OK, "loaded; SparkMagic is not yet, and is guarded the moment it is")
    if not found.is_guarding:
        again = Fix("Put the guard in again.", cell="%reload_ext livyguard")
        hint = advice("LG954", "SparkMagic is loaded, and livyguard does not stand in front of it.", again)
        return Finding(FAILURE, "loaded, and not in force", hint)
    return Finding(OK, "every creation of a session is judged")


def policy(visit: Visit) -> Finding:
    """Look for the policy, read it, and let lint look it over."""
    try:
        found = visit.policy = visit.here.policy()
    except InvalidPolicy as error:
        seen = [(fault, "the policy") for fault in error.faults[:_QUOTED]]
        cause = (
            f"It has {counted(len(error.faults), 'fault')}. A kernel that never had a valid one creates no sessions."
        )
        text = f"it cannot be used ({counted(len(error.faults), 'fault')}): {error.faults[0]}"
        return Finding(FAILURE, text, advice("LG956", cause, LINT, seen=seen))
    files, searched = visit.here.policy_places()
    if found is None:
        init = Fix(
            "Write a first one; it is explained line by line.",
            command="livyguard policy init -o policy.toml",
            applicability="review",
        )
        cause = "Nothing is limited: a session may take every executor that the cluster has."
        text = f"none is installed: nothing is limited (looked for in {', '.join(searched)})"
        return Finding(WARNING, text, advice("LG955", cause, init))
    return _linted(found, ", ".join(files), visit.now)


def _linted(found: Policy, files: str, now: float) -> Finding:
    said = lint(found, now=now)
    counts = Counter(each.severity for each in said)
    told = [counted(counts[severity], f"lint {severity}") for severity in ("fault", "warning") if counts[severity]]
    tenants = counted(len(found.tenant), "tenant")
    if not told:
        return Finding(OK, f"{files}: valid, {tenants}, lint has nothing against it")
    seen = [(f"{each.code} {each.where}: {each.message}", "lint") for each in said if each.severity != "note"]
    cause = "It is in force as it stands. Whoever writes it should look it over."
    hint = advice("LG957", cause, LINT, seen=seen[:_QUOTED])
    return Finding(WARNING, f"{files}: valid, {tenants}, {' and '.join(told)}", hint)


def identity(visit: Visit) -> Finding:
    """Tell who asks, how that is known, and what the policy makes of it."""
    server = visit.at
    who = server.who()
    name = who.user or "nobody"
    said = f"{name}, by {who.source} ({who.trust})"
    if visit.policy is None:
        return Finding(OK, said)
    tenancy = resolve(visit.policy, who, server.url, visit.now)
    said = f"{said}; tenant {tenancy.name}{', operator' if is_operator(visit.policy, who) else ''}"
    if visit.policy.tenant and (who.user is None or is_shared(visit.policy, who.user)):
        cause = f"The policy tells people apart, and {name} names nobody in particular."
        return Finding(WARNING, f"{said}; the name is a shared account's, or nobody's", advice("LG958", cause, SHOW))
    return Finding(OK, said)

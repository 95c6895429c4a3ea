"""LG901 to LG904: SparkMagic's own: an error that hides its cause, one that sticks, its file, its neighbours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from livyguard.hints.catalog import sparkmagic_text as text
from livyguard.hints.entry import RECOVER, Entry, Finding
from livyguard.hints.model import Evidence, Fix
from livyguard.hints.redaction import excerpt

if TYPE_CHECKING:
    from livyguard.hints.evidence import Case

__all__ = ["ENTRIES"]

_HIDDEN = re.compile(r"Error sending http request and maximum retry encountered\.")
_STICKY = re.compile(r"The code failed because of a fatal error:")
#: The reader of config.json fails, and Python says where: a trace with some lines of Python's own json in between.
_TRACE = (
    r"hdijupyterutils[/\\]configuration\.py\W[^\n]{0,60}\b_load\b[^\0]{0,6000}?"
    r"(?P<broken>JSONDecodeError: [^\n]{1,200})"
)
# SparkMagic's words (utils/configuration.py, utils/utils.py), then livyguard's (livyguard.livy.configured).
_CONFIG = re.compile(
    rf"{_TRACE}"
    r"|base64_password for \w{1,60} contains invalid base64 string:[^\n]{0,200}"
    r"|Auth '[^'\n]{1,100}' not supported\b"
    r"|Retry policy '[^'\n]{1,100}' not supported\b"
    r"|Invalid http session adapter config, prefix: "
    r"|SparkMagic's configuration (?P<file>\S+) (?P<how>is no JSON|is wrong|cannot be read): [^\n]{1,200}"
    r"|base64_password in (?P<holds>\S+) is no base64 of a text"
    r"|wants the authentication '[^'\n]{1,100}', and its `authenticators` name no such class"
    r"|The authenticator \S+, which \S+ names, cannot be made: "
)
_ABOUT_LOG_IN = re.compile(r"base64_password|\A(?:Auth '|wants the authentication )")
# What SparkMagic's start fails with beside a pandas or an ipykernel of another age than its own.
_NEIGHBOURS = re.compile(
    r"cannot import name '(?:DataError|Mapping|MutableMapping|Iterable)'(?: from '[\w.]{1,60}')?"
    r"|'(?:coroutine|Future)' object is not subscriptable"
    r"|'DataFrame' object has no attribute '(?:iteritems|append|ix)'"
)
_WHOSE = (("subscriptable", "ipykernel"), ("Data", "pandas"))
# What SparkMagic's kernel fails with while it starts. It repeats that for every cell, ours and %load_ext, too.
_KERNEL_FAILED = re.compile(
    r"Failed to (?:register auto viz for notebook|load the Spark kernels magics library|change language to \w{1,20})\."
)
#: Only in SparkMagic's company: the same words may be about a user's own code.
_AT_ITS_START = re.compile(
    rf"{_KERNEL_FAILED.pattern}"
    r"|[/\\]sparkmagic[/\\]kernels[/\\]|[/\\]autovizwidget[/\\]|from sparkmagic|An internal error was encountered\."
)

_FILE = "~/.sparkmagic/config.json"
#: A path as it may stand in a command without quotes.
_PLAIN = re.compile(r"[/~][\w./~+@%-]{0,300}")
_LOG_IN = Fix(
    "A password in base64 is made like this; `auth` is None, Basic_Access or Kerberos.",
    command='python -c "import base64, getpass; print(base64.b64encode(getpass.getpass().encode()).decode())"',
    applicability="review",
)
_FORGET = Fix("Forget the error; settings are kept. Then run the cell again.", cell=RECOVER.cell)
_ASK = Fix("Ask Livy once more, and see why it does not answer.", cell="%livy_sessions", terminal="livyguard sessions")


def _hidden(case: Case) -> Finding | None:
    match = case.find(_HIDDEN)
    if match is None:
        return None
    cause = (
        "SparkMagic says this for every request without an answer, at the first failure, and does not say why: Livy is "
        "down, the name does not resolve, TLS fails, or the connection was cut."
    )
    facts = (case.quote(match, "SparkMagic"),)
    return Finding("A request to Livy got no answer; SparkMagic hides why", cause, facts, (_ASK, _FORGET), rank=45)


def _sticky(case: Case) -> Finding | None:
    match = case.find(_STICKY)
    if match is None or case.find(_KERNEL_FAILED):
        return None
    cause = (
        "No session came up, and SparkMagic repeats that first error whenever something wants one. It asks for a "
        "kernel restart; none is needed."
    )
    return Finding(
        "SparkMagic repeats the error of a failed start", cause, (case.quote(match, "SparkMagic"),), (_FORGET,), rank=20
    )


def _config(case: Case) -> Finding | None:
    match = case.find(_CONFIG)
    if match is None:
        return None
    named = match["file"] or match["holds"]
    file = named if named and _PLAIN.fullmatch(named) else _FILE
    if match["broken"]:
        facts = (Evidence(excerpt(match["broken"]), "SparkMagic"),)
    else:
        facts = (case.quote(match, "SparkMagic"),)
    is_json = not match["broken"] and match["how"] != "is no JSON"
    where = "" if named else " (~/.sparkmagic, or $SPARKMAGIC_CONF_DIR)"
    fixes = [Fix("See whether the file is JSON, and where it is not.", command=f"python -m json.tool {file} /dev/null")]
    if is_json and _ABOUT_LOG_IN.search(match[0]):
        fixes.append(_LOG_IN)
    cause = f"SparkMagic's config.json{where} {'holds something that cannot be used' if is_json else 'is no JSON'}."
    fixes.append(
        Fix(
            "Mend it there, then restart the kernel: SparkMagic reads the file once, when a kernel starts.",
            command=f"${{EDITOR:-vi}} {file}",
            applicability="manual",
        )
    )
    return Finding("SparkMagic's config.json is wrong", cause, facts, tuple(fixes), rank=80)


def _neighbours(case: Case) -> Finding | None:
    match = case.find(_NEIGHBOURS)
    if match is None or case.find(_AT_ITS_START) is None:
        return None
    what = next((name for sign, name in _WHOSE if sign in match[0]), "Python")
    cause = (
        f"SparkMagic does not work with the {what} that is installed beside it: one of the two is years older than the "
        "other. SparkMagic 0.23 works with ipykernel 6 and 7 and with pandas below 3."
    )
    fixes = (
        Fix(
            "Install a SparkMagic that fits, in the Python of the kernel, then restart the kernel.",
            command="python -m pip install --upgrade 'sparkmagic>=0.23' 'pandas<3'",
            applicability="review",
        ),
        Fix(
            "See what is installed there.",
            command="python -m pip list | grep -iE 'sparkmagic|pandas|ipykernel|ipython'",
        ),
        *(() if case.find(_KERNEL_FAILED) else (_FORGET,)),
    )
    facts = (case.quote(match, "SparkMagic"),)
    return Finding(f"SparkMagic and {what} do not fit together", cause, facts, fixes, rank=75)


ENTRIES = (
    Entry(
        "LG901",
        "request-without-answer",
        "SparkMagic's request got no answer, and it does not say why",
        text.HIDDEN,
        _hidden,
        yields_to=("LG5", "LG6"),
        needles=("Error sending http request and maximum retry encountered",),
    ),
    Entry(
        "LG902",
        "sticky-error",
        "SparkMagic repeats the error of a failed start",
        text.STICKY,
        _sticky,
        yields_to=("LG1", "LG2", "LG3", "LG4", "LG5", "LG6", "LG7", "LG9"),
        needles=("The code failed because of a fatal error",),
    ),
    Entry(
        "LG903",
        "config-json-invalid",
        "SparkMagic's config.json is wrong",
        text.CONFIG,
        _config,
        needles=(
            "contains invalid base64 string",
            "' not supported",
            "Invalid http session adapter config",
            "SparkMagic's configuration ",
            "is no base64 of a text",
            "wants the authentication '",
            "The authenticator ",
            "hdijupyterutils",
        ),
    ),
    Entry(
        "LG904",
        "incompatible-packages",
        "SparkMagic does not fit its pandas or ipykernel",
        text.NEIGHBOURS,
        _neighbours,
        needles=("cannot import name '", "object is not subscriptable", "'DataFrame' object has no attribute '"),
    ),
)

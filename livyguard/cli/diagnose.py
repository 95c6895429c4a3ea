"""``livyguard diagnose`` and ``livyguard explain``: what a pasted error means, for those who answer tickets."""

from __future__ import annotations

import codecs
import json
import sys

import click

__all__ = ["diagnose", "explain"]

_NOTHING = "No failure of Livy, SparkMagic, Spark, YARN, Kubernetes or the way to them that livyguard knows."
_EMPTY = "There is no text to look into."
_LOAD = "A notebook has the %livy_ magics once `%load_ext livyguard` has run in it; the kernel need not be restarted."
_PASTE = "Paste the error or the log, then press Ctrl-D on a line of its own."
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True), default="-")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects, [] for none.")
def diagnose(file: str, as_json: bool) -> None:
    """Say what an error or a log means, and what to do.

    FILE holds the text, or standard input does: the error of a notebook cell, a session's log, Livy's own JSON, what
    YARN or Kubernetes says of an application. The best explained comes first, five at most.

    Example: livyguard diagnose session.log
    """
    from livyguard.hints import diagnose as engine
    from livyguard.hints.reading import read
    from livyguard.views import hint as view

    text = _read(file)
    hints = engine.diagnose(read(text))
    if as_json:
        click.echo(json.dumps([hint.to_json() for hint in hints], indent=2, ensure_ascii=False))
        return
    shown = "\n\n".join(view.text(hint, more="livyguard explain", in_terminal=True) for hint in hints)
    if "%livy_" in shown:
        shown += f"\n\n{_LOAD}"
    click.echo(shown or (_NOTHING if text.strip() else _EMPTY))


def _read(file: str) -> str:
    """Return what a file or standard input holds, as text whatever it is."""
    if file == "-" and sys.stdin.isatty():
        click.echo(_PASTE, err=True)
    try:
        with click.open_file(file, "rb") as stream:
            data: bytes = stream.read()
    except OSError as error:
        raise click.FileError(file, hint=error.strerror) from error
    # A byte order mark alone proves nothing: broken bytes look like it, text in UTF-16 holds zeros as well.
    encoding = "utf-16" if data.startswith(_UTF_16) and b"\0" in data else "utf-8-sig"
    return data.decode(encoding, errors="replace")


@click.command()
@click.argument("code")
def explain(code: str) -> None:
    """Show the long form of CODE: its severity, what it means, why it happens, what to do.

    Example: livyguard explain LG101
    """
    from livyguard.hints import diagnose as engine

    text = engine.explain(code)
    if text is None:
        near = " or ".join(engine.suggest(code))
        raise click.BadParameter(f"there is no {code!r}{f'; did you mean {near}?' if near else '.'}", param_hint="CODE")
    click.echo(text, nl=False)

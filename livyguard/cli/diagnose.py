"""``livyguard diagnose`` and ``livyguard explain``: what a pasted error means, for those who answer tickets."""

from __future__ import annotations

import json

import click

__all__ = ["diagnose", "explain"]

_NOTHING = "No failure of Livy, YARN or SparkMagic that livyguard knows."


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True), default="-")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects, [] for none.")
def diagnose(file: str, as_json: bool) -> None:
    """Say what an error or a log means, and what to do.

    FILE holds the text, or standard input does: the error of a notebook cell, a session's log, Livy's own JSON.

    Example: livyguard diagnose session.log
    """
    from livyguard.hints import diagnose as engine
    from livyguard.hints.reading import read
    from livyguard.views import hint as view

    with click.open_file(file, "r", encoding="utf-8", errors="replace") as stream:
        hints = engine.diagnose(read(stream.read()))
    if as_json:
        click.echo(json.dumps([hint.to_json() for hint in hints], indent=2, ensure_ascii=False))
        return
    click.echo("\n\n".join(view.text(hint, more="livyguard explain", in_terminal=True) for hint in hints) or _NOTHING)


@click.command()
@click.argument("code")
def explain(code: str) -> None:
    """Show the long form of CODE: what it means, why it happens, what to do.

    Example: livyguard explain LG101
    """
    from livyguard.hints import diagnose as engine

    text = engine.explain(code)
    if text is None:
        near = " or ".join(engine.suggest(code))
        raise click.BadParameter(f"there is no {code!r}{f'; did you mean {near}?' if near else '.'}", param_hint="CODE")
    click.echo(text, nl=False)

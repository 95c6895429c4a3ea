"""``livyguard doctor``: the whole chain from this machine to the cluster, link by link."""

from __future__ import annotations

import json
from contextlib import closing

import click

__all__ = ["doctor"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: checks and summary.")
@click.option(
    "--url", metavar="URL", help="Look at this Livy; default: $LIVYGUARD_URL, else SparkMagic's configuration."
)
@click.pass_context
def doctor(context: click.Context, as_json: bool, url: str | None) -> None:
    """Check the whole chain from this machine to the cluster, and say what to fix; changes nothing.

    Exit 1 where a check fails, 3 where Livy cannot be reached or lets nobody in, 0 else, also with warnings.

    Example: livyguard doctor --url http://livy.example.com:8998
    """
    from livyguard.bootstrap import Parts, connect, open_store
    from livyguard.cli.display import MORE, TerminalDisplay
    from livyguard.consulting import consult
    from livyguard.views import doctor as view

    if url is not None:
        connect(url)  # what is no URL is told before anything is looked at
    display = TerminalDisplay(url=url)
    with closing(display.progress()) as progress:
        report = consult(Parts(display), lambda: [open_store(url)], progress=progress).examine()
    if as_json:
        click.echo(json.dumps(report.to_json(), indent=2))
    else:
        click.echo(view.text(report, MORE, in_terminal=True))
    context.exit(report.exit_code)

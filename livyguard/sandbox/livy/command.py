"""``livyguard sandbox --livy``: a real Livy for people, and a configuration of SparkMagic that logs them in."""

from __future__ import annotations

import json
import os
import re
import signal
import tempfile
from pathlib import Path

import click

from livyguard.sandbox.java import JavaNotFound
from livyguard.sandbox.livy.archive import NoArchive, home
from livyguard.sandbox.livy.configuration import LivyOptions
from livyguard.sandbox.livy.server import LivyServer, NotUp

__all__ = ["DEFAULT_VERSION", "serve"]

DEFAULT_VERSION = "0.9.0"
#: Whom the configuration for SparkMagic logs in.
USER = "alice"

#: The administrator, who may do everything.
ADMINISTRATOR = "admin"
_LOGIN = "livyguard.sparkmagic.hadoop_simple.HadoopSimple"


def serve(version: str, port: int, ready_file: Path | None) -> None:
    """Run a Livy on local Spark, with users, ACLs and CSRF protection, until SIGINT or SIGTERM.

    Args:
        version: as in ``0.9.0``.
        port: 0 = a free one.
        ready_file: gets the URL when Livy answers.

    Raises:
        click.ClickException: it cannot be had, or does not come up.
    """
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise click.UsageError(f"{version!r} is no version of Livy, as {DEFAULT_VERSION} is one.")
    for number in (signal.SIGINT, signal.SIGTERM):  # in the background of a script SIGINT is ignored else
        signal.signal(number, signal.default_int_handler)
    options = LivyOptions(users=True, access_control=True, superusers=(ADMINISTRATOR,), csrf=True, port=port)
    with tempfile.TemporaryDirectory(prefix="livyguard-livy-") as scratch:
        folder = Path(scratch)
        try:
            last_words = _run(version, options, folder, ready_file)
        except (NoArchive, JavaNotFound, NotUp) as fault:
            raise click.ClickException(str(fault)) from None
        except KeyboardInterrupt:
            click.echo("Livy is stopped; its sessions have ended.")
            return
    raise click.ClickException(f"Livy has ended by itself:\n{last_words}")


def _run(version: str, options: LivyOptions, folder: Path, ready_file: Path | None) -> str:
    """Run Livy until it ends by itself, and return the last lines of its log."""
    livy = LivyServer(options, home(version, _cache()), folder)
    click.echo(f"Apache Livy {version} starts ...")
    with livy:
        click.echo(_banner(version, livy, _sparkmagic(folder, livy.url)))
        if ready_file is not None:
            ready_file.write_text(livy.url, encoding="utf-8")
        return livy.wait_until_ended()


def _cache() -> Path:
    """Return where archives are kept unpacked: ``$XDG_CACHE_HOME/livyguard/livy``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "livyguard" / "livy"


def _sparkmagic(folder: Path, url: str) -> Path:
    """Write a configuration of SparkMagic that logs in, and return its folder."""
    conf = folder / "sparkmagic"
    conf.mkdir()
    login = {"username": USER, "password": "any", "url": url, "auth": "Basic_Access"}
    config = {"kernel_python_credentials": login, "authenticators": {"Basic_Access": _LOGIN}}
    (conf / "config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
    return conf


def _banner(version: str, livy: LivyServer, conf: Path) -> str:
    return (
        f"Apache Livy {version} on this machine alone: local Spark, users, ACLs, CSRF protection.\n"
        f"  url      {livy.url}\n"
        f"  users    whoever ?user.name=NAME names, without a password; {ADMINISTRATOR} may do everything\n"
        f"  log in   export SPARKMAGIC_CONF_DIR={conf}\n"
        f"           then `jupyter lab` with SparkMagic's kernels, or `livyguard sessions`, is {USER};\n"
        f"           for somebody else change `username` in the config.json there\n"
        f"  log      {livy.log}, while it runs\n"
        f"  stop     Ctrl-C, which ends its sessions"
    )

"""``livyguard policy install``: a policy is linted and tested, then replaces the one that is there, at once."""

from __future__ import annotations

import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from livyguard.policy.model import Policy

__all__ = ["install"]

_MAIN, _DROP_INS = "policy.toml", "policy.d"
#: Lines of what changes that are shown.
_MOST_LINES = 20


@click.command(short_help="Put a clean policy in the place of the old one.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--etc", "to_etc", is_flag=True, help="To /etc/livyguard, for everybody on this machine; the default.")
@click.option("--sys-prefix", "to_prefix", is_flag=True, help="To etc/livyguard of this Python environment.")
@click.option("--to", "to_path", metavar="PATH", type=click.Path(path_type=Path), help="To this file or folder.")
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would be done.")
def install(file: Path, to_etc: bool, to_prefix: bool, to_path: Path | None, dry_run: bool) -> None:
    """Lint FILE, run its tests, and put it in the place of the policy that is installed.

    It is judged together with what policy.d holds beside it; --to a file in a policy.d installs one of those.
    A fault of lint or a failed test keeps it from being installed; warnings do not. Who reads meanwhile gets the old
    policy or the new one, whole. The old one stays beside it as policy.toml.bak. Notebooks that run take the new one
    for the next session that they create.

    Example: livyguard policy install policy.toml --sys-prefix
    """
    from livyguard.cli.policy.placing import place
    from livyguard.config import default_search_path

    if sum((to_etc, to_prefix, to_path is not None)) > 1:
        raise click.UsageError("Say one place: --etc, --sys-prefix or --to.")
    etc, prefix = default_search_path({})[:2]
    target = _target(prefix if to_prefix else etc if to_path is None else to_path)
    text = _text(file)
    policy = _layer(file, text, target)
    _examine(policy)
    before = _installed(target)
    if before == text.encode("utf-8") and target.stat().st_mode & stat.S_IROTH:
        click.echo(f"Already installed: {target}")
        return
    told = [f"{'Would be installed' if dry_run else 'Installed'}: {target}", *_changes(before, policy, target)]
    if not dry_run:
        place(text.encode("utf-8"), target, kept=target.with_name(f"{target.name}.bak"))
    click.echo("\n".join(told))


def _target(place: Path) -> Path:
    is_folder = place.is_dir() or place.suffix != ".toml"
    return place / _MAIN if is_folder else place


def _text(file: Path) -> str:
    from livyguard.errors import InvalidPolicy

    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InvalidPolicy([f"{file}: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise InvalidPolicy([f"{file}: it is not written in UTF-8"]) from None


def _layer(file: Path, text: str, target: Path) -> Policy:
    """Return the policy as it will be read: the new text, and what stands in the same layer beside it.

    Raises:
        InvalidPolicy: with every fault.
    """
    from livyguard.policy.reading import read

    beside = _beside(target)
    texts = [(str(file), text) if each == target else (str(each), _text(each)) for each in beside]
    return read(texts, str(file if len(beside) == 1 else target.parent))


def _beside(target: Path) -> list[Path]:
    """Return the files of the layer that a target is part of, in the order in which they count; itself among them."""
    is_drop_in = target.parent.name == _DROP_INS
    if not is_drop_in and target.name != _MAIN:
        return [target]
    root = target.parent.parent if is_drop_in else target.parent
    drop_ins = {*(root / _DROP_INS).glob("*.toml"), *([target] if is_drop_in else [])}
    return [*([root / _MAIN] if not is_drop_in or (root / _MAIN).exists() else []), *sorted(drop_ins)]


def _examine(policy: Policy) -> None:
    """Lint and test a policy; every reason against it is told at once (exit code 1)."""
    from livyguard.capacity.lint import lint
    from livyguard.policy.expectations import run
    from livyguard.views import lint as view

    found = lint(policy, now=time.time())
    failed = [each for each in run(policy) if not each.passed]
    is_faulty = any(each.severity == "fault" for each in found)
    told = [view.findings(found)] if found else []
    told += [view.outcomes(failed)] if failed else []
    if told:
        click.echo("\n\n".join(told), err=True)
    if is_faulty or failed:
        reasons = ["lint finds faults"] * is_faulty + ["tests fail"] * bool(failed)
        raise click.ClickException(f"Not installed: {' and '.join(reasons)}. What was installed stays.")


def _installed(target: Path) -> bytes | None:
    """Return what stands in the place now; None for nothing."""
    try:
        return target.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise click.ClickException(f"{target} cannot be read: {error.strerror}.") from None


def _changes(before: bytes | None, after: Policy, target: Path) -> list[str]:
    """Say what changes for those who are judged by it."""
    from livyguard.errors import InvalidPolicy
    from livyguard.policy.difference import difference
    from livyguard.views.text import plain

    if before is None:
        return []
    try:
        old = _layer(target, _text(target), target)
    except InvalidPolicy:
        return [f"  the one before could not be used; it is kept as {target.name}.bak"]
    lines = difference(old, after) or ("nothing but comments and the order of the file",)
    shown = [f"  {plain(line)}" for line in lines[:_MOST_LINES]]
    more = [f"  and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []
    return [*shown, *more, f"  the one before is kept as {target.name}.bak"]

"""A Python prompt that answers as Livy's does: one reply per statement, everything printed in ``text/plain``."""

from __future__ import annotations

import ast
import io
import json
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any

from livyguard.sandbox.driver.magics import MAGICS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Prompt", "UnknownMagic", "error_reply"]

_FILE = "<stdin>"


class UnknownMagic(Exception):
    """A line that begins with ``%`` and names nothing that Livy knows."""

    __module__ = "__main__"  # shown without a module, as Livy shows it


def error_reply(error: BaseException, *, with_traceback: bool = True) -> dict[str, Any]:
    """Describe an exception as Livy does: its own frames and those of the prompt are left out."""
    frames = error.__traceback__ if with_traceback else None
    while frames is not None and frames.tb_frame.f_code.co_filename != _FILE:
        frames = frames.tb_next
    if frames is not None and frames.tb_frame.f_code.co_name == "<module>":
        frames = frames.tb_next
        head = ["Traceback (most recent call last):\n"]
    else:
        head = []
    lines = traceback.format_exception(type(error), error, frames, chain=False)
    return {
        "status": "error",
        "ename": type(error).__name__,
        "evalue": str(error),
        "traceback": lines if lines[:1] == head else head + lines,
    }


def _chunks(code: str) -> Iterator[str]:
    plain: list[str] = []
    for line in code.rstrip().split("\n"):
        if not line.startswith("%"):
            plain.append(line)
            continue
        if plain:
            yield "\n".join(plain)
            plain = []
        yield line
    if plain:
        yield "\n".join(plain)


def _module(code: str) -> ast.Module:
    return ast.parse(code, _FILE)


def _parse(code: str) -> list[ast.Module | str]:
    """Split into Python and magic lines; magic lines are looked for only where the whole is no Python."""
    try:
        return [_module(code)]
    except SyntaxError:
        return [chunk if chunk.startswith("%") else _module(chunk) for chunk in _chunks(code)]


class Prompt:
    """Runs statements in one namespace, which outlives them."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace

    def execute(self, code: str) -> dict[str, Any]:
        """Run one statement of Python, with Livy's ``%json``, ``%table`` and ``%matplot``.

        Returns:
            ``{"status": "ok", "data": {mime: value}}`` or ``{"status": "error", "ename", "evalue", "traceback"}``.
        """
        out, err = io.StringIO(), io.StringIO()
        stdin, sys.stdin = sys.stdin, io.StringIO()
        displayhook, sys.displayhook = sys.displayhook, sys.__displayhook__
        try:
            with redirect_stdout(out), redirect_stderr(err):
                data = self._run_all(code)
        except UnknownMagic as error:
            return error_reply(error, with_traceback=False)
        except BaseException as error:  # noqa: BLE001 - also exit() and an interrupt are the statement's own affair
            return error_reply(error, with_traceback=not isinstance(error, SyntaxError))
        finally:
            sys.stdin, sys.displayhook = stdin, displayhook
        return self._reply(data, out.getvalue() + err.getvalue())

    def _run_all(self, code: str) -> dict[str, Any] | None:
        data: dict[str, Any] | None = None
        for part in _parse(code):
            if isinstance(part, str):
                data = self._run_magic(part)
            else:
                self._run(part)
                data = None
        return data

    def _run(self, module: ast.Module) -> None:
        for node in module.body[:-1]:
            exec(compile(ast.Module([node], []), _FILE, "exec", dont_inherit=True), self.namespace)  # noqa: S102 - a prompt
        for node in module.body[-1:]:
            exec(compile(ast.Interactive([node]), _FILE, "single", dont_inherit=True), self.namespace)  # noqa: S102 - a prompt

    def _run_magic(self, line: str) -> dict[str, Any]:
        name, _, rest = line[1:].partition(" ")
        if not name:
            raise UnknownMagic("magic command not specified")
        magic: Callable[[Any], dict[str, Any]] | None = MAGICS.get(name)
        if magic is None:
            raise UnknownMagic(f"unknown magic command '{name}'")
        try:
            return magic(self.namespace[rest])
        except Exception as error:  # noqa: BLE001 - Livy puts a magic's failure into the data of an "ok"
            content = error_reply(error, with_traceback=False)
            return {"msg_type": "execute_reply", "content": content}

    @staticmethod
    def _reply(data: dict[str, Any] | None, printed: str) -> dict[str, Any]:
        data = dict(data or {})
        text = (data.pop("text/plain", "") + printed).rstrip()
        if text or not data:
            data["text/plain"] = text
        try:
            json.dumps(data)
        except (TypeError, ValueError):
            message = f"cannot json-ify {data}"
            return {"status": "error", "ename": "ValueError", "evalue": message, "traceback": []}
        return {"status": "ok", "data": data}

"""A notebook on a terminal: each cell as it starts, each output as it comes."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

__all__ = ["Transcript", "is_widget", "plain"]

_WIDGET = "application/vnd.jupyter.widget-view+json"
_OPAQUE = re.compile(r"<[\w.]+ object.*>")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CELL, _ROW, _BLOCK = {"td", "th"}, {"tr"}, {"p", "div", "br", "table", "li"}


def is_widget(output: Mapping[str, Any]) -> bool:
    """Is it a live widget (SparkMagic's progress bar), which means nothing without its browser?"""
    return _WIDGET in output.get("data", {})


def plain(output: Mapping[str, Any]) -> str:
    """Return what a user sees of an output, as text; nothing for a widget."""
    if output["output_type"] == "stream":
        return str(output["text"]).rstrip()
    if output["output_type"] == "error":
        return _COLOUR.sub("", "\n".join(output["traceback"]))
    data = output.get("data", {})
    text = str(data.get("text/plain", ""))
    if is_widget(output):
        return ""
    return _from_html(data["text/html"]) if _OPAQUE.fullmatch(text) and "text/html" in data else text


class Transcript:
    """Writes cells and outputs as they come."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_open = False

    def prose(self, text: str) -> None:
        """Write a Markdown cell."""
        self._write(f"\n{text}\n")

    def source(self, number: int, text: str) -> None:
        """Write a code cell before it runs."""
        first, *rest = text.splitlines() or [""]
        label = f"In [{number}]: "
        lines = [label + first, *(" " * len(label) + line for line in rest)]
        self._write("\n" + "\n".join(line.rstrip() for line in lines))

    def output(self, output: Mapping[str, Any]) -> None:
        """Write one output; a stream's next piece may go on in the line of the one before."""
        if output["output_type"] == "stream":
            text = str(output["text"])
            if text.strip() or self._is_open:
                print(text, end="", file=self._stream, flush=True)
                self._is_open = not text.endswith("\n")
        elif text := plain(output):
            self._write(text)

    def _write(self, text: str) -> None:
        print("\n" * self._is_open + text, file=self._stream, flush=True)
        self._is_open = False


class _Text(HTMLParser):
    """Rows on lines, cells apart."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _ROW | _BLOCK:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _CELL:
            self.parts.append("  ")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _from_html(html: str) -> str:
    page = _Text()
    page.feed(html)
    lines = (line.strip() for line in "".join(page.parts).splitlines())
    return "\n".join(line for line in lines if line)

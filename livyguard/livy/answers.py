"""Livy's words out of whatever body came: ``{"msg": …}``, a bare JSON string, an HTML page, nothing."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests

__all__ = ["body_of", "message_of", "no_json"]

LONGEST = 500
#: An error page says what it is at its beginning, and the parser takes a minute for a long one that is broken.
LONGEST_PAGE = 4_000
GZIP = b"\x1f\x8b"


class _Page(HTMLParser):
    """Collects the title and the visible text of an error page."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.text: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - HTMLParser's signature
        if tag in {"title", "script", "style"}:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.text.append(data)
        elif self._inside[-1] == "title":
            self.title += data


def body_of(response: requests.Response) -> str:
    """Return the text of an answer. Livy 0.9 compresses even an empty body, and does not say so in the headers."""
    content: bytes | str = response.content  # requests-kerberos empties an unproven answer into a text
    if isinstance(content, str):
        return content
    if not content.startswith(GZIP) or "Content-Encoding" in response.headers:
        return response.text
    try:
        return gzip.decompress(content).decode("utf-8", "replace")
    except (OSError, EOFError, zlib.error):
        return ""


def no_json(body: str) -> str | None:
    """Return in words what came where JSON was expected; None for what may be JSON."""
    if body.strip() and not body.lstrip().startswith("<"):
        return None
    said = message_of(body)
    return f"a page that says “{said}”, not with JSON" if said else "an empty page, not with JSON"


def message_of(body: str) -> str:
    """Return Livy's message in one line of at most 500 characters; empty where the body says nothing."""
    text = body.strip()
    if text.startswith("<"):
        return _one_line(_from_page(text))
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return _one_line(text)
    if isinstance(content, dict):
        content = content.get("msg", content.get("message", text if content else ""))
    return _one_line(content if isinstance(content, str) else text)


def _from_page(text: str) -> str:
    page = _Page()
    page.feed(text[:LONGEST_PAGE])
    page.close()
    return page.title.strip() or " ".join(page.text)


def _one_line(text: str) -> str:
    line = re.sub(r"\s+", " ", text[:LONGEST_PAGE]).strip()
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"

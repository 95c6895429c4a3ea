"""What IPython hands to one of SparkMagic's magics, and SparkMagic to its client."""

from __future__ import annotations

from typing import Any

from sparkmagic.livyclientlib.exceptions import BadUserDataException
from sparkmagic.utils.utils import parse_argstring_or_throw

from livyguard.errors import InvalidInput

__all__ = ["line_and_cell", "options", "session_number"]


def line_and_cell(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, str]:
    """Return a magic's line, and its cell if it is a cell magic."""
    cell = args[1] if len(args) > 1 else kwargs.get("cell", "")
    return str(args[0] if args else kwargs.get("line", "")), str(cell or "")


def session_number(args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
    """Return the number of the session that a request is about: the client's methods take it first."""
    return int(args[0] if args else kwargs["session_id"])


def options(magic: Any, line: str) -> Any:
    """Return the options that a magic of SparkMagic declares.

    Raises:
        InvalidInput: there is no such option.
    """
    try:
        return parse_argstring_or_throw(magic, line)
    except (BadUserDataException, ValueError) as error:
        raise InvalidInput(str(error)) from None

"""Completion and "did you mean" for the options of the ``%livy_…`` magics, both from their declarations."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher
from IPython.core.error import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["complete_options", "options_of", "parse"]

IDENTIFIER = "livyguard.magic_options"
#: Between an option and a negative value, which argparse takes for another option.
_NEGATIVE = re.compile(r"(?<!\S)(--[a-z-]+)\s+(?=-[0-9])")


def options_of(magic: Any) -> list[str]:
    """Return the options that a magic declares, ``--idle-for`` before ``-o``."""
    return sorted(
        (option for action in magic.parser._actions for option in action.option_strings),  # noqa: SLF001 - argparse has no public list
        key=lambda option: (not option.startswith("--"), option),
    )


def parse(magic: Any, line: str) -> Any:
    """Return a magic's arguments.

    Raises:
        UsageError: IPython shows it in one line; an unknown option is answered with the nearest that exists.
    """
    magic.parser.allow_abbrev = False  # a slip is asked about, also one that is the beginning of an option
    try:
        return magic.parser.parse_args(_words(_NEGATIVE.sub(r"\1=", line)))
    except ValueError as error:  # a quotation mark that is not closed
        raise UsageError(f"%{magic.__name__}: {error}.") from None
    except UsageError as error:
        import difflib  # only for those who mistype

        known = options_of(magic)
        wrong = [word.partition("=")[0] for word in line.split() if word.startswith("-")]
        meant = [
            f"{word}: did you mean {near[0]}?"
            for word in wrong
            if word not in known and (near := difflib.get_close_matches(word, known, n=1, cutoff=0.5))
        ]
        said = " ".join(meant) or f"{error}. " + f"Options: {', '.join(known)}." * bool(known)
        raise UsageError(f"%{magic.__name__}: {said}".strip()) from None


def _words(line: str) -> list[str]:
    """Split as a shell does, quotation marks taken off; but a backslash is one, as in a path of Windows'."""
    lexer = shlex.shlex(line, posix=True)
    lexer.whitespace_split, lexer.escape, lexer.commenters = True, "", ""
    return list(lexer)


def complete_options(find: Callable[[str], Any]) -> Any:
    """Return a matcher that completes options on the magics' own lines, and leaves every other line alone.

    Args:
        find: returns the magic of a name, or None.
    """

    @context_matcher(identifier=IDENTIFIER, priority=100)  # type: ignore[untyped-decorator, unused-ignore]
    def matcher(context: CompletionContext) -> Any:
        line = context.full_text.splitlines()[context.cursor_line] if context.full_text else ""
        name = line.lstrip("% ").partition(" ")[0]
        magic = find(name) if line.startswith("%") and " " in line else None
        if magic is None or not context.token.startswith("-"):
            return {"completions": [], "suppress": False}
        found = [SimpleCompletion(option, type="option") for option in options_of(magic)]
        return {
            "completions": [one for one in found if one.text.startswith(context.token)],
            "suppress": True,
            "matched_fragment": context.token,
        }

    return matcher

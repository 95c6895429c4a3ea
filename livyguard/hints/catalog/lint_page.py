"""The form of a page of lint: what it means, why it matters, what to do, and the same policy before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livyguard.hints.entry import Entry

if TYPE_CHECKING:
    from livyguard.hints.model import Severity

__all__ = ["page"]

_FORM = """
## What it means

{means}

```toml
{before}
```

## Why it matters

{why}

## What to do

{todo}

```toml
{after}
```
"""


def page(
    code: str,
    name: str,
    title: str,
    *,
    means: str,
    why: str,
    todo: str,
    before: str,
    after: str,
    severity: Severity = "warning",
) -> Entry:
    """Return the entry of a check of lint; ``before`` is a whole policy that fires it, ``after`` one that does not.

    The severity is the check's, a fault there a failure here: a test holds the two together.
    """
    parts = {"means": means, "why": why, "todo": todo, "before": before, "after": after}
    return Entry(
        code, name, title, _FORM.format(**{part: text.strip() for part, text in parts.items()}), severity=severity
    )

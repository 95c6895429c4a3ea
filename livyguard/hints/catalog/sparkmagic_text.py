"""The long forms of LG901 to LG904."""

from __future__ import annotations

__all__ = ["CONFIG", "HIDDEN", "NEIGHBOURS", "STICKY"]

HIDDEN = """
## What it means

SparkMagic sent a request to Livy and got no answer. It says `maximum retry encountered` at the first failure already:
it tries again only after an answer of 500 and above. Why there was none stands in its log alone
(`~/.sparkmagic/logs`), at the line `Request to '…' failed with '…'`.

## Why

Livy is down (LG604) or silent (LG605), its name does not resolve (LG606), TLS fails (LG607), or the connection was cut
midway. Where livyguard is loaded it looks at SparkMagic's own request and shows that cause with its code.

## What to do

`%livy_sessions`, or `livyguard sessions` in a terminal, asks the same address in the same way and says what is wrong.
Once Livy answers, run the cell again; `%livy_recover` if SparkMagic goes on repeating the error. No kernel restart is
needed.
"""

STICKY = """
## What it means

The start of a session failed, and SparkMagic keeps that error: whatever wants a session shows it again,
whatever has been mended since. Its text ends in "Restart the kernel".

## What to do

Mend what the first line names. Then `%livy_recover` makes SparkMagic forget the error, and the next Spark cell starts a
session: no kernel restart, and settings and local variables stay. Where livyguard fails cells (the default), a failed
start does not stick at all.

Only an error of the kernel's own start, before any cell ran (`Failed to load the Spark kernels magics library`,
`Failed to change language`), needs the restart: LG903 and LG904 are such.
"""

CONFIG = """
## What it means

SparkMagic's config.json cannot be used: it is no JSON, names a kind of log-in that does not exist, or holds a
`base64_password` that is no base64.

## Why

| the error says | what to look at |
|---|---|
| `is no JSON`, `JSONDecodeError` | a comma too many or too few, a comment, single quotes: line and column are named |
| `Auth 'X' not supported` | `auth` is `None`, `Basic_Access`, `Kerberos`, or a name in `authenticators` |
| `contains invalid base64 string` | a plain password belongs into `password`, not into `base64_password` |
| `Retry policy 'X' not supported` | `retry_policy` is `linear` or `configurable` |

## What to do

Mend the file: `~/.sparkmagic/config.json`, or where `SPARKMAGIC_CONF_DIR` and `SPARKMAGIC_CONF_FILE` say. A kernel
reads it once, when it starts (one that reads no JSON there dies at once), so restart the kernel then; `%livy_recover`
does not help here. `livyguard sessions` in a terminal reads the same file and needs no restart.
"""

NEIGHBOURS = """
## What it means

SparkMagic, or the autovizwidget that comes with it, uses something that the installed pandas, ipykernel or Python no
longer has (or has in another form). The kernel starts and refuses every cell, or dies at once.

## Why

An environment was updated in part. SparkMagic before 0.20 needs pandas below 1.5 and ipykernel below 6; SparkMagic 0.23
works with pandas 1 and 2 and with ipykernel 6 and 7.

## What to do

Update SparkMagic in the Python that the kernel runs in (its kernel.json says which), and hold pandas below 3. Then
restart the kernel: nothing else loads the new packages.
"""

"""What reading or linting an agreement found: one value per fault, warning or hint, with its line."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

#: From the gravest to the mildest. An `error` keeps an agreement from being read at all.
LEVELS = ("error", "warning", "info")


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One remark about an agreement's text. `line` is 1-based (0: none applies); `next` says what to do about it.

    `fault` says whose it is to mend: the `author` of the text, or the `operator` of the node whose register or agreements lack something.
    """

    line: int
    level: str
    message: str
    next: str = ""
    fault: str = "author"


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The findings by line, the gravest first within one line, each once."""
    return sorted(set(findings), key=lambda f: (f.line, LEVELS.index(f.level), f.message))

"""Our own expressions of RE2 (strangers': `linear_regex`): their time is linear in the text, whatever stands in it; case counts not.

Each is compiled when it is first used: most runs of the program look through no text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, Protocol

import re2

#: A search in UTF-8 bytes; None: nothing fits.
Look = Callable[[bytes], object]


class Match(Protocol):
    """Where an expression fits: its groups, 0 for all of it; None for one that is in no part of it."""

    def group(self, at: int) -> Any: ...
    def groups(self) -> tuple[Any, ...]: ...


class Expression:
    """One expression, over texts."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _made(self) -> re2._Regexp:
        return re2.compile(self._text, options=_options(32 << 20))

    def sub(self, by: str, text: str) -> str:
        """The text with `by` (which may name groups) wherever it fits."""
        return str(self._made.sub(by, text))

    def finditer(self, text: str) -> Iterator[Match]:
        """Wherever it fits."""
        return iter(self._made.finditer(text))

    def fullmatch(self, text: str) -> bool:
        """Whether it fits the whole text."""
        return self._made.fullmatch(text) is not None

    def search(self, text: str) -> bool:
        """Whether it fits anywhere."""
        return self._made.search(text) is not None


def look(text: str) -> Look:
    """A look for an expression in the bytes of a text, as quick as can be: compiled at once."""
    options = _options(64 << 20)
    options.encoding = re2.Options.Encoding.UTF8
    found: Look = re2.compile(text.encode(), options=options).search
    return found


def _options(memory: int) -> re2.Options:
    """`memory`: bytes that an expression may take."""
    options = re2.Options()
    options.case_sensitive, options.log_errors, options.max_mem = False, False, memory
    return options

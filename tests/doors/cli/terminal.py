"""A terminal to write to, and a text that would take it over."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

#: Sets a window's title, erases the screen in one C1 character, reverses what follows, tags it invisibly.
HOSTILE = "a\x1b]0;gone\x07b\x9b2Jc\u202ed\U000e0041e\x7f"
OBEYED = set("\x1b\x07\x9b\u202e\U000e0041\x7f")


class Terminal(io.TextIOWrapper):
    """A stream that says it is one, and keeps what it is given."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")

    def isatty(self) -> bool:
        return True

    def said(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode()  # type: ignore[attr-defined]


@contextmanager
def on_terminal() -> Iterator[Terminal]:
    made = Terminal()
    with redirect_stdout(made), redirect_stderr(made):
        yield made

"""Where each key and value of a TOML document stands, as 1-based lines (`tomllib` keeps no positions).

The scanner runs only over text that `tomllib` has accepted, so it need not judge the grammar, only walk it. `overlong` runs before.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

#: A place in the document: `("clause", 0, "to", "standing", 1)`.
Path = tuple[str | int, ...]

#: Names that one key or header joins by dots: `tomllib` takes time and memory by their square.
MOST_NAMES = 16
#: Names and indexes of one path; every path within it costs as much as it is long.
LONGEST_PATH = 64

# Comments and strings as wholes (one that does not end goes on to the end of its line, or of the text), dots, and what ends a key.
_MARK = re.compile(
    r"""#[^\n]*+|"{3}(?:[^"\\]++|\\[\s\S]|"(?!""))*+"{0,5}|'{3}(?:[^']++|'(?!''))*+'{0,5}"""
    r"""|"(?:[^"\\\n]++|\\.)*+"?|'[^'\n]*+'?|[.=,\[\]{}\n]"""
)
_BARE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


def overlong(text: str) -> int | None:
    """The line of the first key or header of more than `MOST_NAMES` names, in any text and in linear time; None if there is none."""
    dots = 0
    for found in _MARK.finditer(text):
        mark = text[found.start()]
        if mark == ".":
            dots += 1
        elif mark not in "\"'":
            dots = 0
        if dots == MOST_NAMES:
            return text.count("\n", 0, found.start()) + 1
    return None


class Lines:
    """Path -> line over one accepted TOML document. Raises RecursionError for a path longer than `LONGEST_PATH`."""

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self._starts = [0] + [at + 1 for at, char in enumerate(self._text) if char == "\n"]
        self._at = 0
        self._lines: dict[Path, int] = {}
        # Tables that a header only passes through: `party` in [party.KZ]. A header of their own counts more.
        self._implied: dict[Path, int] = {}
        self._arrays: dict[Path, int] = {}
        self._document()

    def of(self, path: Path) -> int:
        """The line of a path, or of the nearest enclosing table that is written down; 1 for the document itself."""
        while path:
            line = self._lines.get(path) or self._implied.get(path)
            if line:
                return line
            path = path[:-1]
        return 1

    def _document(self) -> None:
        table: Path = ()
        while self._blank():
            if self._peek("[["):
                table = self._header(2)
            elif self._peek("["):
                table = self._header(1)
            else:
                self._pair(table)

    def _header(self, brackets: int) -> Path:
        start = self._at
        self._at += brackets
        names = self._key()
        self._spaces()
        self._at += brackets
        path: Path = ()
        for name in names[:-1]:
            path = self._inside((*path, name))
            self._implied.setdefault(path, self._line(start))
        path = (*path, names[-1])
        if brackets == 2:
            self._arrays[path] = self._arrays.get(path, -1) + 1
            self._mark(path, start)
        path = self._inside(path)
        self._mark(path, start)
        return path

    def _inside(self, path: Path) -> Path:
        return (*path, self._arrays[path]) if path in self._arrays else path

    def _pair(self, table: Path) -> None:
        start = self._at
        path = table
        for name in self._key():
            path = (*path, name)
            self._mark(path, start)
        self._spaces()
        self._at += 1  # "="
        self._value(path)

    def _key(self) -> list[str]:
        names: list[str] = []
        while True:
            self._spaces()
            start = self._at
            if self._text[start] in "\"'":
                self._string()
                # tomllib itself undoes the escapes of a quoted key.
                names += tomllib.loads(self._text[start : self._at] + "=0")
            else:
                while self._text[self._at] in _BARE:
                    self._at += 1
                names.append(self._text[start : self._at])
            self._spaces()
            if not self._peek("."):
                return names
            self._at += 1

    def _value(self, path: Path) -> None:
        self._spaces()
        self._mark(path, self._at)
        char = self._text[self._at]
        if char in "\"'":
            self._string()
        elif char == "[":
            self._array(path)
        elif char == "{":
            self._at += 1
            while self._blank() and not self._peek("}"):
                self._pair(path)
                self._blank()
                if self._peek(","):
                    self._at += 1
            self._at += 1
        else:
            while self._at < len(self._text) and self._text[self._at] not in ",]}#\n":
                self._at += 1

    def _array(self, path: Path) -> None:
        self._at += 1
        index = 0
        while self._blank() and not self._peek("]"):
            self._value((*path, index))
            index += 1
            self._blank()
            if self._peek(","):
                self._at += 1
        self._at += 1

    def _string(self) -> None:
        quote = self._text[self._at]
        if self._peek(quote * 3):
            self._at += 3
            while not self._peek(quote * 3):
                self._at += 2 if quote == '"' and self._peek("\\") else 1
            self._at += 3
            # Up to two quotes may stand directly before the closing three (TOML 1.0, Multi-line strings).
            while self._peek(quote):
                self._at += 1
            return
        self._at += 1
        while not self._peek(quote):
            self._at += 2 if quote == '"' and self._peek("\\") else 1
        self._at += 1

    def _mark(self, path: Path, at: int) -> None:
        if len(path) > LONGEST_PATH:
            raise RecursionError
        self._lines.setdefault(path, self._line(at))

    def _line(self, at: int) -> int:
        return bisect_right(self._starts, at)

    def _peek(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _spaces(self) -> None:
        while self._at < len(self._text) and self._text[self._at] in " \t":
            self._at += 1

    def _blank(self) -> bool:
        """Skip blanks, line ends and comments; False at the end of the text."""
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == "#":
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
            elif char in " \t\n":
                self._at += 1
            else:
                return True
        return False

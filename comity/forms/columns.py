"""Logs in columns that a header names: CSV (comma, semicolon, tab or bar between cells) and the W3C extended format (IIS, proxies).

The header is told from rows by its words (`field_names`); a file may hold several, one after another, and lines before the first. A row
that has not as many cells as its header is read as free text, and so is each line of a cell that goes over several: nothing is
remembered between lines but the header, so that a broken quote harms no other line.
"""

from __future__ import annotations

import csv
import re

from comity.forms.candidates import URL, Candidate, State, text_of
from comity.forms.field_names import compact, known, role_of
from comity.forms.field_values import candidates_in
from comity.forms.textlines import LineReader

DELIMITERS = ",;\t|"
#: A name in a header; a row has numbers, addresses and URLs.
_NAME = re.compile(r"[A-Za-z_@#][\w .@/()#+-]{0,63}\Z")
_LONGEST_HEADER = 16_384
#: What a header line consists of, to put most rows aside quickly.
_LINE = re.compile(rb"[A-Za-z_@#\"'\x80-\xff][\w .@/()#+\"',;\t|\x80-\xff-]*\r?\Z")
_W3C = b"#Fields:"
_QUOTED = re.compile(r'"(?:[^"]|"")*"|\S+')
_HOSTS = ("cshost", "host", "rhost")
_PATHS = ("csuristem", "csuripath", "uri", "path")


def header_of(line: bytes) -> tuple[str, list[str]] | None:
    """The delimiter and the names of a header line, None for any other line. Two names at least must be known ones."""
    if len(line) > _LONGEST_HEADER or not _LINE.match(line):
        return None
    text = text_of(line).strip("\r\n")
    delimiter = max(DELIMITERS, key=text.count)
    names = [name.strip(" '\"") for name in cells_of(text, delimiter)]
    while names and not names[-1]:
        names.pop()
    if len(names) < 2 or len(set(names)) < len(names) or not all(map(_NAME.match, names)):
        return None
    return (delimiter, names) if sum(map(known, names)) >= 2 else None


def cells_of(text: str, delimiter: str) -> list[str]:
    """The cells of one line; no cells where a quote stays open."""
    if '"' not in text:
        return text.split(delimiter)
    if text.count('"') % 2:
        return []
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return []


def _said(cell: str) -> str:
    """What a cell says, "" for nothing."""
    value = cell.strip(" \"'")
    return "" if value == "-" else value


class ColumnsReader:
    """Reads rows by the last header before them; a row before any header is free text."""

    def __init__(self) -> None:
        self._delimiter = ""
        self._names: list[str] = []
        self._roles: list[str | None] = []
        self._url: tuple[int, int, int | None, int | None] | None = None
        self._text = LineReader()

    @property
    def state(self) -> State:
        """The last header: its delimiter and names."""
        return self._delimiter, tuple(self._names)

    @state.setter
    def state(self, state: State) -> None:
        """Know what another reader knew."""
        if state is not None:
            self._plan(state[0], list(state[1]))

    @staticmethod
    def steers(line: bytes) -> bool:
        """Whether a line changes how those after it are read."""
        return line[:1] == b"#" or header_of(line) is not None

    def candidates(self, line: bytes) -> list[Candidate]:
        """The candidates of one line; a header has none."""
        if line.startswith(_W3C):
            names = text_of(line[len(_W3C) :]).split()
            # Exchange puts commas between them.
            self._plan(*((",", names[0].split(",")) if len(names) == 1 and "," in names[0] else (" ", names)))
            return []
        header = header_of(line)
        if header is not None:
            self._plan(*header)
            return []
        if line[:1] == b"#":
            return []
        if not self._names:
            return self._text.candidates(line)
        text = text_of(line)
        cells = _QUOTED.findall(text) if self._delimiter == " " else cells_of(text, self._delimiter)
        if len(cells) != len(self._names) and any(cells[len(self._names) :] or [True]):
            return self._text.candidates(line)
        found: list[Candidate] = []
        for name, role, cell in zip(self._names, self._roles, cells):
            value = _said(cell)
            if value:
                found.extend(candidates_in(name, role, value, self._text))
        self._whole_url(cells, found)
        return found

    def _plan(self, delimiter: str, names: list[str]) -> None:
        self._delimiter, self._names = delimiter, names
        self._roles = [role_of(name.replace("(", "").replace(")", "")) for name in names]
        at = {compact(name): index for index, name in reversed(list(enumerate(names)))}
        host, path = (next((at[word] for word in words if word in at), None) for words in (_HOSTS, _PATHS))
        query, scheme = at.get("csuriquery"), at.get("csurischeme")
        self._url = None if host is None or path is None else (host, path, query, scheme)

    def _whole_url(self, cells: list[str], found: list[Candidate]) -> None:
        """The URL of a row that keeps its host and its path in two columns."""
        if self._url is None:
            return
        host, path, query, scheme = ("" if at is None else _said(cells[at]) for at in self._url)
        if host and path[:1] == "/":
            more = f"?{query.removeprefix('?')}" if query and "?" not in path else ""
            found.append((self._names[self._url[1]], URL, f"{scheme or 'http'}://{host}{path}{more}"))

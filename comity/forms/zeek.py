"""Zeek logs: tab-separated with their own header (`#separator`, `#fields`, `#types`), and JSON streams.

A file may hold several logs one after another, each with a header; a row is read by the last header before it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from comity.forms.candidates import ADDRESS, EMAIL, HASH, HOST, URL, Candidate, State, looks_like_address, text_of
from comity.forms.field_values import in_url
from comity.forms.json_events import JsonReader, Parts

#: What Zeek's columns mean for matching; columns of type `addr` are addresses whatever their name.
ROLES = {
    **dict.fromkeys(("query", "answers", "host", "server_name", "san.dns", "helo", "request.host", "bound.host"), HOST),
    **dict.fromkeys(("domain", "hostname"), HOST),
    **dict.fromkeys(("referrer", "uri", "url"), URL),
    **dict.fromkeys(("md5", "sha1", "sha256", "fingerprint"), HASH),
    **dict.fromkeys(("mailfrom", "rcptto", "from", "to", "cc"), EMAIL),
}
_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})")
_MANY = re.compile(r"(?:set|vector|table)\[(\w+)\]")


class ZeekReader:
    """Reads Zeek's tab-separated logs, following every header line; a row before any header is free text. `addresses`: whether any are
    looked for; columns that hold only them are passed over where none is."""

    def __init__(self, *, addresses: bool = True) -> None:
        self._addresses = addresses
        self._separator = "\t"
        self._inner = ","
        self._unset = frozenset(("-", "(empty)", ""))
        self._fields: list[str] = []
        self._types: tuple[str, ...] = ()
        #: Number, name, role, whether there are several values, whether what stands there may be of no use.
        self._columns: list[tuple[int, str, str, bool, bool]] = []
        self._url: tuple[int, int] | None = None
        self._events = zeek_json(addresses=addresses)

    @property
    def state(self) -> State:
        """What the headers so far have said."""
        return self._separator, self._inner, self._unset, tuple(self._fields), self._types

    @state.setter
    def state(self, state: State) -> None:
        """Know what another reader knew."""
        if state is not None:
            self._separator, self._inner, self._unset, fields, types = state
            self._fields = list(fields)
            self._plan(types)

    def candidates(self, line: bytes) -> list[Candidate]:
        """The candidates of one line; a header line has none and changes how later rows are read."""
        if line[:1] == b"#":
            self._header(text_of(line))
            return []
        if not self._fields or line[:1] == b"{":  # JSON behind it in one file
            return self._events.candidates(line)
        text = text_of(line)
        cells, escaped = text.split(self._separator), "\\x" in text
        found: list[Candidate] = []
        for at, field, role, many, unsure in self._columns:
            if at >= len(cells):
                break
            value = cells[at]
            if value in self._unset:
                continue
            if many and self._inner in value:
                found += [(field, role, _unescape(item) if escaped else item) for item in value.split(self._inner)]
                continue
            if escaped:
                value = _unescape(value)
            if role == URL:
                found += in_url(field, value)
            elif not unsure or looks_like_address(value):
                found.append((field, role, value))
        if self._url:
            self._whole_url(cells, found)
        return found

    def record(self, line: bytes) -> Mapping[str, Any]:
        """The cells of a row by the names of their columns, those that are set."""
        if not self._fields or line[:1] == b"{":
            return self._events.record(line)
        cells = zip(self._fields, text_of(line).split(self._separator))
        return {field: _unescape(value) if "\\x" in value else value for field, value in cells if value not in self._unset}

    def _whole_url(self, cells: list[str], found: list[Candidate]) -> None:
        host_at, path_at = self._url or (0, 0)
        if max(host_at, path_at) >= len(cells) or cells[path_at] in self._unset:
            return
        if cells[path_at][:1] != "/":  # what a proxy is asked for
            found += in_url("uri", cells[path_at])
        elif cells[host_at] not in self._unset:
            found.append(("uri", URL, f"http://{cells[host_at]}{cells[path_at]}"))

    def _header(self, line: str) -> None:
        if line.startswith("#separator"):
            self._separator = _unescape(line[len("#separator") :].strip(" ")) or "\t"
            return
        name, *values = line.rstrip("\r\n").split(self._separator)
        if name == "#set_separator" and values and values[0]:
            self._inner = values[0]
        elif name in ("#unset_field", "#empty_field") and values:
            self._unset |= {values[0]}
        elif name == "#fields":
            self._fields = values
            self._plan(())
        elif name == "#types":
            self._plan(tuple(values))

    def _plan(self, types: tuple[str, ...]) -> None:
        """Which columns to look at: those with a role by name, and those that hold addresses by type (or may, without types)."""
        self._types = types
        self._columns = []
        for at, field in enumerate(self._fields):
            type_ = types[at] if at < len(types) else ""
            many = _MANY.match(type_)
            role = ROLES.get(field)
            if (many.group(1) if many else type_) == "addr" or (role is None and not types):
                role = ADDRESS
            if role is not None and field != "uri" and (self._addresses or role != ADDRESS):
                several = many is not None or (not types and field == "answers")
                self._columns.append((at, field, role, several, role == ADDRESS and not types))
        self._url = (self._fields.index("host"), self._fields.index("uri")) if {"host", "uri"} <= set(self._fields) else None


def _unescape(text: str) -> str:
    """Zeek writes bytes outside printable ASCII as \\xNN: read them back as UTF-8 where they are."""
    raw = _ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), text)
    try:
        return raw.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return raw


def zeek_json(*, addresses: bool = True) -> JsonReader:
    """A reader of Zeek's JSON streams (keys as the columns; `id.orig_h` and `id_orig_h` alike)."""
    return JsonReader(ROLES, (Parts("host", "uri"),), addresses=addresses)

"""Logs of one JSON object per line, read by the names of their keys, at any depth.

Which key means what is a table (`zeek.py`, `eve.py`) or, in logs of unknown make, what its name says (`AnyReader`). Addresses are taken
from any value that is one as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from comity.forms.candidates import ADDRESS, TEXT, URL, Candidate, Reader, looks_like_address
from comity.forms.field_names import role_of
from comity.forms.field_values import candidates_in, in_url
from comity.forms.textlogs import TextReader

_decode = msgspec.json.Decoder().decode
#: JSON that a log carries as text inside JSON, and so on, is read this deep.
_DEPTH = 3
#: Keys that name a field and those that hold what it says, where an object has one pair of them for each field.
_NAMES, _VALUES = ("@Name", "Name", "name"), ("#text", "content", "Value", "value")
#: How an event of Windows begins that is carried as XML, under whatever key.
_XML = ("<Event", "<?xml")


class Parts(NamedTuple):
    """Keys of one object between which a URL is divided. The scheme is `http` where no key says it, the port the host's own."""

    host: str
    path: str
    query: str = ""
    scheme: str = ""
    port: str = ""

    def url(self, event: Mapping[str, Any]) -> str:
        """The URL, empty where host or path are missing."""
        host, path = event.get(self.host), event.get(self.path)
        if type(host) is not str or type(path) is not str or path[:1] != "/" or not host:
            return ""
        query, scheme, port = event.get(self.query), event.get(self.scheme), event.get(self.port)
        more = f"?{query.removeprefix('?')}" if type(query) is str and query and "?" not in path else ""
        if type(port) is int and ":" not in host.rpartition("]")[2]:
            host = f"{host}:{port}"
        return f"{scheme if type(scheme) is str and scheme else 'http'}://{host}{path}{more}"


class JsonReader:
    """Reads one event per line. `roles` maps a key to its role; `parts` says where the parts of a URL are kept; `addresses`, whether they
    are looked for in all other values."""

    def __init__(self, roles: Mapping[str, str], parts: tuple[Parts, ...], text: Reader | None = None, *, addresses: bool = True) -> None:
        self._addresses = addresses
        self._roles = roles
        self._parts = parts
        self._text = TextReader() if text is None else text

    def candidates(self, line: bytes) -> list[Candidate]:
        """The candidates of one line; a line that is not JSON (a truncated one) is read as free text."""
        found = self.event(line)
        return self._text.candidates(line) if found is None else found

    def record(self, line: bytes) -> Mapping[str, Any]:
        """The event of one line by its keys, nested as it is; none where it is no event."""
        event = decoded(line)
        return event if type(event) is dict else {}

    def event(self, raw: bytes) -> list[Candidate] | None:
        """The candidates of an event, or an array of them; None where it is no JSON."""
        event = decoded(raw)
        found: list[Candidate] = []
        if type(event) is dict:
            self._object(event, "", found)
        elif type(event) is list:
            self._list("", event, "", found)
        else:
            return None
        return found

    def _object(self, event: dict[str, Any], prefix: str, found: list[Candidate]) -> None:
        for key, value in event.items():
            kind = type(value)
            if kind is str:
                self._value(key, value, prefix + key, found)
            elif kind is dict:
                self._object(value, f"{prefix}{key}.", found)
            elif kind is list:
                self._list(key, value, prefix + key, found)
        for parts in self._parts:
            url = parts.url(event)
            if url:
                found.append((prefix + parts.path, URL, url))

    def _list(self, key: str, values: list[Any], field: str, found: list[Candidate]) -> None:
        for value in values:
            kind = type(value)
            if kind is str:
                self._value(key, value, field, found)
            elif kind is dict:
                self._object(value, f"{field}." if field else "", found)
            elif kind is list:
                self._list(key, value, field, found)

    def _value(self, key: str, value: str, field: str, found: list[Candidate]) -> None:
        role = self._roles.get(key)
        if role is None:
            if self._addresses and looks_like_address(value):
                found.append((field, ADDRESS, value))
        elif role == URL:
            found += in_url(field, value)
        else:
            found.append((field, role, value))


class AnyReader(JsonReader):
    """Reads events of any make by what the names of their keys say (`field_names.role_of`), several values in one text included."""

    def __init__(self, parts: tuple[Parts, ...], text: Reader, depth: int = 0) -> None:
        super().__init__({}, parts, text)
        self._depth = depth

    def _object(self, event: dict[str, Any], prefix: str, found: list[Candidate]) -> None:
        # A pair for each field: events of Windows that were XML, headers of HTTP.
        name, value = (next((event[key] for key in keys if key in event), None) for keys in (_NAMES, _VALUES))
        if type(name) is str and type(value) is str:
            self._value(name, value, prefix + name, found)
        super()._object(event, prefix, found)

    def _value(self, key: str, value: str, field: str, found: list[Candidate]) -> None:
        role = TEXT if value.startswith(_XML) else role_of(field)
        if role == TEXT and value[:1] == "{" and self._depth < _DEPTH:
            inner = decoded(value.encode("utf-8", "surrogatepass"))
            if type(inner) is dict:
                AnyReader(self._parts, self._text, self._depth + 1)._object(inner, f"{field}.", found)
                return
        found.extend(candidates_in(field, role, value, self._text))


def decoded(line: bytes) -> Any:
    """A line as JSON, also where it is one element of an array whose brackets and commas stand beside it, or zeros, as in a log that was
    emptied while it was written. None if it is none."""
    try:
        return _decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        bare = line.strip(b" \t\x1e\0").rstrip(b",")
    if bare[:1] == b"[" and bare[-1:] != b"]":
        bare = bare[1:]
    elif bare[-1:] == b"]" and bare[:1] != b"[":
        bare = bare[:-1]
    if bare == line or bare.lstrip(b" ")[:1] != b"{":
        return None
    try:
        return _decode(bare)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None

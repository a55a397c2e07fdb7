"""Logs of one JSON object per line, read by the names of their keys, at any depth.

Which key means what is a table (`zeek.py`, `eve.py`); addresses are taken from any value that is one as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from comity.forms.candidates import ADDRESS, HOST, URL, Candidate, looks_like_address
from comity.forms.textlogs import TextReader

_decode = msgspec.json.Decoder().decode


class JsonReader:
    """Reads one event per line. `roles` maps a key to its role; `paths` says where a URL is kept as (host key, path key)."""

    def __init__(self, roles: Mapping[str, str], paths: Mapping[str, str]) -> None:
        self._roles = roles
        self._paths = paths
        self._text = TextReader()

    def candidates(self, line: bytes) -> list[Candidate]:
        """The candidates of one line; a line that is not a JSON object (a truncated one) is read as free text."""
        try:
            event = _decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return self._text.candidates(line)
        found: list[Candidate] = []
        if type(event) is dict:
            self._object(event, "", found)
        elif type(event) is list:
            self._list("", event, "", found)
        else:
            return self._text.candidates(line)
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
        for host_key, path_key in self._paths.items():
            host, path = event.get(host_key), event.get(path_key)
            if type(host) is str and type(path) is str and path[:1] == "/":
                found.append((prefix + path_key, URL, f"http://{host}{path}"))

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
        if role is not None:
            if role != URL or "://" in value:
                found.append((field, role, value))
            elif value[:1] != "/":
                found.append((field, HOST, value))
        elif looks_like_address(value):
            found.append((field, ADDRESS, value))

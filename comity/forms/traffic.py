"""What an event says besides its candidates, where its format is sure of it: the traffic it is about, and the names of files.

Zeek (`conn.log`, all logs with its `id`, `files.log`), Suricata's EVE, the Elastic Common Schema (source, destination, network, file).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Traffic(NamedTuple):
    """Who spoke to whom: addresses, ports and protocols as the event writes them; empty or None for what it does not say."""

    source: str
    target: str
    source_port: int | None
    target_port: int | None
    protocols: tuple[str, ...]


#: Source, target, their ports, and protocols, the outer ones first; a path is written with dots.
_KEYS = (
    ("id.orig_h", "id.resp_h", "id.orig_p", "id.resp_p", ("proto", "service")),
    ("id_orig_h", "id_resp_h", "id_orig_p", "id_resp_p", ("proto", "service")),
    ("src_ip", "dest_ip", "src_port", "dest_port", ("proto", "app_proto")),
    ("source.ip", "destination.ip", "source.port", "destination.port", ("network.transport", "network.protocol")),
)
#: Keys of a file's name; those that are not Zeek's own stand beside the file's hashes.
_NAMES = ("filename", "fileinfo.filename", "file.name")


def traffic_of(record: Mapping[str, Any]) -> Traffic | None:
    """The traffic that a record is about; None where it names no two addresses."""
    for source, target, source_port, target_port, protocols in _KEYS:
        one, other = at(record, source), at(record, target)
        if isinstance(one, str) and isinstance(other, str):
            said = (at(record, name) for name in protocols)
            named = tuple(word for text in said if isinstance(text, str) for word in text.lower().split(",") if word)
            return Traffic(one, other, _port(at(record, source_port)), _port(at(record, target_port)), named)
    return None


def file_names(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(where, name) of the files that a record names, without the folders that some write before it (EVE: the path of a URL).

    `where` is the key that holds the file, empty for the record itself.
    """
    found = ((name.rpartition(".")[0], at(record, name)) for name in _NAMES)
    named = ((where, text.replace("\\", "/").rpartition("/")[2]) for where, text in found if isinstance(text, str))
    return [(where, name) for where, name in named if name]


def at(record: Mapping[str, Any], path: str) -> Any:
    """What stands under a key, or under a path of keys, nested or written as one; None without it."""
    if path in record:
        return record[path]
    first, dot, rest = path.partition(".")
    inner = record.get(first) if dot else None
    return at(inner, rest) if isinstance(inner, Mapping) else None


def _port(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 5:
        value = int(value)
    return value if type(value) is int and 0 <= value <= 65_535 else None

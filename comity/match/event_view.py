"""One line of a log as STIX objects: what a pattern sees of it (STIX 2.1 section 6), all values in normal form.

The same texts are taken for names, addresses and the rest as the index takes them for, so that what meets `=` here is found there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address
from typing import Any

from comity.forms.candidates import ADDRESS, EMAIL, HASH, HOST, Candidate
from comity.forms.traffic import Traffic, file_names, traffic_of
from comity.match.index import host_of_url, without_port
from comity.terms.observable import HASH_KINDS, normal
from comity.terms.simple_pattern import HASH_NAMES

_KIND_OF_LENGTH = {length: kind for kind, length in HASH_KINDS.items()}
_TYPES = {"domain": "domain-name", "ipv4": "ipv4-addr", "ipv6": "ipv6-addr", "url": "url", "email": "email-addr"}


class Event:
    """The objects of one line by their ids, and of each the field and the text that it was made of."""

    def __init__(self, candidates: Iterable[Candidate], record: Mapping[str, Any]) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.sources: dict[str, tuple[str, str]] = {}
        self._files: dict[str, list[dict[str, Any]]] = {}
        for field, role, text in candidates:
            if role == HASH:
                self._hash(field, text)
            else:
                for kind, value in values_of(role, text):
                    self._value(kind, value, field, text)
        if record:
            for where, name in file_names(record):
                self._name(where, name)
            traffic = traffic_of(record)
            if traffic is not None:
                self._traffic(traffic)

    def _value(self, kind: str, value: str, field: str, text: str) -> str:
        id_ = f"{kind} {value}"
        if id_ not in self.objects:
            self._add(id_, {"type": _TYPES[kind], "value": value}, field, text)
        return id_

    def _add(self, id_: str, obj: dict[str, Any], field: str, text: str) -> None:
        self.objects[id_] = obj
        self.sources[id_] = field, text

    def _hash(self, field: str, text: str) -> None:
        """Hashes that stand beside each other are one file's, one of each algorithm."""
        kind = _KIND_OF_LENGTH.get(len(text))
        if kind is None:
            return
        name, value = HASH_NAMES[kind], text.lower()
        files = self._files.setdefault(field.rpartition(".")[0].removesuffix("hash").removesuffix("."), [])
        same = next((each for each in files if each["hashes"].get(name, value) == value), None)
        if same is None:
            same = {"type": "file", "hashes": {}}
            files.append(same)
            self._add(f"file {len(self.objects)}", same, field, text)
        same["hashes"][name] = value

    def _name(self, where: str, name: str) -> None:
        files = self._files.setdefault(where, [])
        if not files:
            files.append({"type": "file"})
            self._add(f"file {len(self.objects)}", files[0], f"{where}.name".lstrip("."), name)
        for each in files:
            each["name"] = name

    def _traffic(self, traffic: Traffic) -> None:
        ends = [values_of(ADDRESS, text)[:1] for text in (traffic.source, traffic.target)]
        if not ends[0] or not ends[1]:
            return
        ids = [self._value(*end[0], field, end[0][1]) for end, field in zip(ends, ("source", "target"))]
        obj: dict[str, Any] = {"type": "network-traffic", "src_ref": ids[0], "dst_ref": ids[1]}
        obj["protocols"] = [ends[1][0][0], *traffic.protocols]
        if traffic.source_port is not None:
            obj["src_port"] = traffic.source_port
        if traffic.target_port is not None:
            obj["dst_port"] = traffic.target_port
        said = f"{traffic.source}:{traffic.source_port} {traffic.target}:{traffic.target_port} {' '.join(traffic.protocols)}"
        self._add("traffic", obj, "traffic", said.replace(":None", "").rstrip())


def values_of(role: str, text: str) -> list[tuple[str, str]]:
    """(kind, normal value) of a candidate that is no hash: a URL has its host besides, an IPv4-mapped address both its forms."""
    if role == ADDRESS:
        return _address(text)
    if role == HOST:
        return _host(text)
    kind, bare = ("email", text.rpartition("<")[2].partition(">")[0]) if role == EMAIL else ("url", text)
    try:
        found = [(kind, normal(kind, bare))] if kind == "url" or "@" in text else []
    except ValueError:
        found = []
    return found if kind == "email" else [*found, *_host(host_of_url(text))]


def _host(text: str) -> list[tuple[str, str]]:
    name = without_port(text)
    if ":" in name or name[-1:].isdigit():
        found = _address(name)
        if found or ":" in name:
            return found
    name = name.lower().rstrip(".")
    if not name.isascii():
        try:
            name = normal("domain", name)
        except ValueError:
            return []
    return [("domain", name)] if 0 < len(name) <= 253 else []


def _address(text: str) -> list[tuple[str, str]]:
    if ":" not in text:
        try:
            IPv4Address(text)
        except ValueError:
            return []
        return [("ipv4", text)]
    mapped = text[7:] if text[:7].lower() == "::ffff:" and "." in text else ""
    try:
        found = [("ipv6", normal("ipv6", text))]
    except ValueError:
        return []
    return [*found, *_address(mapped)] if mapped and ":" not in mapped else found

"""MISP attribute types as STIX: which observable a value says, as an indicator (`to_ids`) or as a plain observable.

Composite types are read by their parts: `domain|ip` looks for either, `ip|port` for the address (the port stays in the
indicator's description), `filename|sha256` for the hash. Rules in other languages are patterns as they stand. For a type
that is not in these tables STIX has no place: a ValueError says so, and `forms.misp` keeps the attribute as MISP wrote it.
"""

from __future__ import annotations

import re
from typing import Any

from comity.terms.observable import HASH_KINDS, evident, guess
from comity.terms.simple_pattern import pattern_for
from comity.terms.stix import sco, sco_id

#: MISP type -> the kind of each of its `|` parts; "" is a part that is not looked for, "ip" an address or network.
OBSERVABLES: dict[str, tuple[str, ...]] = {
    "domain": ("domain",),
    "hostname": ("domain",),
    "ip-src": ("ip",),
    "ip-dst": ("ip",),
    "ip-src|port": ("ip", ""),
    "ip-dst|port": ("ip", ""),
    "domain|ip": ("domain", "ip"),
    "hostname|port": ("domain", ""),
    "url": ("url",),
    "uri": ("url",),
    "link": ("url",),
    "email": ("email",),
    "email-src": ("email",),
    "email-dst": ("email",),
    **{kind: (kind,) for kind in HASH_KINDS},
    **{f"filename|{kind}": ("", kind) for kind in HASH_KINDS},
    "malware-sample": ("", "md5"),
}
#: MISP type -> STIX type and property, for values that have no normal form of their own.
PLAIN: dict[str, tuple[str, str]] = {
    "filename": ("file", "name"),
    "mutex": ("mutex", "name"),
    "mac-address": ("mac-addr", "value"),
    "regkey": ("windows-registry-key", "key"),
}
#: MISP type that is a rule, and STIX `pattern_type` too (STIX 2.1 section 10.16) -> where a rule says its own name.
RULES: dict[str, re.Pattern[str]] = {
    "yara": re.compile(r"^[ \t]*(?:(?:private|global)[ \t]+)*rule[ \t]+(\w+)", re.MULTILINE | re.ASCII),
    "sigma": re.compile(r"^title:[ \t]*(\S.*)$", re.MULTILINE),
    "snort": re.compile(r'\bmsg:\s*"([^"]+)"'),
}
_PORTS = ("ip-src|port", "ip-dst|port", "hostname|port")


def parts(type_: str, value: str) -> list[tuple[str, str]]:
    """The (kind, normal value) pairs of an attribute of an `OBSERVABLES` type. Raises ValueError."""
    kinds = OBSERVABLES.get(type_)
    if kinds is None:
        raise ValueError(f"STIX has no place for attribute type {type_}")
    texts = value.split("|", len(kinds) - 1) if len(kinds) > 1 else [value]
    if len(texts) < len(kinds):
        raise ValueError(f"{value[:80]!r} does not have the {len(kinds)} parts of {type_}")
    return [_part(kind, text) for kind, text in zip(kinds, texts, strict=True) if kind]


def _part(kind: str, text: str) -> tuple[str, str]:
    if kind != "ip":
        return evident(kind, text)
    found = guess(text)
    if found is None or found[0] not in ("ipv4", "ipv6", "cidr"):
        raise ValueError(f"{text[:80]!r} is not an address or network")
    return found


def pattern(type_: str, value: str) -> str:
    """The pattern that looks for an attribute's value, in the language `pattern_type`. Raises ValueError for what has none."""
    if type_ in RULES:
        return value
    if type_ in PLAIN:
        stix_type, key = PLAIN[type_]
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"[{stix_type}:{key} = '{escaped}']"
    pieces = [pattern_for(kind, text)[1:-1] for kind, text in parts(type_, value)]
    return f"[{' OR '.join(pieces)}]"


def pattern_type(type_: str) -> str:
    """The language of an attribute's `pattern`: that of the rule it is, else STIX patterning."""
    return type_ if type_ in RULES else "stix"


def title(type_: str, value: str) -> str:
    """What to call an indicator: the name that a rule gives itself, else the value."""
    if type_ not in RULES:
        return value
    said = RULES[type_].search(value)
    return said.group(1).strip()[:200] if said else f"{type_} rule"


def aside(type_: str, value: str) -> str:
    """What a value says beside its pattern: the port of an address or host, as a sentence; "" for nothing."""
    port = value.partition("|")[2].strip() if type_ in _PORTS else ""
    return f"Port {port}." if port else ""


def observables(type_: str, value: str) -> list[dict[str, Any]]:
    """The STIX 2.1 observables that an attribute's value says. Raises ValueError for what is none."""
    if type_ in RULES:
        raise ValueError(f"a {type_} rule that is not meant for detection (to_ids is off) is no indicator")
    if type_ in PLAIN:
        stix_type, key = PLAIN[type_]
        obj: dict[str, Any] = {"type": stix_type, "spec_version": "2.1", "id": "", key: value}
        return [obj | {"id": sco_id(obj)}]
    return [sco(kind, text) for kind, text in parts(type_, value)]

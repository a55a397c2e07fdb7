"""MISP attribute types as STIX: which observable a value says, as an indicator (`to_ids`) or as a plain observable.

Composite types are read by their parts: `domain|ip` looks for either, `ip|port` for the address (the port stays in the
description), `filename|sha256` for the hash. A type that is not in these tables is not converted, and said so.
"""

from __future__ import annotations

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


def parts(type_: str, value: str) -> list[tuple[str, str]]:
    """The (kind, normal value) pairs of an attribute of an `OBSERVABLES` type. Raises ValueError."""
    kinds = OBSERVABLES[type_]
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
    """The STIX pattern that looks for an attribute's value. Raises ValueError for a value that is not of its type."""
    if type_ in PLAIN:
        stix_type, key = PLAIN[type_]
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"[{stix_type}:{key} = '{escaped}']"
    pieces = [pattern_for(kind, text)[1:-1] for kind, text in parts(type_, value)]
    return f"[{' OR '.join(pieces)}]"


def observables(type_: str, value: str) -> list[dict[str, Any]]:
    """The STIX 2.1 observables that an attribute's value says. Raises ValueError for a value that is not of its type."""
    if type_ in PLAIN:
        stix_type, key = PLAIN[type_]
        obj: dict[str, Any] = {"type": stix_type, "spec_version": "2.1", "id": "", key: value}
        return [obj | {"id": sco_id(obj)}]
    return [sco(kind, text) for kind, text in parts(type_, value)]

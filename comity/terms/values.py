"""The observable values an object carries, in normal form: what search and correlation look up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from comity.terms.observable import normal
from comity.terms.stix import pattern_value

_KINDS = {"domain-name": "domain", "ipv4-addr": "ipv4", "ipv6-addr": "ipv6", "url": "url", "email-addr": "email"}
_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-512": "sha512"}


def observables(obj: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(kind, normal form) of an indicator's simple pattern or of a cyber-observable; values without a normal form are left out."""
    type_ = obj.get("type")
    if type_ == "indicator":
        pattern = obj.get("pattern")
        return pattern_value(pattern) if isinstance(pattern, str) and obj.get("pattern_type", "stix") == "stix" else []
    if type_ == "file":
        hashes = obj.get("hashes")
        pairs = [(kind, hashes.get(name)) for name, kind in _HASHES.items()] if isinstance(hashes, dict) else []
    elif type_ in _KINDS:
        value = obj.get("value")
        kind = _KINDS[type_]
        pairs = [("cidr" if isinstance(value, str) and "/" in value and kind in ("ipv4", "ipv6") else kind, value)]
    else:
        return []
    found = []
    for kind, value in pairs:
        if isinstance(value, str):
            try:
                found.append((kind, normal(kind, value)))
            except ValueError:
                continue
    return found

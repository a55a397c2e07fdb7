"""The deterministic ids of STIX's cyber-observables (STIX 2.1 section 2.9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid5

import rfc8785

from comity.terms.stix_types import CONTRIBUTING, SCO_NAMESPACE

_HASH_PREFERENCE = ("MD5", "SHA-1", "SHA-256", "SHA-512")


def sco_id(obj: Mapping[str, Any]) -> str:
    """The deterministic id of a cyber-observable (STIX 2.1 section 2.9): UUIDv5 over RFC 8785 of what contributes.

    Of `hashes` one contributes, the first of MD5, SHA-1, SHA-256, SHA-512, and else the first there is, where the standard is silent and
    the reference library does this. Raises ValueError when nothing contributes.
    """
    type_ = str(obj.get("type", ""))
    contributing: dict[str, Any] = {}
    for key in CONTRIBUTING.get(type_, ()):
        if key not in obj:
            continue
        value = obj[key]
        if key == "hashes":
            name = next((n for n in (*_HASH_PREFERENCE, *value) if n in value), None)
            if name is None:
                continue
            value = {name: value[name]}
        contributing[key] = value
    if not contributing:
        raise ValueError(f"a {type_ or 'nameless type'} without any of its contributing properties has no deterministic id")
    return f"{type_}--{uuid5(SCO_NAMESPACE, rfc8785.dumps(contributing).decode('utf-8'))}"

"""MISP attribute types as STIX: which observable a value says, as an indicator (`to_ids`) or as a plain observable.

Composite types are read by their parts: `domain|ip` looks for either, `ip|port` for the address (the port stays in the
indicator's description), `filename|sha256` for the hash. Rules in other languages are patterns as they stand. For a type
that is not in these tables STIX has no place: a ValueError says so, and `forms.misp` keeps the attribute as MISP wrote it.
"""

from __future__ import annotations

import re
from typing import Any

from comity.forms.misp_paths import HASHES, comparison, put, split, typed
from comity.terms.observable import HASH_KINDS, evident, guess
from comity.terms.pattern_check import check_pattern
from comity.terms.simple_pattern import pattern_for
from comity.terms.stix import sco, sco_id

#: MISP type -> the kind of each of its `|` parts; "" is a part that is not looked for, "ip" an address or network.
OBSERVABLES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("domain", "hostname", "onion-address"), ("domain",)),
    **dict.fromkeys(("ip-src", "ip-dst"), ("ip",)),
    **dict.fromkeys(("ip-src|port", "ip-dst|port"), ("ip", "")),
    "domain|ip": ("domain", "ip"),
    "hostname|port": ("domain", ""),
    **dict.fromkeys(("url", "uri", "link"), ("url",)),
    **dict.fromkeys(("email", "email-src", "email-dst", "email-reply-to", "target-email"), ("email",)),
    **dict.fromkeys(("whois-registrant-email", "dns-soa-email"), ("email",)),
    **{kind: (kind,) for kind in HASH_KINDS},
    **{f"filename|{kind}": ("", kind) for kind in HASH_KINDS},
    "malware-sample": ("", "md5"),
}
_HASH_TYPES = {type_: name for name, (type_, _) in HASHES.items()}
#: MISP type -> where its value stands in a STIX observable, for values that have no normal form of their own.
PLAIN: dict[str, str] = {
    "filename": "file:name",
    "email-attachment": "file:name",
    **{kind: f"file:hashes.{name}" for kind, name in _HASH_TYPES.items() if kind not in HASH_KINDS},
    "mutex": "mutex:name",
    "mac-address": "mac-addr:value",
    "regkey": "windows-registry-key:key",
    "AS": "autonomous-system:number",
    "email-subject": "email-message:subject",
    "email-body": "email-message:body",
    "email-message-id": "email-message:message_id",
    **{f"x509-fingerprint-{kind}": f"x509-certificate:hashes.{_HASH_TYPES[kind]}" for kind in ("md5", "sha1", "sha256")},
    **dict.fromkeys(("github-username", "twitter-id", "jabber-id", "eppn"), "user-account:account_login"),
}
#: MISP types of two parts, both of which an observable says.
PAIRS: dict[str, tuple[str, str]] = {
    "regkey|value": ("windows-registry-key:key", "windows-registry-key:values.data"),
    **{f"filename|{kind}": ("file:name", path) for kind, path in PLAIN.items() if path.startswith("file:hashes.")},
}
#: MISP type -> the STIX type that it is the name of.
NAMED = {"vulnerability": "vulnerability", "campaign-name": "campaign", "threat-actor": "threat-actor"}
#: MISP type that is a rule, and STIX `pattern_type` too (STIX 2.1 section 10.16) -> where a rule says its own name.
RULES: dict[str, re.Pattern[str]] = {
    "yara": re.compile(r"^[ \t]*(?:(?:private|global)[ \t]+)*rule[ \t]+(\w+)", re.MULTILINE | re.ASCII),
    "sigma": re.compile(r"^title:[ \t]*(\S.*)$", re.MULTILINE),
    "snort": re.compile(r'\bmsg:\s*"([^"]+)"'),
    "suricata": re.compile(r'\bmsg:\s*"([^"]+)"'),
}
STIX_PATTERN = "stix2-pattern"
_PORTS = {"ip-src|port": "src", "ip-dst|port": "dst", "hostname|port": "dst"}


def parts(type_: str, value: str) -> list[tuple[str, str]]:
    """The (kind, normal value) pairs of an attribute of an `OBSERVABLES` type. Raises ValueError."""
    kinds = OBSERVABLES.get(type_)
    if kinds is None:
        raise ValueError(f"STIX has no place for attribute type {type_}")
    return [_part(kind, text) for kind, text in zip(kinds, _split(type_, value, len(kinds)), strict=True) if kind]


def _split(type_: str, value: str, count: int) -> list[str]:
    texts = value.split("|", count - 1) if count > 1 else [value]
    if len(texts) < count:
        raise ValueError(f"{value[:80]!r} does not have the {count} parts of {type_}")
    return texts


def _part(kind: str, text: str) -> tuple[str, str]:
    if kind != "ip":
        return evident(kind, text)
    found = guess(text)
    if found is None or found[0] not in ("ipv4", "ipv6", "cidr"):
        raise ValueError(f"{text[:80]!r} is not an address or network")
    return found


def _places(type_: str, value: str) -> list[tuple[str, str]]:
    """(path, text) of each part of a `PLAIN` or `PAIRS` type."""
    if type_ in PLAIN:
        return [(PLAIN[type_], value)]
    return [(path, text.strip()) for path, text in zip(PAIRS[type_], _split(type_, value, 2), strict=True)]


def says_something(type_: str, value: str, flagged: bool) -> bool:
    """Whether an attribute is anything in STIX by itself."""
    if type_ in NAMED:
        return True
    if not any(type_ in known for known in (OBSERVABLES, PLAIN, PAIRS, RULES, (STIX_PATTERN,))):
        return False
    try:
        return bool(pattern(type_, value) if flagged else observables(type_, value))
    except ValueError:
        return False


def pattern(type_: str, value: str) -> str:
    """The pattern that looks for an attribute's value, in the language `pattern_type`. Raises ValueError for what has none."""
    if type_ in RULES:
        return value
    if type_ == STIX_PATTERN:
        wrong = [finding.text for finding in check_pattern(value) if finding.wrong]
        if wrong:
            raise ValueError(f"it is not a STIX pattern: {wrong[0]}")
        return value
    if type_ in PLAIN or type_ in PAIRS:
        return f"[{' AND '.join(comparison(path, text) for path, text in _places(type_, value))}]"
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
    if type_ in RULES or type_ == STIX_PATTERN:
        raise ValueError(f"a {type_} rule that is not meant for detection (to_ids is off) is no indicator")
    if type_ in PLAIN or type_ in PAIRS:
        places = _places(type_, value)
        obj: dict[str, Any] = {"type": split(places[0][0])[0], "spec_version": "2.1", "id": ""}
        for path, text in places:
            steps = split(path)[1]
            put(obj, steps, typed(steps, text))
        if obj["type"] == "email-message":
            obj["is_multipart"] = False
        return [obj | {"id": sco_id(obj)}]
    found = [sco(kind, text) for kind, text in parts(type_, value)]
    if type_.startswith("filename|") or type_ == "malware-sample":
        found = [_with_name(found[0], value.partition("|")[0].strip())]
    return found + _traffic(type_, value, found)


def _with_name(file: dict[str, Any], name: str) -> dict[str, Any]:
    named = file | ({"name": name} if name else {})
    return named | {"id": sco_id(named)}


def _traffic(type_: str, value: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The traffic to or from a port, of which no more is known than that it is IP."""
    end, port = _PORTS.get(type_), value.partition("|")[2]
    if end is None or not port.strip():
        return []
    try:
        number = typed((f"{end}_port",), port)
    except ValueError:
        return []
    protocol = "ipv6" if found[0]["type"] == "ipv6-addr" else "ipv4"
    obj = {"type": "network-traffic", "spec_version": "2.1", "id": "", f"{end}_ref": found[0]["id"], f"{end}_port": number}
    obj["protocols"] = [protocol]
    return [obj | {"id": sco_id(obj)}]

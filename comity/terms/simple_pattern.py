"""The values a simple STIX pattern looks for: what an index can hold instead of evaluating it (STIX 2.1 section 9).

Simple means: a disjunction (OR, inside one observation or between several) of `=`, `IN` or `ISSUBSET` on the value of a
domain, address, URL, e-mail address or file hash.
"""

from __future__ import annotations

import re

from comity.errors import SenderFault
from comity.terms.observable import normal
from comity.terms.pattern import Combination, Comparison, Expression, Observation, Path, Test, parse

_PATHS = {
    "domain-name:value": "domain",
    "ipv4-addr:value": "ipv4",
    "ipv6-addr:value": "ipv6",
    "url:value": "url",
    "email-addr:value": "email",
}
_HASHES = {
    "md5": "md5",
    "sha-1": "sha1",
    "sha1": "sha1",
    "sha-256": "sha256",
    "sha256": "sha256",
    "sha-512": "sha512",
    "sha512": "sha512",
}
#: Hash algorithms as STIX names them (section 10.9).
HASH_NAMES = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha512": "SHA-512"}
_WRITE = {
    "domain": "domain-name:value",
    "ipv4": "ipv4-addr:value",
    "ipv6": "ipv6-addr:value",
    "url": "url:value",
    "email": "email-addr:value",
    "md5": "file:hashes.MD5",
    "sha1": "file:hashes.'SHA-1'",
    "sha256": "file:hashes.'SHA-256'",
    "sha512": "file:hashes.'SHA-512'",
}
#: Nearly every pattern that is shared looks so, and needs no parser.
_PLAIN = re.compile(r"\[\s*([a-z0-9-]+:(?:value|hashes\.(?:'[A-Za-z0-9-]+'|[A-Za-z0-9]+)))\s*=\s*'([^'\\]*+)'\s*\]\Z", re.ASCII)


def pattern_for(kind: str, value: str) -> str:
    """The STIX pattern that looks for one observable in its normal form. Raises ValueError for an unknown kind."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    if kind == "cidr":
        return f"[{'ipv6' if ':' in value else 'ipv4'}-addr:value ISSUBSET '{escaped}']"
    if kind not in _WRITE:
        raise ValueError(f"there is no pattern for a value of kind {kind!r}")
    return f"[{_WRITE[kind]} = '{escaped}']"


def pattern_value(pattern: str) -> list[tuple[str, str]]:
    """The (kind, normal value) pairs of a simple pattern, without repeats; empty if the pattern is anything else."""
    plain = _PLAIN.match(pattern)
    try:
        if plain:
            return [_value(_kind(plain.group(1).replace("'", "")), "=", plain.group(2))]
        return list(dict.fromkeys(_observations(parse(pattern))))
    except (ValueError, SenderFault):
        return []


def is_plain(pattern: str) -> bool:
    """Whether a pattern is of the most usual form, `[type:value = '...']`, and so parses."""
    return _PLAIN.match(pattern) is not None


def _observations(tree: Expression) -> list[tuple[str, str]]:
    if isinstance(tree, Observation):
        return _comparisons(tree.of)
    if isinstance(tree, Combination) and tree.operator == "OR":
        return [value for part in tree.parts for value in _observations(part)]
    raise ValueError("not simple")


def _comparisons(of: Comparison) -> list[tuple[str, str]]:
    if isinstance(of, Test):
        if of.negated or of.operator not in ("=", "IN", "ISSUBSET") or not of.values:
            raise ValueError("not simple")
        kind = _kind(_spelled(of.path))
        return [_value(kind, of.operator, value) for value in of.values]
    if of.operator == "OR":
        return [value for part in of.parts for value in _comparisons(part)]
    raise ValueError("not simple")


def _spelled(path: Path) -> str:
    return f"{path.type}:{'.'.join(map(str, path.steps))}"


def kind_of(path: Path) -> str | None:
    """The kind of value that stands under an object path, None where none of ours does."""
    try:
        return _kind(_spelled(path))
    except ValueError:
        return None


def _kind(path: str) -> str:
    if path in _PATHS:
        return _PATHS[path]
    if path.startswith("file:hashes."):
        kind = _HASHES.get(path[12:].lower())
        if kind:
            return kind
    raise ValueError(f"not simple: {path!r}")


def _value(kind: str, operator: str, constant: object) -> tuple[str, str]:
    if not isinstance(constant, str):
        raise ValueError("not a string")
    if kind in ("ipv4", "ipv6") and "/" in constant:
        return "cidr", normal("cidr", constant)
    if operator == "ISSUBSET" and kind not in ("ipv4", "ipv6"):
        raise ValueError("ISSUBSET is for addresses")
    return kind, normal(kind, constant)

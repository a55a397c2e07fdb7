"""The hosts, networks and autonomous systems that an object names: by these it is found to be about somebody's constituency.

More is named than an index of single values can hold (`terms.values`): all values that a pattern looks for, however it is composed, and
what observed data of STIX 2.0 has inside. What a pattern excludes (`NOT`, `!=`) is not named. Kinds are those of observables, and `asn`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from comity.errors import SenderFault
from comity.terms.observable import guess
from comity.terms.pattern import Combination, Comparison, Expression, Join, Observation, Test, parse
from comity.terms.pattern_atoms import parent_of
from comity.terms.values import observables

#: What has no place in anybody's constituency.
_HASHES = frozenset({"md5", "sha1", "sha256", "sha512"})
_EQUAL = frozenset({"=", "IN", "ISSUBSET", "ISSUPERSET"})
#: Types of which LIKE says to whom all that it fits belongs: names that end alike, and URLs of one host.
_BY_END = {"domain-name": "domain", "url": "url"}
#: Without one of these in it a pattern names nothing that is looked for here.
_WORTH = ("addr:", "domain-name:", "url:", "_ref", "autonomous-system:")


def named(obj: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(kind, normal form) of what an object names, without repeats; an autonomous system is ("asn", "AS64496")."""
    type_ = obj.get("type")
    if type_ == "autonomous-system":
        return _number(obj.get("number"))
    if type_ == "observed-data":
        inside = obj.get("objects")
        parts = list(inside.values()) if isinstance(inside, dict) else []
        return list(dict.fromkeys(value for part in parts if isinstance(part, dict) for value in _one(part)))
    return _one(obj)


def systems(obj: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of the autonomous systems that an address says it belongs to (STIX 2.1 sections 6.5, 6.6)."""
    refs = obj.get("belongs_to_refs")
    return tuple(ref for ref in refs if isinstance(ref, str) and ref.startswith("autonomous-system--")) if isinstance(refs, list) else ()


def _one(obj: Mapping[str, Any]) -> list[tuple[str, str]]:
    if obj.get("type") == "autonomous-system":
        return _number(obj.get("number"))
    found = [value for value in observables(obj) if value[0] not in _HASHES]
    pattern = obj.get("pattern")
    if found or obj.get("type") != "indicator" or not isinstance(pattern, str) or obj.get("pattern_type", "stix") != "stix":
        return found
    if not any(word in pattern for word in _WORTH):
        return []
    try:
        tests = _tests(parse(pattern, "2.1" if "spec_version" in obj else "2.0"))
        return list(dict.fromkeys(value for test in tests for value in _values(test)))
    except SenderFault:
        return []


def _tests(tree: Expression | Comparison) -> Iterator[Test]:
    if isinstance(tree, Test):
        yield tree
    elif isinstance(tree, Observation):
        yield from _tests(tree.of)
    elif isinstance(tree, (Combination, Join)):
        for part in tree.parts:
            yield from _tests(part)
    else:
        yield from _tests(tree.of)


def _values(test: Test) -> Iterator[tuple[str, str]]:
    """What one comparison is about: a `value` of whatever kind it evidently has, or an autonomous system's `number`."""
    if test.negated or not test.path.steps:
        return
    last = test.path.steps[-1]
    if test.operator == "LIKE" and last == "value":
        kind = _BY_END.get(test.path.type)
        yield from (found for constant in test.values if (found := parent_of(kind, constant)) is not None)
    if test.operator not in _EQUAL:
        return
    system = test.path.type == "autonomous-system" or "belongs_to_refs" in test.path.steps
    for constant in test.values:
        if last == "number" and system:
            yield from _number(constant)
        elif last == "value" and isinstance(constant, str) and (found := guess(constant)) and found[0] not in _HASHES:
            yield found


def _number(value: object) -> list[tuple[str, str]]:
    sound = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 32
    return [("asn", f"AS{value}")] if sound else []

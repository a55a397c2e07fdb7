"""What an object has that the standard does not define, and how that should be named (STIX 2.1 sections 7.3 and 11; 2.0 part 1 section 7).

`custom_things` finds it; the recommendations `extensions-use`, `custom-prefix` and `custom-prefix-lax` and the demands
`strict-types` and `strict-properties` say what they think of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from comity.errors import SenderFault
from comity.terms import pattern as patterns
from comity.terms.stix_domain import DOMAIN_20, DOMAIN_21, RESERVED_20, RESERVED_21
from comity.terms.stix_extensions import PARTS as EXTENSION_PARTS
from comity.terms.stix_extensions import PREDEFINED, extension_names
from comity.terms.stix_kinds import Kind
from comity.terms.stix_observables import OBSERVABLES_20, OBSERVABLES_21
from comity.terms.stix_observables import PARTS as OBSERVABLE_PARTS
from comity.terms.stix_should import Found, Object, observables
from comity.terms.stix_types import SCO_TYPES

_BUNDLE = Kind(shapes={}, names=frozenset({"type", "id", "spec_version", "objects"}))
_STRICT_PREFIX = {"type": re.compile("x-.+-.+"), "extension": re.compile("x-.+-.+"), "property": re.compile("x_.+_.+")}
_LAX_PREFIX = {"type": re.compile("x-.+"), "extension": re.compile("x-.+"), "property": re.compile("x_.+")}
_NEW = ("new-sdo", "new-sco", "new-sro")
_TOP = ("toplevel-property-extension",)


class Custom(msgspec.Struct, frozen=True):
    """One thing that the standard does not define. `what` is type, property or extension; `inside` that it stands deeper in an object."""

    what: str
    name: str
    path: str
    inside: bool = False


_KINDS: dict[bool, Mapping[str, Kind]] = {
    True: {**DOMAIN_20, "bundle": _BUNDLE},
    False: {**DOMAIN_21, **OBSERVABLES_21, "bundle": _BUNDLE},
}


def kinds(old: bool) -> Mapping[str, Kind]:
    """All types of one version of the standard that stand for themselves."""
    return _KINDS[old]


def custom_things(obj: Object, old: bool) -> Iterator[Custom]:
    """Types, properties and predefined-looking extensions that are not the standard's, everywhere in an object."""
    kind = _KINDS[old].get(obj["type"])
    if kind is None:
        yield Custom("type", obj["type"], "type")
    elif obj["type"] not in SCO_TYPES:
        reserved = RESERVED_20 if old else RESERVED_21
        yield from (Custom("property", name, name) for name in obj if name not in kind.names and name not in reserved)
    for path, each in observables(obj):
        yield from _in_observable(each, path, old)
    if obj["type"] == "indicator":
        yield from _in_pattern(obj, old)


def _in_observable(obj: Object, path: str, old: bool) -> Iterator[Custom]:
    type_ = obj["type"]
    kind = (OBSERVABLES_20 if old else OBSERVABLES_21).get(type_)
    if kind is None:
        yield Custom("type", type_, f"{path}type")
        return
    names = kind.names if old or not path else kind.names | {"id"}
    for name, value in obj.items():
        if name not in names:
            yield Custom("property", name, path + name)
        yield from _in_parts(OBSERVABLE_PARTS.get((type_, name)), value, path + name)
    found = obj.get("extensions")
    for key, inner in (found if isinstance(found, dict) else {}).items():
        known = extension_names(type_, key, old=old)
        where = f"{path}extensions.{key[:80]}"
        if not known and type_ in PREDEFINED and not key.startswith("extension-definition--"):
            yield Custom("extension", key, where)
        for name, value in (inner if known and isinstance(inner, dict) else {}).items():
            if name not in known:
                yield Custom("property", name, f"{where}.{name[:80]}", inside=True)
            yield from _in_parts(EXTENSION_PARTS.get((key, name)), value, f"{where}.{name}")


def _in_parts(known: frozenset[str] | None, value: Any, path: str) -> Iterator[Custom]:
    for part in (value if isinstance(value, list) else [value]) if known else ():
        if known and isinstance(part, dict):
            yield from (Custom("property", name, f"{path}.{name[:80]}", inside=True) for name in part if name not in known)


def pattern_of(obj: Object, old: bool) -> tuple[str, str] | None:
    """An indicator's STIX pattern and the version of the grammar it is in; None if it has none, or one of another language."""
    pattern = obj.get("pattern")
    if obj["type"] != "indicator" or not isinstance(pattern, str) or not (old or obj.get("pattern_type") == "stix"):
        return None
    said = "2.0" if old else obj.get("pattern_version", obj.get("spec_version", "2.1"))
    return pattern, "2.0" if said == "2.0" else "2.1"


def named_in_pattern(tree: patterns.Expression) -> Iterator[tuple[str, str]]:
    """(type, first property) of each comparison in a pattern."""
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, patterns.Test):
            yield node.path.type, str(node.path.steps[0])
        elif isinstance(node, patterns.Join | patterns.Combination):
            waiting.extend(reversed(node.parts))
        else:
            waiting.append(node.of)


def _in_pattern(obj: Object, old: bool) -> Iterator[Custom]:
    found = pattern_of(obj, old)
    try:
        tree = patterns.parse(*found) if found else None
    except SenderFault:
        return
    for type_, name in dict.fromkeys(named_in_pattern(tree)) if tree else ():
        kind = (OBSERVABLES_20 if old else OBSERVABLES_21).get(type_)
        if kind is None:
            yield Custom("type", type_, "pattern", inside=True)
        elif name not in kind.names and name not in ("id", "type"):
            yield Custom("property", name, "pattern", inside=True)


def prefixed(lax: bool, old: bool) -> Callable[[Object], Found]:
    """`custom-prefix`: names begin with x and whose they are; `custom-prefix-lax`: with x."""
    forms = _LAX_PREFIX if lax else _STRICT_PREFIX

    def check(obj: Object) -> Found:
        for each in custom_things(obj, old):
            dash = "_" if each.what == "property" else "-"
            if not forms[each.what].match(each.name):
                yield each.path, f"custom {each.what} {each.name[:80]!r} should begin with x{dash}{'' if lax else f'owner{dash}'}"

    return check


def _uses(obj: Object, types: tuple[str, ...]) -> bool:
    found = obj.get("extensions")
    return isinstance(found, dict) and any(isinstance(each, dict) and each.get("extension_type") in types for each in found.values())


def extensions_used(obj: Object) -> Found:
    """`extensions-use`: what is custom is defined by an extension (section 7.3)."""
    for each in custom_things(obj, old=False):
        if each.inside and each.path == "pattern":
            continue
        held = not each.inside and _uses(obj, _NEW if each.what == "type" else _TOP if each.what == "property" else ("property-extension",))
        if not held:
            yield each.path, f"custom {each.what} {each.name[:80]!r} should be defined by an extension"
    if obj["type"] == "marking-definition" and "extensions" not in obj and obj.get("definition_type") not in ("statement", "tlp"):
        yield "extensions", "missing, a marking of another type should be defined by an extension"


def standard_only(what: str, old: bool) -> Callable[[Object], Found]:
    """`strict-types` and `strict-properties`: nothing but what the standard defines."""

    def check(obj: Object) -> Found:
        for each in custom_things(obj, old):
            if each.what == what:
                yield each.path, f"{what} {each.name[:80]!r} is not one that the standard defines"

    return check

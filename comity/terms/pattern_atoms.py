"""STIX patterns over lines of logs: their constants in normal form, and the values of which one must stand on a line that meets them.

A line shows an event as objects (`match.event_view`): names, addresses, URLs, mail addresses, files with hashes or a name, and the
traffic between two addresses, all in normal form. What else a pattern asks for, no line shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from comity.errors import SenderFault
from comity.terms.linear_regex import refused
from comity.terms.observable import guess, normal
from comity.terms.pattern import (
    Binary,
    Combination,
    Comparison,
    Constant,
    Expression,
    Join,
    Observation,
    Path,
    Repeats,
    StartStop,
    Test,
    Timestamp,
    Within,
)
from comity.terms.simple_pattern import HASH_NAMES, kind_of

#: Stands for a kind where an indicator has a pattern to evaluate and no value; its text is the value then.
PATTERN = "pattern"
#: (kind, normal value), as indicators have them.
Atom = tuple[str, str]
_NONE: frozenset[Atom] = frozenset()

#: What the objects of an event have, besides their type: the first steps of a path. Hashes go by the algorithm's name.
SHOWN = {
    **dict.fromkeys(("domain-name", "ipv4-addr", "ipv6-addr", "url", "email-addr"), frozenset({"value"})),
    "file": frozenset({"hashes", "name"}),
    "network-traffic": frozenset({"src_ref", "dst_ref", "src_port", "dst_port", "protocols"}),
}
_ENDS = (("src_ref", "value"), ("dst_ref", "value"))
#: A URL of which LIKE fixes scheme and host.
_FIXED_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/?#@%_:\[\]\\]+)(?=[/?#:])")


def normalised(tree: Expression) -> Expression:
    """The same pattern for values in normal form. An address that is a network stands for what is in it, as in simple patterns.

    Raises SenderFault for what cannot be evaluated: an expression for MATCHES that is refused, a timestamp beside a property that is none.
    """
    if isinstance(tree, Observation):
        return Observation(_comparison(tree.of))
    if isinstance(tree, Combination):
        return Combination(tree.operator, tuple(map(normalised, tree.parts)))
    if isinstance(tree, Within):
        return Within(normalised(tree.of), tree.seconds)
    if isinstance(tree, Repeats):
        return Repeats(normalised(tree.of), tree.times)
    return StartStop(normalised(tree.of), tree.start, tree.stop)


def _comparison(of: Comparison) -> Comparison:
    if isinstance(of, Join):
        return Join(of.operator, tuple(map(_comparison, of.parts)))
    if any(isinstance(value, Timestamp) for value in of.values):
        raise SenderFault("it compares with a timestamp, which nothing on a line is taken for")
    if of.operator == "MATCHES" and isinstance(of.values[0], str) and (why := refused(of.values[0])):
        raise SenderFault(why)
    kind = kind_of(of.path)
    if kind in HASH_NAMES:
        of = Test(Path("file", ("hashes", HASH_NAMES[kind])), of.operator, of.values, of.negated)
    if of.operator == "LIKE" and kind == "domain":
        return Test(of.path, "LIKE", tuple(value.lower() if isinstance(value, str) else value for value in of.values), of.negated)
    if of.operator == "LIKE" and kind == "url" and isinstance(of.values[0], str):
        return Test(of.path, "LIKE", (_FIXED_HOST.sub(lambda found: found.group().lower(), of.values[0]),), of.negated)
    if of.operator in ("=", "!=", "IN") and (kind is not None or of.path.steps in _ENDS):
        return _equality(of, kind)
    return of


def _equality(of: Test, kind: str | None) -> Comparison:
    values: list[Constant] = []
    networks: list[Constant] = []
    for constant in of.values:
        found = _value(kind, constant)
        (networks if found is not None and found[0] == "cidr" else values).append(constant if found is None else found[1])
    if not networks:
        return Test(of.path, of.operator, tuple(values), of.negated)
    negated = of.negated is not (of.operator == "!=")
    tests: list[Comparison] = [Test(of.path, "ISSUBSET", (each,), negated) for each in networks]
    tests += [Test(of.path, "IN", tuple(values), negated)] if values else []
    return tests[0] if len(tests) == 1 else Join("AND" if negated else "OR", tuple(tests))


def _value(kind: str | None, constant: Constant) -> Atom | None:
    """A constant as an indicator's value; None for one that has no normal form. Without a kind it is an address, or a name."""
    if not isinstance(constant, str):
        return None
    if kind is None:
        return guess(constant)
    try:
        kind = "cidr" if kind in ("ipv4", "ipv6") and "/" in constant else kind
        return kind, normal(kind, constant)
    except ValueError:
        return None


def atoms(of: Comparison) -> frozenset[Atom] | None:
    """The values of which each event that meets a comparison shows at least one; none where no event can meet it, None where nothing is
    known of all of them. `of` as `normalised` gives it."""
    found = [_of_type(of, type_) for type_ in SHOWN]
    return None if any(each is None for each in found) else _NONE.union(*(each or _NONE for each in found))


def _of_type(of: Comparison, type_: str) -> frozenset[Atom] | None:
    """The same where one object, of a type, meets the whole comparison."""
    if isinstance(of, Test):
        return _of_test(of) if of.path.type == type_ else _NONE
    found = [_of_type(part, type_) for part in of.parts]
    if of.operator == "OR":
        return None if any(each is None for each in found) else _NONE.union(*(each or _NONE for each in found))
    return min((each for each in found if each is not None), key=len, default=None)


def _of_test(test: Test) -> frozenset[Atom] | None:
    first = test.path.steps[0]
    if test.operator == "EXISTS" and test.negated:
        return None
    kind = kind_of(test.path)
    if first != "type" and (first not in SHOWN[test.path.type] or (first == "hashes" and kind is None and len(test.path.steps) > 1)):
        return _NONE
    find = _FINDS.get(test.operator)
    if test.negated or find is None or (kind is None and test.path.steps not in _ENDS):
        return None
    found: set[Atom] = set()
    for constant in test.values:
        atom = find(kind, constant)
        if atom is not None:
            found.add(atom)
        elif isinstance(constant, str | Binary):
            return None
    return frozenset(found)


def parent_of(kind: str | None, constant: Constant) -> Atom | None:
    """The parent of all names that end alike, or the host of all URLs that begin alike: the index finds names below one, and hosts."""
    text = constant if isinstance(constant, str) else ""
    if kind == "url":
        fixed = _FIXED_HOST.match(text)
        host = guess(fixed.group(1)) if fixed else None
        return host if host is not None and host[0] in ("domain", "ipv4") else None
    if kind != "domain":
        return None
    end = re.split("[%_]", text)[-1]
    return _value("domain", text if end == text else end.partition(".")[2])


def _subset(kind: str | None, constant: Constant) -> Atom | None:
    return None if kind not in ("ipv4", "ipv6", None) or not isinstance(constant, str) else _value(kind, constant)


_FINDS: dict[str, Callable[[str | None, Constant], Atom | None]] = {"=": _value, "IN": _value, "ISSUBSET": _subset, "LIKE": parent_of}

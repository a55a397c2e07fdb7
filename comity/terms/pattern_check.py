"""What a pattern that parses still says wrongly, or can never match (STIX 2.1 section 9; the grammar itself allows all of it)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

import msgspec

from comity.errors import SenderFault
from comity.terms.linear_regex import refused
from comity.terms.pattern import (
    Combination,
    Comparison,
    Constant,
    Expression,
    Observation,
    Path,
    StartStop,
    Test,
    parse,
)

#: Hash algorithm (hash-algorithm-ov, section 10.9; letters and digits only) -> hex digits.
_DIGITS = {
    "MD5": 32, "SHA1": 40, "SHA224": 56, "SHA256": 64, "SHA384": 96, "SHA512": 128,
    "SHA3224": 56, "SHA3256": 64, "SHA3384": 96, "SHA3512": 128, "RIPEMD160": 40, "WHIRLPOOL": 128,
}  # fmt: skip
_HEX = re.compile(r"[0-9A-Fa-f]+\Z")


class Finding(msgspec.Struct, frozen=True):
    """Something wrong with a pattern: `wrong` breaks a rule, otherwise it is allowed but can never match. `section` of STIX 2.1."""

    text: str
    section: str
    wrong: bool = True


def check_pattern(text: str, version: str = "2.1") -> list[Finding]:
    """All that is wrong with a pattern, empty if nothing is; a text that does not parse has one finding."""
    try:
        return list(findings(parse(text, version)))
    except SenderFault as fault:
        return [Finding(f"{fault}; {fault.next}" if fault.next else str(fault), "9.5")]


def findings(tree: Expression) -> Iterator[Finding]:
    """What is wrong with a pattern that parses. Recursion goes as deep as parentheses do."""
    if isinstance(tree, Observation):
        yield from _comparison(tree.of)
    elif isinstance(tree, Combination):
        for part in tree.parts:
            yield from findings(part)
    else:
        if isinstance(tree, StartStop) and tree.stop <= tree.start:
            yield Finding("STOP is not later than START: nothing lies between", "9.5.1", wrong=False)
        yield from findings(tree.of)


def _comparison(of: Comparison) -> Iterator[Finding]:
    if isinstance(of, Test):
        yield from _test(of)
        return
    if of.operator == "AND" and not common_types(of):
        yield Finding("AND joins comparisons of different object types: one object cannot be both", "9.5")
    for part in of.parts:
        yield from _comparison(part)


def common_types(of: Comparison) -> frozenset[str]:
    """The object types that one object could have and meet the comparison."""
    if isinstance(of, Test):
        return frozenset({of.path.type})
    sets = [common_types(part) for part in of.parts]
    return frozenset.union(*sets) if of.operator == "OR" else frozenset.intersection(*sets)


def joins_types(of: Comparison) -> bool:
    """Whether an AND in it joins comparisons of different object types, which no one object can meet (9.5)."""
    if isinstance(of, Test):
        return False
    return (of.operator == "AND" and not common_types(of)) or any(joins_types(part) for part in of.parts)


def _test(test: Test) -> Iterator[Finding]:
    if test.operator == "IN" and not test.values:
        yield Finding("IN (): nothing is in an empty set", "9.6.1", wrong=False)
    if test.operator == "IN" and len({_sort(value) for value in test.values}) > 1:
        yield Finding("IN: the constants of a set are of one type", "9.6.1")
    if test.operator == "MATCHES":
        why = refused(str(test.values[0]))
        if why:
            yield Finding(f"MATCHES: {why}", "9.6.1")
    if test.operator in ("ISSUBSET", "ISSUPERSET") and _network(str(test.values[0])) is None:
        yield Finding(f"{test.operator}: {str(test.values[0])[:60]!r} is not an address or CIDR block", "9.6.1")
    if test.operator in ("=", "!=", "IN"):
        yield from _hashes(test.path, test.values)


def _sort(value: Constant) -> str:
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def _hashes(path: Path, values: tuple[Constant, ...]) -> Iterator[Finding]:
    name = path.steps[-1]
    if "hashes" not in path.steps[:-1] or not isinstance(name, str):
        return
    digits = _DIGITS.get(re.sub("[^A-Z0-9]", "", name.upper()))
    for value in values:
        if digits and not (isinstance(value, str) and len(value) == digits and _HEX.match(value)):
            yield Finding(f"{str(value)[:140]!r} is not a {name} hash: it has {digits} hexadecimal digits", "10.9")


def _network(text: str) -> object:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None

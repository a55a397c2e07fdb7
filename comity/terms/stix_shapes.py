"""The shapes of values in STIX (2.1 section 2): a shape looks at one value and says what it must be and is not.

A shape returns None for a value that fits, else its faults: pairs of where inside the value (`[0].source_name`, "" for the
value itself) and what must be. Nested shapes are put together by `many`, `keyed` and `record`, so that one table of shapes
serves both the first fault (`stix_check`) and all of them (`stix_strict`). Nothing is built for a value that fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

Faults = list[tuple[str, str]]
Shape = Callable[[Any], Faults | None]
#: Looks at several properties of one object: the same answer, each fault with the property's path.
Rule = Callable[[Mapping[str, Any]], Faults | None]

#: Type names (section 11.2): lower-case words with single hyphens between, 3 to 250 characters.
TYPE_NAME = re.compile(r"(?=.{3,250}\Z)[a-z0-9]+(?:-[a-z0-9]+)*\Z")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z", re.IGNORECASE)
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z\Z", re.ASCII)
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+\Z")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\Z")
_KEY = re.compile(r"[a-zA-Z0-9_-]{1,250}\Z")
#: RFC 5646 section 2.1 as far as grammar goes: language, extended, script, region, variants, extensions, private use.
_LANGUAGE = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*"
    r"(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?\Z|x(?:-[a-z0-9]{1,8})+\Z",
    re.IGNORECASE,
)
#: Hexadecimal digits of the hashes whose value is plain hexadecimal (section 10.7, and 2.0 part 1 section 6.4).
HASH_DIGITS = {
    "MD5": 32, "SHA-1": 40, "SHA-224": 56, "SHA-256": 64, "SHA-384": 96, "SHA-512": 128, "SHA3-224": 56, "SHA3-256": 64,
    "SHA3-384": 96, "SHA3-512": 128, "RIPEMD-160": 40, "WHIRLPOOL": 128,
}  # fmt: skip


def fault(why: str) -> Faults:
    """One fault of the value itself."""
    return [("", why)]


_NO_TEXT = fault("must be a non-empty string")
_NO_STRING = fault("must be a string")
_NO_FLAG = fault("must be true or false")
_NO_NUMBER = fault("must be a number")
_NO_WHOLE = fault("must be a whole number")
_NO_TIME = fault("is not a STIX timestamp (RFC 3339, UTC, Z)")
_NO_LIST = fault("must be a non-empty list")
_NO_OBJECT = fault("must be a non-empty object")
_NO_ID = fault("must be an id")


def moment(value: object) -> tuple[str, str] | None:
    """A timestamp (section 2.16) as something that sorts, exact at any precision; None if it is not one."""
    found = _TIME.match(value) if isinstance(value, str) else None
    if not found:
        return None
    seconds, fraction = found.groups()
    try:
        datetime.fromisoformat(seconds)
    except ValueError:
        return None
    return seconds, (fraction or "").rstrip("0")


def text(value: object) -> Faults | None:
    """A string that says something (section 2.15)."""
    return None if isinstance(value, str) and value else _NO_TEXT


def string(value: object) -> Faults | None:
    """A string, empty or not (section 2.15)."""
    return None if isinstance(value, str) else _NO_STRING


def flag(value: object) -> Faults | None:
    """A boolean (section 2.2)."""
    return None if isinstance(value, bool) else _NO_FLAG


def number(value: object) -> Faults | None:
    """A number, whole or not (section 2.6)."""
    return None if isinstance(value, int | float) and not isinstance(value, bool) else _NO_NUMBER


def whole(value: object) -> Faults | None:
    """An integer (section 2.10)."""
    return None if isinstance(value, int) and not isinstance(value, bool) else _NO_WHOLE


def time(value: object) -> Faults | None:
    """A timestamp (section 2.16)."""
    return None if moment(value) else _NO_TIME


def whole_from(low: int, high: int | None = None) -> Shape:
    """An integer from `low` to `high`, both included."""
    no = fault(f"must be a whole number from {low} to {high}" if high is not None else f"must be a whole number, {low} or more")

    def shape(value: object) -> Faults | None:
        fits = isinstance(value, int) and not isinstance(value, bool) and low <= value and (high is None or value <= high)
        return None if fits else no

    return shape


def degrees(limit: int) -> Shape:
    """A latitude or longitude (section 4.10)."""
    no = fault(f"must be a number from -{limit} to {limit}")

    def shape(value: Any) -> Faults | None:
        return None if number(value) is None and -limit <= value <= limit else no

    return shape


def one_of(*values: str) -> Shape:
    """A string of a closed enumeration (section 2.4)."""
    no = fault(f"must be one of {', '.join(values)}")
    known = frozenset(values)

    def shape(value: object) -> Faults | None:
        return None if isinstance(value, str) and value in known else no

    return shape


def like(pattern: str, what: str) -> Shape:
    """A string that a regular expression matches whole."""
    matches = re.compile(rf"(?:{pattern})\Z").match
    no = fault(f"must be {what}")

    def shape(value: object) -> Faults | None:
        return None if isinstance(value, str) and matches(value) else no

    return shape


def hexadecimal(value: object) -> Faults | None:
    """Octets as hexadecimal digits (section 2.8)."""
    return None if isinstance(value, str) and _HEX.match(value) else fault("must be an even number of hexadecimal digits")


def binary(value: object) -> Faults | None:
    """Octets in base64 (section 2.1)."""
    return None if isinstance(value, str) and value and _BASE64.match(value) else fault("must be base64 (RFC 4648)")


def language(value: object) -> Faults | None:
    """A language tag, well-formed (RFC 5646)."""
    return None if isinstance(value, str) and _LANGUAGE.match(value) else fault("must be a language code (RFC 5646)")


def ref(*types: str) -> Shape:
    """An id (section 2.9), of one of `types` if any are given."""
    known = frozenset(types)

    def shape(value: object) -> Faults | None:
        if not isinstance(value, str):
            return _NO_ID
        type_, dashes, uuid = value.partition("--")
        if not dashes or not UUID.match(uuid) or not (type_ in known or TYPE_NAME.match(type_)):
            return fault(f"{value[:80]!r} is not an id")
        return fault(f"{type_} is not {' or '.join(types)}") if known and type_ not in known else None

    return shape


def link(*types: str) -> Shape:
    """A reference from an observable to one of `types`. Its UUID may be broken: it leads nowhere then, which is legal (section 3.3)."""
    known = frozenset(types)

    def shape(value: object) -> Faults | None:
        if not isinstance(value, str):
            return _NO_ID
        type_, dashes, uuid = value.partition("--")
        if not dashes or not uuid:
            return fault(f"{value[:80]!r} is not an id")
        return fault(f"{type_} is not {' or '.join(types)}") if known and type_ not in known else None

    return shape


def many(one: Shape) -> Shape:
    """A list (section 2.12) of what `one` describes; never empty."""

    def shape(value: object) -> Faults | None:
        if not isinstance(value, list) or not value:
            return _NO_LIST
        faults: Faults = []
        for index, item in enumerate(value):
            found = one(item)
            if found:
                faults += [(f"[{index}]{where}", why) for where, why in found]
        return faults or None

    return shape


def keyed(one: Shape) -> Shape:
    """A dictionary (section 2.3) whose values `one` describes; never empty."""

    def shape(value: object) -> Faults | None:
        if not isinstance(value, dict) or not value:
            return _NO_OBJECT
        faults: Faults = []
        for key, item in value.items():
            if not _KEY.match(key):
                faults.append((f".{key[:80]}", "is not a dictionary key: 1 to 250 of a-z, A-Z, 0-9, '-' and '_'"))
            faults += [(f".{key[:80]}{where}", why) for where, why in one(item) or ()]
        return faults or None

    return shape


def anything(value: object) -> Faults | None:
    """Any JSON value but null and what is empty (sections 2.3 and 2.12)."""
    if value is None:
        return fault("must not be null")
    return fault("must not be empty") if value == [] or value == {} else None


def record(shapes: Mapping[str, Shape], required: tuple[str, ...] = (), one: tuple[str, ...] = (), rules: tuple[Rule, ...] = ()) -> Shape:
    """An object with properties of its own: all of `required`, one or more of `one` if any are named, and no rule broken.

    What it does not know it leaves alone.
    """

    def shape(value: object) -> Faults | None:
        if not isinstance(value, dict) or not value:
            return _NO_OBJECT
        faults: Faults = [(f".{key}", "missing") for key in required if key not in value]
        if one and not any(key in value for key in one):
            faults.append(("", f"must have {' or '.join(one)}"))
        for key, item in value.items():
            known = shapes.get(key)
            if known is not None:
                faults += [(f".{key}{where}", why) for where, why in known(item) or ()]
        if not faults:
            for rule in rules:
                faults += [(f".{where}", why) for where, why in rule(value) or ()]
        return faults or None

    return shape


def hashes(value: object) -> Faults | None:
    """Hashes by algorithm (section 2.7); the value of a known algorithm has its number of digits."""
    if not isinstance(value, dict) or not value:
        return _NO_OBJECT
    faults: Faults = []
    for name, digest in value.items():
        digits = HASH_DIGITS.get(name)
        if not _KEY.match(name) or len(name) < 3:
            faults.append((f".{name[:80]}", "is not a hash name: 3 to 250 of a-z, A-Z, 0-9, '-' and '_'"))
        elif not isinstance(digest, str):
            faults.append((f".{name}", "must be a string"))
        elif digits and not (len(digest) == digits and _HEX.match(digest)):
            faults.append((f".{name}", f"must be {digits} hexadecimal digits"))
    return faults or None


def texts(value: object) -> Faults | None:
    """A list of strings; never empty (sections 2.12 and 2.15)."""
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return None
    return fault("must be a non-empty list of strings")

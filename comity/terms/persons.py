"""What in an object leads to a natural person, and where (product.md G3): typed fields, nested ones, patterns, and texts.

An object is looked through only if its bytes have any sign of such a value (`person_text.signs`), which takes some microseconds. What is
found names kind and place (JSON pointer, RFC 6901); the value itself is compared here and never leaves.
"""

from __future__ import annotations

import base64
import binascii
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, NamedTuple

import msgspec

from comity.terms.expression import Expression, Look, look
from comity.terms.person_text import SIGNS, is_built_in, is_role, values
from comity.terms.person_words import FIELDS, MISP, listed
from comity.terms.stix_types import SCO_TYPES, SEALED_TYPE

#: What kinds of values there are.
KINDS = ("identity", "e-mail", "account", "phone", "subscriber-address", "national-id")
#: Kinds that pass where the producer says that they are the attacker's. A name, or a number of a person, is never technical.
_TECHNICAL = frozenset({"e-mail", "account", "phone", "subscriber-address"})
#: Published authorship: who wrote or contributed to what is published.
AUTHORS = frozenset({"x_mitre_contributors", "authors", "contributors", "x_authors", "x_contributors", "author_email_domain"})
_SKIPPED = AUTHORS | listed(
    """
    id type spec_version created modified created_by_ref object_marking_refs object_refs source_ref target_ref pattern_type hashes lang
    valid_from valid_until first_observed last_observed first_seen last_seen message_id pattern_version extension_type x_misp_uuid
    x_misp_timestamp x_misp_object_uuid x_misp_first_seen x_misp_last_seen phase_name granular_markings
    """
)
_OFFICES = frozenset({"organization", "group", "class", "system"})
_RECIPIENTS = frozenset({"to", "cc", "bcc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-rcpt-to", "apparently-to"})
_ATTACKED = frozenset({"email-dst", "target-email", "target-user", "email-dst-display-name"})
_NAMES = {kind: Expression(f"(?:.*_)?(?:{names})") for kind, names in FIELDS.items()}
_PLACE = Expression(r"\b(?:user-account:[a-z_]+|email-addr:display_name)\s*(?:NOT\s+)?(?:=|!=|LIKE|MATCHES|IN|<|>)\s*\(?\s*'([^']*)'")
_PLAIN = Expression(r"[a-z0-9_-]*")
_SENT_TO = Expression(rf"(?:to|cc|bcc)_refs|additional_header_fields\.'(?:{'|'.join(_RECIPIENTS)})'")
#: Fields of observables that are words, not values.
_WORDS = frozenset({"body", "subject"})
_ADDRESS = Expression(r"(?:ipv4-addr|ipv6-addr|mac-addr):value|_ref\.value\s*(?:=|IN)\s*\(?'[0-9a-f:.]+'")
_AUTHOR_LINE = Expression(r"(?m)^\s*(?:author|contact|reference|maintainer)s?\s*[=:].*$")
#: Places that are told of one object.
_TOLD = 5
#: Bytes of a text inside base64 that are looked through.
_INSIDE = 1 << 20


class Found(NamedTuple):
    """One value that leads to a person: what kind, where (JSON pointer), and whether it stands in a technical field.

    `attacked`: it is of who was attacked, whatever is said of the object. `value` is for comparison within the object only.
    """

    kind: str
    where: str
    technical: bool
    attacked: bool
    value: str


@cache
def _signs() -> Look:
    keys = "|".join(FIELDS.values()).replace("_", "[_-]?")
    types = '"(?:individual|email-addr|user-account)"|user-account:|email-addr:|payload_bin|x_misp_type|object_relation'
    return look(f'{types}|"[a-z0-9_-]*(?:{keys})"\\s*:|{SIGNS}')


def held(found: tuple[Found, ...], assertion: str) -> tuple[Found, ...]:
    """What of the values in an object has to be reviewed, by what its producer says of it; empty if it passes.

    Of an attacker's, technical values pass in technical fields, and the same values in the object's own words.
    """
    if assertion != "attacker":
        return found
    technical = {each.value for each in found if each.technical and not each.attacked}
    return tuple(each for each in found if each.kind not in _TECHNICAL or each.attacked or not (each.technical or each.value in technical))


def told(found: tuple[Found, ...]) -> str:
    """What was found and where, for people and logs: kinds and places, never values."""
    places = dict.fromkeys(f"{each.kind} at {each.where or '/'}" for each in found)
    shown = ", ".join(list(places)[:_TOLD])
    return shown if len(places) <= _TOLD else f"{shown} and {len(places) - _TOLD} more"


def findings(obj: Mapping[str, Any], raw: bytes, assertion: str = "unknown") -> tuple[Found, ...]:
    """All values in an object that lead to a person. `raw` is its JSON; of a victim's, network addresses count as a subscriber's."""
    if obj.get("type") == SEALED_TYPE:
        return ()
    if assertion != "victim" and _signs()(msgspec.json.encode(obj) if b"\\" in raw else raw) is None:
        return ()
    walk = _Walk(obj, assertion)
    return tuple(dict.fromkeys(walk.node(obj, "", "", "")))


class _Walk:
    """One object's fields, one after another."""

    def __init__(self, obj: Mapping[str, Any], assertion: str) -> None:
        self._victim = assertion == "victim"
        self._type = str(obj.get("type"))
        self._office = self._type == "identity" and obj.get("identity_class") in _OFFICES
        self._rule = self._type == "indicator" and obj.get("pattern_type", "stix") != "stix"

    def node(self, node: Any, where: str, key: str, of: str) -> Iterator[Found]:
        """What is found in a value under a key, in an object of type `of`."""
        if type(node) is dict:
            yield from self._fields(node, where, key, of)
        elif type(node) is list:
            for at, each in enumerate(node):
                yield from self.node(each, f"{where}/{at}", key, of)
        elif type(node) is str:
            yield from self._text(node, where, key, of)
        elif type(node) is int and (kind := _kind(key)) and node > 9999:
            yield Found(kind, where, False, False, str(node))

    def _fields(self, node: dict[str, Any], where: str, key: str, of: str) -> Iterator[Found]:
        kind = node.get("type")
        type_ = kind if isinstance(kind, str) and (kind in SCO_TYPES or not where) else of
        yield from self._typed(node, where, type_)
        yield from self._misp(node, where)
        for name, value in node.items():
            if name in _SKIPPED or (self._office and not where and name in ("contact_information", "name")):
                continue
            here = f"{where}/{name.replace('~', '~0').replace('/', '~1')}"
            if not _PLAIN.fullmatch(name) and (inside := list(self._text(name, f"{where}/*", "", type_))):
                # A place is told, so a name that is itself a value is no part of it.
                here = f"{where}/*"
                yield from inside
            yield from self.node(value, here, name, type_)

    def _typed(self, node: dict[str, Any], where: str, type_: str) -> Iterator[Found]:
        """What an object is by its type."""
        if node.get("type") == "identity" and node.get("identity_class") == "individual":
            yield Found("identity", f"{where}/name", False, False, str(node.get("name")))
        elif node.get("type") == "email-addr" and isinstance(value := node.get("value"), str):
            if not is_role(value):
                yield Found("e-mail", f"{where}/value", True, False, value.casefold())
        elif node.get("type") == "user-account" and isinstance(shown := node.get("display_name"), str) and not is_built_in(shown):
            yield Found("account", f"{where}/display_name", True, False, shown.casefold())
        if self._victim and node.get("type") in ("ipv4-addr", "ipv6-addr", "mac-addr"):
            yield Found("subscriber-address", f"{where}/value", True, False, str(node.get("value")))

    def _misp(self, node: dict[str, Any], where: str) -> Iterator[Found]:
        """What an attribute is by the type that MISP gave it."""
        for prefix in ("x_misp_", ""):
            type_, value = node.get(f"{prefix}type"), node.get(f"{prefix}value")
            kind = MISP.get(type_) if isinstance(type_, str) else None
            if kind and isinstance(value, str) and value and not (kind == "e-mail" and is_role(value)):
                yield Found(kind, f"{where}/{prefix}value", True, type_ in _ATTACKED, value.casefold())

    def _text(self, text: str, where: str, key: str, of: str) -> Iterator[Found]:
        """What stands in a text, by its field's name and by itself."""
        technical = (of in SCO_TYPES and key not in _WORDS) or where == "/pattern" or key in ("x_misp_value", "value")
        attacked = key.lower() in _RECIPIENTS and "/additional_header_fields/" in where
        if key == "payload_bin":
            text = _inside(text)
        if where == "/pattern":
            attacked = _SENT_TO.search(text)
            yield from self._pattern(text, attacked)
            text = text.replace("@%.", "@any.")
            text = _AUTHOR_LINE.sub("", text) if self._rule else text
        if (kind := _kind(key)) and _says(kind, text):
            yield Found(kind, where, technical, attacked, text.casefold())
        cited = where.startswith("/external_references/") and key == "url"
        for each in values(text):
            if not (cited and each.kind == "account"):
                yield Found(each.kind, where, technical, attacked, each.value)

    def _pattern(self, text: str, attacked: bool) -> Iterator[Found]:
        """What a pattern compares, by what it compares it with."""
        for said in _PLACE.finditer(text):
            if not is_built_in(said.group(1)):
                yield Found("account", "/pattern", True, attacked, said.group(1).casefold())
        if self._victim and _ADDRESS.search(text):
            yield Found("subscriber-address", "/pattern", True, attacked, text)


@lru_cache(maxsize=10_000)
def _kind(key: str) -> str:
    """What kind of value a field has by its name; "" for any other field."""
    name = key.replace("-", "_")
    return next((kind for kind, names in _NAMES.items() if names.fullmatch(name)), "")


def _says(kind: str, text: str) -> bool:
    """Whether a field of a person's has something in it."""
    if kind == "phone":
        return sum(each.isdigit() for each in text) >= 5
    if kind == "account":
        return not is_built_in(text)
    return bool(text.strip().strip("-?")) and text.strip().casefold() not in ("unknown", "none", "n/a", "redacted", "redacted for privacy")


def _inside(text: str) -> str:
    """A text inside base64, in UTF-8 or UTF-16; "" for what is no text."""
    try:
        raw = base64.b64decode(text[: _INSIDE * 4 // 3 // 4 * 4], validate=True)
        if raw[:2] in (BOM_UTF16_LE, BOM_UTF16_BE):
            return raw[: len(raw) // 2 * 2].decode("utf-16")
        if raw[1:64:2].count(0) > len(raw[:64]) // 4:
            return raw[: len(raw) // 2 * 2].decode("utf-16-le")
        return raw.decode()
    except (binascii.Error, ValueError):
        return ""

"""STIX objects that did not come from MISP as MISP attributes and objects: indicators, observables, names.

An indicator that looks for single values is an attribute per value, flagged `to_ids`; any other pattern is kept in its own language.
An observable that says one thing is an attribute; one that says several is an object of the template that has a place for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from comity.forms.misp_fields import texts
from comity.forms.misp_paths import NAMED_BY, find, split
from comity.forms.misp_templates import OUT, TEMPLATES
from comity.forms.misp_types import RULES, STIX_PATTERN
from comity.terms.observable import HASH_KINDS
from comity.terms.stix import pattern_value
from comity.terms.values import observables

Obj = Mapping[str, Any]
#: Id -> the object, {} if it is not known.
Find = Callable[[str], Obj]

#: MISP's default category of the types written here; `Other` for the rest.
CATEGORIES = {
    **dict.fromkeys(
        ("domain", "hostname", "ip-dst", "ip-src", "url", "AS", "mac-address", "port", "snort", "suricata"), "Network activity"
    ),
    **dict.fromkeys(("email-src", "email-dst", "email-subject", "email-body", "email-message-id", "filename"), "Payload delivery"),
    **dict.fromkeys((*HASH_KINDS, "ssdeep", "tlsh", "imphash"), "Payload delivery"),
    **dict.fromkeys((STIX_PATTERN, "yara", "sigma"), "Payload installation"),
    **dict.fromkeys(("mutex", "mime-type"), "Artifacts dropped"),
    "regkey": "Persistence mechanism",
    "vulnerability": "External analysis",
}
_TYPES = {"domain": "domain", "ipv4": "ip-dst", "ipv6": "ip-dst", "cidr": "ip-dst", "url": "url", "email": "email-src"}
_SINGLE = {
    "mutex": ("mutex", "name"),
    "mac-addr": ("mac-address", "value"),
    "directory": ("text", "path"),
    "software": ("text", "name"),
}


def attributes(obj: Obj, find_named: Find) -> list[dict[str, Any]]:
    """The attributes that an object says, without UUIDs and dates; empty for one that says none. `find_named` finds what it names."""
    type_ = obj["type"]
    if type_ == "indicator":
        return [attribute(kind, value, flagged=True, comment=_comment(obj)) for kind, value in _looked_for(obj)]
    if type_ == "vulnerability":
        return [attribute(type_, str(obj["name"]), comment=str(obj.get("description") or ""))]
    found = [attribute(_TYPES.get(kind, kind), value) for kind, value in observables(obj)] or said(obj, find_named)
    if not found and type_ in _SINGLE and isinstance(obj.get(_SINGLE[type_][1]), str):
        kind, key = _SINGLE[type_]
        found = [attribute(kind, obj[key])]
    return [{key: value for key, value in each.items() if key != "object_relation"} for each in found]


def attribute(type_: str, value: str, *, flagged: bool = False, comment: str = "") -> dict[str, Any]:
    """A MISP attribute of a type, in its default category."""
    return {"type": type_, "category": CATEGORIES.get(type_, "Other"), "value": value, "to_ids": flagged, "comment": comment}


def _looked_for(obj: Obj) -> list[tuple[str, str]]:
    text, language = str(obj.get("pattern") or ""), str(obj.get("pattern_type") or "stix")
    if language != "stix":
        return [(language if language in RULES else "text", text)]
    found = pattern_value(text)
    return [(_TYPES.get(kind, kind), value) for kind, value in found] or [(STIX_PATTERN, text)]


def _comment(obj: Obj) -> str:
    return "\n".join(dict.fromkeys(text for text in (obj.get("name"), obj.get("description")) if isinstance(text, str) and text))


def holder(obj: Obj, find_named: Find) -> dict[str, Any] | None:
    """The MISP object of an observable that says several things, its attributes by relation; None for one that says less.

    `find_named` finds the observables that it names.
    """
    found = said(obj, find_named)
    if len(found) < 2:
        return None
    name, uuid, version, category = OUT[obj["type"]]
    described = {"name": name, "meta-category": category, "template_uuid": uuid, "template_version": version}
    return described | {"description": "", "comment": "", "Attribute": found}


def said(obj: Obj, find_named: Find) -> list[dict[str, Any]]:
    """What an observable says, by the relations of the template that has a place for it; empty if none has."""
    name = OUT[obj["type"]][0] if obj["type"] in OUT else ""
    return [
        attribute(type_, value) | {"object_relation": relation}
        for relation, (path, type_) in TEMPLATES.get(name, {}).items()
        if path != "*" and split(path)[0] == obj["type"]
        for value in _values(obj, split(path)[1], type_, find_named)
    ]


def _values(obj: Obj, steps: tuple[str, ...], type_: str, find_named: Find) -> Iterator[str]:
    found = find(obj, steps) or (find(obj, ("hashes", steps[1].replace("SHA-", "SHA"))) if steps[0] == "hashes" else None)
    last = steps[-1]
    if last.endswith(("_ref", "_refs")):
        key = NAMED_BY.get(last, ("", "value"))[1]
        for id_ in texts(found):
            named = find_named(id_)
            value = named.get(key)
            host = str(named.get("type")) == "domain-name"
            if isinstance(value, str) and value and host == (type_ == "hostname"):
                yield value
    elif isinstance(found, list):
        yield from texts(found)[:1]
    elif isinstance(found, bool):
        yield "1" if found else "0"
    elif isinstance(found, int):
        yield f"AS{found}" if type_ == "AS" else str(found)
    elif isinstance(found, str) and found:
        yield found

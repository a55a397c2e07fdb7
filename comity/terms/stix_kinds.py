"""What STIX says of one type of object: its properties and their shapes, what it must have, what must hold between them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from comity.terms.stix_shapes import (
    Faults,
    Rule,
    Shape,
    anything,
    binary,
    fault,
    flag,
    hashes,
    hexadecimal,
    keyed,
    language,
    like,
    many,
    moment,
    number,
    one_of,
    record,
    ref,
    string,
    text,
    texts,
    time,
    whole,
    whole_from,
)


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One type in one version of the standard. `one` names properties of which at least one must be there; `names` all it defines."""

    shapes: Mapping[str, Shape]
    required: tuple[str, ...] = ()
    one: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    names: frozenset[str] = frozenset()


def all_faults(kind: Kind, obj: Mapping[str, object]) -> Faults:
    """All that an object breaks of what its kind says; the rules are asked when everything has its shape."""
    faults: Faults = [(key, "missing") for key in kind.required if key not in obj]
    if kind.one and not any(key in obj for key in kind.one):
        faults.append((kind.one[0], f"missing, one of these must be there: {', '.join(kind.one)}"))
    for key, value in obj.items():
        shape = kind.shapes.get(key)
        if shape is not None:
            faults += [(key + where, why) for where, why in shape(value) or ()]
    if not faults:
        for rule in kind.rules:
            faults += rule(obj) or ()
    return faults


#: The shapes that have a name of their own, for `properties`.
_NAMED: dict[str, Shape] = {
    "text": text,
    "string": string,
    "flag": flag,
    "number": number,
    "whole": whole,
    "size": whole_from(0),
    "port": whole_from(0, 65535),
    "time": time,
    "texts": texts,
    "hexes": hexadecimal,
    "binary": binary,
    "language": language,
    "hashes": hashes,
    "dictionary": keyed(anything),
}


def properties(**by_shape: str) -> dict[str, Shape]:
    """Property name -> shape, from the names of shapes: `properties(text="name", time="first_seen last_seen")`."""
    return {name: _NAMED[shape] for shape, names in by_shape.items() for name in names.split()}


def among(prefix: str, names: str) -> Shape:
    """One of the constants of an enumeration that all begin alike."""
    return one_of(*(prefix + name for name in names.split()))


def text_or_whole(value: object) -> Faults | None:
    """A string or an integer."""
    return None if string(value) is None or whole(value) is None else fault("must be a string or a whole number")


def in_order(first: str, last: str, *, equal: bool = True) -> Rule:
    """The rule that one timestamp is not earlier than another, or, unless `equal` is allowed, later."""
    no = [(last, f"{'earlier than' if equal else 'not later than'} {first}")]

    def rule(obj: Mapping[str, object]) -> Faults | None:
        if last not in obj or first not in obj:
            return None
        start, end = moment(obj[first]), moment(obj[last])
        return no if start and end and (end < start or (end == start and not equal)) else None

    return rule


def needs(name: str, *others: str) -> Rule:
    """The rule that whoever has one property has some others too."""

    def rule(obj: Mapping[str, object]) -> Faults | None:
        return [(other, f"missing, {name} needs it") for other in others if other not in obj] if name in obj else None

    return rule


def _source(value: Mapping[str, object]) -> Faults | None:
    source, found = value["source_name"], value.get("external_id")
    for name, form, what in (("cve", _CVE, "CVE-YYYY-NNNN"), ("capec", _CAPEC, "CAPEC-NNN")):
        if source == name and (found is None or form(found)):
            return [("external_id", f"must be {what} for the source {name}")]
    return None


_CVE = like(r"CVE-\d{4}-(?:0\d{3}|[1-9]\d{3,})", "a CVE id")
_CAPEC = like(r"CAPEC-\d+", "a CAPEC id")

#: Section 2.5; the names of CVE and CAPEC entries are those of sections 4.1 and 4.19.
EXTERNAL_REFERENCES = many(
    record(
        properties(string="source_name description url external_id", hashes="hashes"),
        ("source_name",),
        ("description", "url", "external_id"),
        (_source,),
    )
)
#: Section 2.11.
KILL_CHAIN_PHASES = many(record(properties(string="kill_chain_name phase_name"), ("kill_chain_name", "phase_name")))


def _one_marking(value: Mapping[str, object]) -> Faults | None:
    return None if ("marking_ref" in value) != ("lang" in value) else [("marking_ref", "must be given, or else lang, and not both")]


#: Section 7.2.3.1; whether selectors resolve is `selectors_resolve`.
GRANULAR_MARKINGS = many(
    record({"marking_ref": ref("marking-definition"), "lang": language, "selectors": texts}, ("selectors",), (), (_one_marking,))
)
_EXTENSION_TYPE = record(
    {"extension_type": like("new-sdo|new-sco|new-sro|(?:toplevel-)?property-extension", "one of the extension types of section 7.3")},
    ("extension_type",),
)
_EXTENSION_ID = ref("extension-definition")


def extensions(**predefined: Shape) -> Shape:
    """The shape of `extensions` (section 3.2): by the id of an extension definition, or the predefined ones of the type.

    Other names are old custom extensions: objects, and otherwise their maker's business. `_` in an argument's name stands for `-`.
    """
    known = {name.replace("_", "-"): shape for name, shape in predefined.items()}

    def shape(value: object) -> Faults | None:
        if not isinstance(value, dict) or not value:
            return fault("must be a non-empty object")
        faults: Faults = []
        for key, item in value.items():
            where = f".{key[:80]}"
            if key.startswith("extension-definition--"):
                faults += [(where, why) for _, why in _EXTENSION_ID(key) or ()]
                faults += [(where + more, why) for more, why in _EXTENSION_TYPE(item) or ()]
            elif key in known:
                faults += [(where + more, why) for more, why in known[key](item) or ()]
            elif not isinstance(item, dict) or not item:
                faults.append((where, "must be a non-empty object"))
        return faults or None

    return shape


def selectors_resolve(obj: Mapping[str, object]) -> Faults | None:
    """The rule that the selectors of granular markings point at something in the object (section 7.2.3.1)."""
    markings = obj.get("granular_markings")
    if not isinstance(markings, list):
        return None
    faults: Faults = []
    for index, marking in enumerate(markings):
        for place, selector in enumerate(marking["selectors"]):
            if not _resolves(selector, obj):
                faults.append((f"granular_markings[{index}].selectors[{place}]", f"{selector[:80]!r} selects nothing in this object"))
    return faults or None


def _resolves(selector: str, node: object) -> bool:
    """Whether `name.[index].name` leads somewhere; a key with dots in it, as extension ids have none, is not to be selected."""
    for step in selector.split("."):
        if isinstance(node, dict) and step in node:
            node = node[step]
        elif isinstance(node, list) and step[:1] == "[" and step[-1:] == "]" and step[1:-1].isdecimal() and int(step[1:-1]) < len(node):
            node = node[int(step[1:-1])]
        else:
            return False
    return True

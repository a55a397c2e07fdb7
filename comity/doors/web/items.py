"""Items as plain data, the same for a page and its JSON twin: what one is called, its values, its envelope, what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from comity.agree.decide import BUILT_IN
from comity.doors.web.page import Visit
from comity.doors.web.show import SHOWN, stamped
from comity.doors.web.words import Words
from comity.release import views
from comity.release.desk import Desk
from comity.release.sight import Reader
from comity.release.views import Seen
from comity.terms.stix import STANDING_TYPE
from comity.terms.tlp import BY_ID
from comity.terms.values import observables

#: Said elsewhere on the page, or about the object's form alone.
_ELSEWHERE = frozenset({"id", "type", "spec_version", "created_by_ref", "extensions", "name", "pattern_version"})
#: What a reader looks for first; the rest follows in the object's own order.
_FIRST = ("description", "content", "pattern", "value", "relationship_type", "source_ref", "target_ref", "sighting_of_ref")
#: How many members of a list a page spells out.
LISTED = 40

_english = Words("en")


def parsed(body: bytes) -> dict[str, Any]:
    """An object's JSON."""
    obj: dict[str, Any] = msgspec.json.decode(body)
    return obj


def ends(obj: Mapping[str, Any]) -> Iterable[str]:
    """The ids that an object's title is made of."""
    keys = ("source_ref", "target_ref") if obj.get("type") == "relationship" else ("sighting_of_ref",)
    return [obj[key] for key in keys if isinstance(obj.get(key), str)]


def names(visit: Visit, ids: list[str]) -> dict[str, str]:
    """id -> title, in the reader's language, of those of these objects that they may see."""
    found = {id_: parsed(body) for id_, body in views.named(visit.desk, visit.reader, ids).items()}
    called = ends_named(visit.desk, visit.reader, found, visit.words)
    return {id_: titled(visit.words, heading(obj, called)) for id_, obj in found.items()}


def ends_named(desk: Desk, reader: Reader, objects: Mapping[str, Mapping[str, Any]], words: Words = _english) -> dict[str, str]:
    """id -> title of what the titles of these `objects` (by id) are made of, as far as the reader may see it."""
    wanted = dict.fromkeys(end for obj in objects.values() for end in ends(obj))
    met = {id_: parsed(body) for id_, body in views.named(desk, reader, [id_ for id_ in wanted if id_ not in objects]).items()}
    return {id_: titled(words, heading(obj, {})) for id_ in wanted if (obj := objects.get(id_) or met.get(id_))}


def heading(obj: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """What an object is called: `form` names a title of the catalogue, the rest are its fields; form `name` is just `name`."""
    type_ = str(obj.get("type", ""))
    named = [names.get(end, end) for end in ends(obj)]
    if type_ == "relationship" and len(named) == 2:
        relationship = str(obj.get("relationship_type", "")).replace("-", " ")
        return {"form": "relationship", "source": named[0], "relationship": relationship, "target": named[1]}
    if type_ == "sighting" and named:
        return {"form": "sighting", "subject": named[0]}
    if type_ == STANDING_TYPE:
        return {"form": "standing", **{key: str(obj.get(key, "")) for key in ("party", "standing", "body")}}
    values = observables(obj)
    for text in (obj.get("name"), obj.get("value"), obj.get("content"), *(value for _, value in values[:1])):
        if isinstance(text, str) and text.strip():
            return {"form": "name", "name": text.strip()[:300]}
    return {"form": "unnamed", "type": type_}


def titled(words: Words, parts: Mapping[str, str]) -> str:
    """A heading as one line in a language."""
    form = parts["form"]
    if form == "name":
        return parts["name"]
    fields = {key: text for key, text in parts.items() if key != "form"}
    if form == "standing":
        fields["standing"] = words.name("standing", fields["standing"])
    if form == "relationship":
        tie = fields["relationship"].replace(" ", "-")
        told = words.name("tie", tie)
        fields["relationship"] = told if told != tie else fields["relationship"]
    if form == "unnamed":
        fields["type"] = words.name("type", fields["type"])
    return words(f"title.{form}", **fields)


def listed(seen: Seen, names: Mapping[str, str]) -> dict[str, Any]:
    """An item as it stands in a list."""
    obj = parsed(seen.body)
    parts = heading(obj, names)
    return {
        "id": seen.row.id,
        "type": seen.row.type,
        "title": titled(_english, parts),
        "heading": parts,
        "values": [{"kind": kind, "value": value} for kind, value in observables(obj)],
        "version": seen.row.version,
        "tlp": seen.envelope.tlp,
        "origin": seen.envelope.origin,
        "received_from": seen.envelope.received_from,
        "arrived": stamped(seen.stamp),
        "grounds": [ground(text) for text in seen.grounds],
        "gate": seen.envelope.gate,
        "revoked": obj.get("revoked") is True,
    }


def ground(text: str) -> dict[str, str | None]:
    """`agreement@version/clause` taken apart, the version left out.

    `agreement` is None for a rule that no agreement gives, `clause` for what an agreement's centre passed on.
    """
    ref, _, clause = text.partition("/")
    agreement = ref.partition("@")[0]
    return {"agreement": None if agreement == BUILT_IN else agreement, "clause": clause or None}


def envelope(seen: Seen) -> dict[str, Any]:
    """The envelope's fields that a list does not show."""
    told = seen.envelope
    return {
        "hops": list(told.hops),
        "purposes": list(told.purposes),
        "pap": told.pap,
        "handling": list(told.handling),
        "to": None if told.to is None else list(told.to),
        "realm": told.realm,
        "expires": stamped(seen.row.expires) if seen.row.expires is not None else None,
    }


def properties(obj: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What an object says, in reading order: `name`, `form` (text, pattern, moment, refs, list, block, json, flag) and `value`.

    `more` counts the members of a list that are left out; `cut` says that what is shown has more than `SHOWN` characters and is shortened.
    """
    keys = [key for key in _FIRST if key in obj] + [key for key in obj if key not in _FIRST]
    found = []
    for key in keys:
        value = obj[key]
        if key in _ELSEWHERE or (key == "object_marking_refs" and set(map(str, value)) <= set(BY_ID)):
            continue
        shown = {"name": key, "more": 0, "cut": False, **_property(key, value)}
        found.append({**shown, **_shortened(shown["value"])})
    return found


def _shortened(value: Any) -> dict[str, Any]:
    """A text or texts within `SHOWN` characters in all; nothing to change for what is short."""
    texts = value if isinstance(value, list) else [value] if isinstance(value, str) else []
    if sum(map(len, texts)) <= SHOWN:
        return {}
    left, kept = SHOWN, []
    for text in texts:
        kept.append(text[:left])
        left -= len(kept[-1])
        if not left:
            break
    return {"value": kept if isinstance(value, list) else kept[0], "cut": True}


def _property(key: str, value: Any) -> dict[str, Any]:
    texts = isinstance(value, list) and all(isinstance(part, str) for part in value)
    if key.endswith("_ref") and isinstance(value, str):
        return {"form": "refs", "value": [value]}
    if texts:
        form = "refs" if key.endswith("_refs") else "list"
        return {"form": form, "value": value[:LISTED], "more": max(0, len(value) - LISTED)}
    if isinstance(value, bool):
        return {"form": "flag", "value": value}
    if isinstance(value, str):
        return {"form": _text_form(key, value), "value": value}
    if isinstance(value, (int, float)):
        return {"form": "text", "value": str(value)}
    lines = _lines(value)
    if lines:
        return {"form": "list", "value": lines[:LISTED], "more": max(0, len(lines) - LISTED)}
    return {"form": "json", "value": msgspec.json.format(msgspec.json.encode(value), indent=1).decode()}


def _lines(value: Any) -> list[str]:
    """Flat structures one per line (a kill chain phase, a reference, a table of hashes); empty for anything deeper."""
    if isinstance(value, dict):
        value = [{"name": f"{key}:", "value": part} for key, part in value.items()]
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return []
    parts = [part for each in value for part in each.values()]
    if any(isinstance(part, (dict, list)) for part in parts):
        return []
    return [" ".join(str(part) for part in each.values()) for each in value]


def unsaid(values: Iterable[Mapping[str, str]], title: str) -> list[Mapping[str, str]]:
    """Of an item's values, those that its title does not say already."""
    return [each for each in values if each["value"] not in title]


def _text_form(key: str, value: str) -> str:
    if key == "pattern":
        return "pattern"
    if len(value) in range(20, 33) and value[4:5] == "-" and value[10:11] == "T" and value.endswith("Z"):
        return "moment"
    return "block" if value.count("\n") > 2 else "text"


def mentioned(obj: Mapping[str, Any]) -> list[str]:
    """The ids whose names a page shows: its author first, then those that its properties spell out."""
    author = obj.get("created_by_ref")
    shown = [id_ for each in properties(obj) if each["form"] == "refs" for id_ in each["value"]]
    return ([author] if isinstance(author, str) else []) + shown

"""Made-up MISP events, and what Comity reads in them."""

from __future__ import annotations

import json
from typing import Any

from comity.forms.misp import read
from comity.forms.misp_out import Held, Written, write
from comity.terms.item import Draft, Envelope, Refused
from comity.terms.stix import check

UUIDS = [f"{n:08x}-1234-4234-8234-123456789012" for n in range(1, 60)]
ORG = {"name": "Example CERT", "uuid": UUIDS[30]}


def attribute(n: int, type_: str = "domain", value: Any = "a.example", **more: Any) -> dict[str, Any]:
    return {"uuid": UUIDS[n], "type": type_, "value": value, "timestamp": "1700000000", "to_ids": True, "distribution": "5", **more}


def related(n: int, relation: str, type_: str, value: str, flagged: bool = False, **more: Any) -> dict[str, Any]:
    return attribute(n, type_, value, object_relation=relation, to_ids=flagged, **more)


def holder(n: int, name: str, *attributes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"uuid": UUIDS[n], "name": name, "timestamp": "1700000000", "distribution": "5", "Attribute": list(attributes), **more}


def event(*attributes: dict[str, Any], **more: Any) -> dict[str, Any]:
    own = {"uuid": UUIDS[0], "info": "An event", "date": "2023-11-14", "timestamp": "1700000100", "distribution": "1", "Orgc": ORG}
    return {"Event": {**own, "Attribute": list(attributes), **more}}


def drafts(node: Any) -> list[Draft]:
    """The drafts of an event, each acceptable STIX."""
    found = [item for item in read(json.dumps(node).encode()) if isinstance(item, Draft)]
    for draft in found:
        assert check(draft.obj) is None, draft.obj
        assert draft.derived
        assert json.loads(draft.raw) == draft.obj
    return found


def run(node: Any) -> tuple[dict[str, Draft], list[Refused]]:
    """Drafts by position (of several at one position the last), and refusals."""
    refused = [item for item in read(json.dumps(node).encode()) if isinstance(item, Refused)]
    return {draft.position: draft for draft in drafts(node)}, refused


def objects(node: Any, type_: str) -> list[dict[str, Any]]:
    """The STIX objects of a type that an event becomes."""
    return [dict(draft.obj) for draft in drafts(node) if draft.obj["type"] == type_]


def held(node: Any, tlp: str = "amber") -> list[Held]:
    """What an event becomes, as a node holds it."""
    return [Held(obj=d.obj, envelope=Envelope(origin="KZ", tlp=d.tlp or tlp, pap=d.pap, to=d.to)) for d in drafts(node)]


def back(node: Any, tlp: str = "amber") -> dict[str, Any]:
    """The one event that comes back out of an event."""
    written: Written = write(held(node, tlp))
    assert written.left == []
    (found,) = written.events
    return dict(found["Event"])

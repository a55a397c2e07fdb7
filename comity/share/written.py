"""What a draft comes to as objects: what was pasted, by whatever form it has; one's own objects in a new version; a report of all of it.

Of somebody else's object no version can be made (STIX 2.1 section 3.6): who passes on what is the agreement's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from comity.clock import parse
from comity.errors import NotFound
from comity.forms import detect, misp, report, stix_json, table
from comity.forms.markings import strictest_pap
from comity.intake.submit import Submitter
from comity.release.desk import Desk
from comity.release.sight import Reader
from comity.release.views import opened
from comity.share.drafts import Draft as Kept
from comity.share.drafts import Said
from comity.terms import tlp
from comity.terms.item import PURPOSES, Draft, Refused
from comity.terms.stix import derived_id


def submitter(kept: Kept, party: str, role: str) -> Submitter:
    """Who shares, and what holds for objects that do not say otherwise. Raises SenderFault for words that are none."""
    said = kept.said
    return Submitter(
        party=party, by=kept.user, role=role, tlp=said.tlp, purposes=said.purposes, handling=said.handling, to=said.to, named=True
    )  # fmt: skip


def objects(desk: Desk, kept: Kept, party: str) -> list[Draft | Refused]:
    """The objects of a draft, at most one more than the node takes at once; the report, if there is one, last."""
    said, most = kept.said, desk.world.settings.limits.objects
    found: list[Draft | Refused] = []
    for each in _all(desk, said, party):
        found.append(msgspec.structs.replace(each, pap=_pap(said, each)) if isinstance(each, Draft) else each)
        if len(found) > most:
            break
    named = [each.obj["id"] for each in found if isinstance(each, Draft) and isinstance(each.obj.get("id"), str)]
    if said.title and named:
        found.append(_report(kept, named))
    return found


def _all(desk: Desk, said: Said, party: str) -> Iterator[Draft | Refused]:
    if said.text.strip():
        yield from _read(desk, said.text)
    for number, id_ in enumerate(said.ids, 1):
        yield _anew(desk, id_, party, f"object {number}")


def _read(desk: Desk, text: str) -> Iterable[Draft | Refused]:
    """What was pasted, told by its content."""
    raw, at, limits = text.encode("utf-8", "replace"), desk.world.clock(), desk.world.settings.limits
    kind = detect.kind(raw[: detect.HEAD])
    if kind in ("stix", "json"):
        return stix_json.read(raw, stix_json.Limits(object_bytes=limits.object_bytes, objects=limits.objects))
    if kind == "misp":
        return misp.read(raw)
    if kind in ("csv", "list"):
        return table.read(raw.splitlines(), at=at)
    if kind in ("html", "text"):
        return report.read(raw, at=at)
    return [Refused(position="text", why=f"it looks like {kind}, which is not shared: paste STIX, a MISP event, a table, a list or a text")]


def _anew(desk: Desk, id_: str, party: str, position: str) -> Draft | Refused:
    """A new version of one's own object, under the markings that the draft chooses."""
    reader = Reader(party=party, body=desk.world.settings.body, purposes=PURPOSES)
    try:
        found = opened(desk, reader, id_)
    except NotFound:
        return Refused(position=position, id=id_, why="there is no such object, or it is not for you to see")
    if found.seen.row.origin != party:
        return Refused(position=position, id=id_, why=f"it is {found.seen.row.origin}'s: only its producer makes a new version of it")
    obj: dict[str, Any] = msgspec.json.decode(found.seen.body)
    if "modified" not in obj:
        return Refused(position=position, id=id_, why="an observable has no versions: withdraw it, then share it again")
    obj = {**obj, "modified": _moment(max(desk.world.clock(), parse(obj["modified"]) + timedelta(milliseconds=1)))}
    refs = [ref for ref in obj.pop("object_marking_refs", ()) if ref not in tlp.BY_ID]
    if refs:
        obj["object_marking_refs"] = refs
    return Draft(raw=msgspec.json.encode(obj), obj=obj, position=position)


def _report(kept: Kept, named: list[str]) -> Draft:
    """A report of all objects; the same draft always makes the same one."""
    at = _moment(kept.changed)
    obj = {
        "type": "report",
        "spec_version": "2.1",
        "id": derived_id("report", "share", kept.id),
        "created": at,
        "modified": at,
        "name": kept.said.title,
        "published": at,
        "object_refs": list(dict.fromkeys(named)),
    }
    if kept.said.about:
        obj["description"] = kept.said.about
    return Draft(raw=msgspec.json.encode(obj), obj=obj, position="report")


def _pap(said: Said, each: Draft) -> str | None:
    return strictest_pap(level for level in (said.pap, each.pap) if level)


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

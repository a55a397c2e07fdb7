"""Inbox: what arrived, from whom, under which clause; and what the party's people make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request

from comity.admin import triage
from comity.admin.triage import Note
from comity.clock import micros
from comity.doors.web import columns
from comity.doors.web.columns import Column
from comity.doors.web.frame import in_force
from comity.doors.web.items import ends, listed, names, parsed
from comity.doors.web.page import File, Given, Page, Visit
from comity.doors.web.show import stamped
from comity.forms import stix_json
from comity.match.routed import answered, noted, noted_of
from comity.release import arrivals
from comity.release.arrivals import Narrow
from comity.release.explain import parties
from comity.release.together import Arrival, Group, together
from comity.release.views import Seen
from comity.store.protocol import Row
from comity.terms.tlp import LEVELS

#: Rows on one page, arrivals that are looked through for them, and how many of those below a row are named.
SIZE, GATHERED, NAMED = 50, 200, 4
#: What may be asked for by state; the first is what the inbox opens with.
STATES = (triage.NEW, *triage.STATES, "any")
WHOSE = ("own", "all")
#: The filters besides the state.
_FACTS = ("type", "origin", "agreement", "tlp", "assigned", "about", "whose")
#: Who sees to arrivals: the others only read.
ACTING = frozenset({"analyst", "duty-officer", "point-of-contact", "administrator"})
COLUMNS = (
    Column(key="choose", label="inbox.choose", fixed=True),
    Column(key="what", label="inbox.what", lone=True),
    Column(key="tlp", label="inbox.tlp"),
    Column(key="origin", label="inbox.origin"),
    Column(key="clause", label="inbox.clause"),
    Column(key="arrived", label="inbox.arrived", sorts=True),
    Column(key="version", label="inbox.version", extra=True),
    Column(key="state", label="inbox.state"),
    Column(key="acts", label="inbox.acts", fixed=True),
)
#: The same where nothing is done and nothing sorted.
READING = tuple(msgspec.structs.replace(each, sorts=False) for each in COLUMNS if not each.fixed)
#: How it is sorted unless the address says otherwise: the newest first.
DEFAULT = "-arrived"


def build(visit: Visit) -> dict[str, Any]:
    """A page of arrivals with what was made of each; the filters are those of the address."""
    filters = chosen(visit)
    groups, following = _page(visit, filters)
    counts = visit.tally.counts(visit.desk, visit.reader)
    return {
        "filters": filters,
        "choices": {
            "type": list(counts.by_type),
            "origin": parties(visit.desk, visit.reader.body),
            "agreement": [each.id for each in in_force(visit)],
            "tlp": list(LEVELS),
            "state": list(STATES),
            "whose": list(WHOSE),
            "about": ["ours"],
            "assigned": triage.colleagues(visit.world, visit.user.party),
        },
        "colleagues": triage.colleagues(visit.world, visit.user.party),
        "begin": counts.total == 0,
        "narrowed": any(filters[name] for name in _FACTS),
        "kept": {**filters, "state": "" if filters["state"] == triage.NEW else filters["state"], "sort": visit.text("sort") or ""},
        "clear": "/inbox?state=" + filters["state"],
        "acting": acts(visit),
        "oldest": _oldest(visit),
        "columns": columns.of(visit.request, COLUMNS if acts(visit) else COLUMNS[1:-1], DEFAULT),
        "drawn": stamped(micros(visit.world.clock())),
        "items": grouped(visit, groups),
        "paged": visit.number("at") is not None,
        "next": following,
    }


def stix(visit: Visit) -> Given:
    """What the page of the same address lists, and what is told below it, as a STIX bundle of the received bytes."""
    groups, _ = _page(visit, chosen(visit))
    found = arrivals.given(visit.desk, visit.reader, [each for group in groups for each in (group.head, *group.below)])
    return Given(name="inbox.stix.json", media="application/stix+json;version=2.1", body=stix_json.bundle(seen.body for seen in found))


def acts(visit: Visit) -> bool:
    """Whether the person's role sees to arrivals."""
    return visit.user.role in ACTING


def chosen(visit: Visit) -> dict[str, str]:
    """The filters of an address."""
    return {
        "state": visit.one_of("state", STATES) or STATES[0],
        **{name: visit.text(name) or "" for name in _FACTS},
        "whose": visit.one_of("whose", WHOSE) or "",
    }


def _oldest(visit: Visit) -> bool:
    return columns.sorting(visit.request, COLUMNS, DEFAULT) == "arrived"


def narrow_of(filters: Mapping[str, str]) -> Narrow:
    """The filters that are facts of items."""

    def only(name: str) -> frozenset[str] | None:
        return frozenset({filters[name]}) if filters[name] else None

    return Narrow(
        own=filters["whose"] != "", others=filters["whose"] != "own", types=only("type"), origins=only("origin"), tlps=only("tlp"),
        agreement=filters["agreement"] or None,
    )  # fmt: skip


def _page(visit: Visit, filters: Mapping[str, str]) -> tuple[list[Group], int | None]:
    """What belongs together as one row, and the stamp to go on from."""
    found, following = _met(visit, filters)
    groups = together(visit.desk, found)
    if len(groups) > SIZE:
        found = found[: found.index(groups[SIZE].head)]
        groups, following = together(visit.desk, found), found[-1][0]
    return groups, following


def _met(visit: Visit, filters: Mapping[str, str]) -> tuple[list[Arrival], int | None]:
    """The arrivals that the address asks for, `GATHERED` at a time, and the stamp to go on from."""
    narrow, at, party = narrow_of(filters), visit.number("at"), visit.user.party

    def wanted(stamp: int, row: Row) -> bool:
        if filters["state"] == "any" and not filters["assigned"]:
            return True
        note = triage.note(visit.world, party, row.id)
        state = note.stands(stamp) if note else triage.NEW
        return filters["state"] in ("any", state) and filters["assigned"] in ("", note.assignee if note else "")

    marked = _marked(visit, filters)
    if marked is None:
        return arrivals.met(visit.desk, visit.reader, narrow, at=at, oldest=_oldest(visit), limit=GATHERED, wanted=wanted)
    turned = 1 if _oldest(visit) else -1
    ordered = sorted((turned * moment, id_) for id_, moment in marked.items() if at is None or turned * moment > turned * at)
    part = ordered[:SIZE]
    found = arrivals.known(visit.desk, visit.reader, narrow, [id_ for _, id_ in part], wanted)
    return found, abs(part[-1][0]) if len(ordered) > SIZE else None


def _marked(visit: Visit, filters: Mapping[str, str]) -> dict[str, int] | None:
    """Object id -> moment, where the filters ask for what is marked here: about the constituency, assigned, or of a settled state."""
    party = visit.user.party
    if filters["about"]:
        return {id_: each.at for id_, each in noted(visit.desk, party, visit.reader.body)}
    if filters["assigned"] or filters["state"] in triage.STATES:
        every = triage.notes(visit.world, party)
        return {
            id_: micros(each.at)
            for id_, each in every
            if (filters["assigned"] in ("", each.assignee)) and filters["state"] in ("any", triage.NEW, each.state)
        }
    return None


def grouped(visit: Visit, groups: Sequence[Group]) -> list[dict[str, Any]]:
    """A row for each group: its head, and `below` it what is told with it, the first of these by name."""
    below = {group.head[1].id: group.below for group in groups}
    called = names(visit, [row.id for each in below.values() for _, row in each[:NAMED]])
    found = rows(visit, arrivals.given(visit.desk, visit.reader, [group.head for group in groups]))
    for each in found:
        each["below"] = [
            {"id": row.id, "type": row.type, "arrived": stamped(stamp), "title": called.get(row.id)} for stamp, row in below[each["id"]]
        ]
    return found


def with_below(visit: Visit, objects: Mapping[str, int], asked: Mapping[str, str], drawn: datetime) -> dict[str, int]:
    """Objects (id -> stamp) that were chosen on a page of the inbox, with what that page told with each of them.

    `asked` is the query of the page's address, `drawn` when it was drawn: what came later is on no page that anybody chose from.
    """
    then = micros(drawn) + 1
    query = dict(asked)
    if query.get("sort") != "arrived":
        query.setdefault("at", str(then))
    page = msgspec.structs.replace(visit, request=Request({**visit.request.scope, "query_string": urlencode(query).encode()}))
    found = dict(objects)
    for group in _page(page, chosen(page))[0]:
        if objects.get(group.head[1].id) == group.head[0]:
            found |= {row.id: stamp for stamp, row in group.below if stamp < then and row.id not in found}
    return found


def rows(visit: Visit, found: Sequence[Seen]) -> list[dict[str, Any]]:
    """Items with what was made of each and whose of the constituency they are about."""
    called = names(visit, [end for seen in found for end in ends(parsed(seen.body))])
    about = touched(visit, [seen.row.id for seen in found])
    return [
        {
            **listed(seen, called),
            "about": about.get(seen.row.id, []),
            **told(triage.note(visit.world, visit.user.party, seen.row.id), seen.stamp),
            "below": [],
        }
        for seen in found
    ]


def touched(visit: Visit, ids: Sequence[str]) -> dict[str, list[str]]:
    """Object id -> the owners in the party's constituency that it is about, for those that are about any."""
    found = noted_of(visit.desk, visit.user.party, visit.reader.body, ids)
    owners = answered(visit.desk, visit.user.party).owners if found else {}
    return {id_: [owners[each].owner for each in noted.owners if each in owners] for id_, noted in found.items()}


def told(note: Note | None, stamp: int) -> dict[str, Any]:
    """What was made of an object that came at a stamp: `state`, and by whom, when and why where it is no longer new."""
    state = note.stands(stamp) if note else triage.NEW
    settled = note if note is not None and state != triage.NEW else None
    return {
        "state": state,
        "by": settled.by if settled else None,
        "since": stamped(micros(settled.at)) if settled else None,
        "why": settled.why if settled else "",
        "assignee": note.assignee if note else "",
    }


PAGES = (Page(path="/inbox", template="screens/inbox.html", build=build, rows="items", nav="inbox"),)
FILES = (File(path="/inbox/export.stix.json", give=stix),)

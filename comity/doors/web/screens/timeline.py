"""When: of one object on lanes (said, valid, seen, arrived, disclosed), and of many, a lane for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from comity.clock import from_micros
from comity.doors.web.items import heading, names, parsed, titled
from comity.doors.web.page import Page, Visit
from comity.doors.web.pictures.timeline import Span, Window, drawn, told, whole, window
from comity.doors.web.show import address
from comity.doors.web.subject import subject
from comity.doors.web.subject import told as told_of
from comity.release import views
from comity.release.around import around
from comity.release.arrivals import Narrow, arrivals
from comity.release.finding import by_words
from comity.release.holdings import open_to_search
from comity.release.select import Query
from comity.release.views import Opened
from comity.terms.observable import guess
from comity.terms.stix import version_moment

#: The lanes of one object; sightings of it and objects of a search on one picture; entries of the log that are looked at.
LANES = ("said", "valid", "seen", "arrived", "disclosed")
SIGHTINGS, OBJECTS, SEARCHED = 200, 60, 1_000
#: The properties that say from when until when something is meant, and when it was seen.
_VALID, _SEEN = ("valid_from", "valid_until"), ("first_seen", "last_seen")
#: What the newest objects are chosen from unless a type is asked for: what says when something was so.
_DATED = frozenset(
    (
        "campaign",
        "grouping",
        "incident",
        "indicator",
        "infrastructure",
        "intrusion-set",
        "malware",
        "observed-data",
        "report",
        "threat-actor",
    )
)


def build(visit: Visit) -> dict[str, Any]:
    """One object: `spans` on their lanes. Raises NotFound when hidden or absent."""
    opened, head = subject(visit)
    ties = around(visit.desk, visit.reader, [head["id"]])
    seen = [tie.other for tie in ties[head["id"]].ties if tie.type == "sighting" and not tie.outward] if head["id"] in ties else []
    spans = [*_said(opened), *_of(parsed(opened.seen.body), ""), *_sighted(visit, seen[-SIGHTINGS:]), *_arrived(visit, opened)]
    lanes = LANES if visit.own else LANES[:-1]
    if visit.own:
        spans += _disclosed(visit)
    return {
        **head,
        **_pictured(visit, spans, [lane for lane in lanes if lane in {span.lane for span in spans}]),
        "more": len(seen) > SIGHTINGS,
    }


def _pictured(visit: Visit, spans: Sequence[Span], lanes: Sequence[str]) -> dict[str, Any]:
    """The picture through the window that the address asks for, and the addresses' windows around it."""
    every = whole(spans, visit.world.clock())
    over = _window(visit, every)
    picture = drawn(spans, lanes, over)
    ways = {
        "in": over.moved(0, 0.5), "out": over.moved(0, 2), "earlier": over.moved(-0.25), "later": over.moved(0.25),
    }  # fmt: skip
    return {
        "picture": picture,
        "spans": [{key: each[key] for key in ("lane", "what", "start", "end", "count", "href")} for each in picture["spans"]],
        "all": len(spans),
        "window": {"from": told(over.since), "to": told(over.until)},
        "ways": {name: {"from": told(each.since), "to": told(each.until)} for name, each in ways.items()},
    }


def _window(visit: Visit, every: Window) -> Window:
    """What the address asks for."""
    visit.one_of("view", ("table",))
    since = visit.moment("from") or every.since
    return window(since, visit.moment("to") or max(every.until, since))


def _moment(obj: Mapping[str, Any], name: str) -> datetime | None:
    value = obj.get(name)
    return version_moment(value) if isinstance(value, str) else None


def _said(opened: Opened) -> Iterator[Span]:
    """When each version was made, by whose copy."""
    for row in opened.claims:
        moment = version_moment(row.version)
        yield Span(lane="said", start=moment, end=moment, what=row.origin, href=address(row.id) + f"?version={row.version}")


def _of(obj: Mapping[str, Any], what: str, *, lane: str = "", href: str = "") -> Iterator[Span]:
    """From when until when an object is meant or was seen, by its own words."""
    for name, (first, last) in (("valid", _VALID), ("seen", _SEEN)):
        since, until = _moment(obj, first), _moment(obj, last)
        if since or until:
            start = since or until
            assert start is not None
            # Without `last_seen` it was seen once; without `valid_until` it goes on.
            yield Span(lane=lane or name, start=start, end=until if until or name == "valid" else start, what=what or name, href=href)
    published = _moment(obj, "published")
    if published:
        yield Span(lane=lane or "said", start=published, end=published, what=what or "published", href=href)


def _sighted(visit: Visit, ids: list[str]) -> Iterator[Span]:
    """Sightings of it that the reader sees, with their counts."""
    for id_, body in views.named(visit.desk, visit.reader, ids).items():
        obj = parsed(body)
        count = obj.get("count", 1)
        first = _moment(obj, "first_seen") or _moment(obj, "last_seen") or _moment(obj, "created")
        if first and isinstance(count, int) and count > 0 and obj.get("revoked") is not True:
            yield Span(lane="seen", start=first, end=_moment(obj, "last_seen") or first, what="sighting", href=address(id_), count=count)


def _arrived(visit: Visit, opened: Opened) -> Iterator[Span]:
    """When each copy came into the reader's view."""
    stamps = visit.desk.feed(visit.reader).stamps(opened.claims)
    for row in opened.claims:
        if row.item in stamps:
            at = from_micros(stamps[row.item])
            yield Span(lane="arrived", start=at, end=at, what=row.origin, href=address(row.id) + f"?version={row.version}")


def _disclosed(visit: Visit) -> list[Span]:
    """To whom it went, by the log's latest entries: for the node's own people."""
    return [
        Span(lane="disclosed", start=past.at, end=past.at, what=verdict.party, href=f"/log/{past.entry}")
        for verdict in told_of(visit, searched=SEARCHED).verdicts
        for past in verdict.disclosed
    ]


def build_many(visit: Visit) -> dict[str, Any]:
    """Many objects, a lane for each: what a value, an id or words find, else what came last, of a type if one is asked for."""
    text, type_ = visit.text("q"), visit.text("type")
    if text:
        bodies = _asked_for(visit, text)
    else:
        shelf = arrivals(visit.desk, visit.reader, Narrow(types=frozenset({type_}) if type_ else _DATED), limit=OBJECTS)
        bodies = [(seen.row.id, seen.body) for seen in shelf.seen]
    objects = {id_: parsed(body) for id_, body in bodies}
    called = names(visit, list(objects))
    spans = [
        span for id_, obj in objects.items() for span in (*_of(obj, "", lane=id_, href=address(id_)), *_made(obj, id_))
    ]  # fmt: skip
    data = _pictured(visit, spans, list(objects))
    titles = {id_: called.get(id_) or titled(visit.words, heading(obj, {})) for id_, obj in objects.items()}
    return {**data, "q": text, "type": type_, "titles": titles, "objects": len(objects), "most": OBJECTS}


def _asked_for(visit: Visit, text: str) -> list[tuple[str, bytes]]:
    """What carries a value, has an id or has some words. Mail addresses lead to people, whom nobody looks up outside a case (G6)."""
    value = open_to_search(text)
    if value is None and "--" not in text:
        seen = by_words(visit.desk, visit.reader, text, OBJECTS)[0] if guess(text) is None else []
        return [(one.row.id, one.body) for one in seen]
    page = visit.desk.page(visit.reader, Query(ids=None if value else (text.strip(),), values=(value,) if value else None, limit=OBJECTS))
    return [(row.id, body) for (_, row), body in zip(page.found, page.bodies, strict=True)]


def _made(obj: Mapping[str, Any], id_: str) -> Iterator[Span]:
    made = _moment(obj, "modified") or _moment(obj, "created")
    if made:
        yield Span(lane=id_, start=made, end=made, what="said", href=address(id_))


PAGES = (
    Page(path="/o/{id}/timeline", template="screens/timeline.html", build=build, rows="spans"),
    Page(path="/timeline", template="screens/timeline_many.html", build=build_many, rows="spans", nav="timeline"),
)

"""Where indicators hit: sightings put together by what was sighted, by who gave it and by day; and what people make of them."""

from __future__ import annotations

from typing import Any

from comity.admin import mutes
from comity.doors.web.items import heading, parsed, titled
from comity.doors.web.page import Act, Done, Form, Page, Visit
from comity.doors.web.screens.inbox import ACTING
from comity.doors.web.words import Words
from comity.errors import NotFound, SenderFault
from comity.match.consent import consent
from comity.match.feedback import CONFIRMED, FALSE_POSITIVE, feedback, opinion_id
from comity.release import views
from comity.release.sighted import Sighted, sighted
from comity.terms.values import observables

#: Rows on one page, and what they are put together by.
SIZE = 50
BY = ("indicator", "source", "day")
#: What a button says -> the opinion that it gives.
OPINIONS = {"confirm": CONFIRMED, "false": FALSE_POSITIVE}
_english = Words("en")


def build(visit: Visit) -> dict[str, Any]:
    """`rows` by what the address asks for, `SIZE` from `from` on; `days` with all hits of each; `further` is the address of the next page.

    Whatever is on it comes from the sightings that were `looked` at, those before the stamp `at`.
    """
    by = visit.one_of("by", BY) or "indicator"
    others = visit.one_of("scope", ("own", "all")) == "all"
    found = sighted(visit.desk, visit.reader, others=others, at=visit.number("at"))
    quiet = mutes.muted(visit.world, visit.user.party)
    shown = [each for each in found.sighted if (each.id in quiet) == (visit.text("muted") == "only")]
    first = visit.number("from") or 0
    rows = (
        {"source": _by_source, "day": _by_day}[by](shown) if by != "indicator" else _by_indicator(visit, shown[first : first + SIZE], quiet)
    )
    within = by == "indicator" and first + SIZE < len(shown)
    return {
        "by": by,
        "scope": "all" if others else "own",
        "muted": sum(each.id in quiet for each in found.sighted),
        "only_muted": visit.one_of("muted", ("only",)) == "only",
        "acting": visit.user.role in ACTING,
        "looked": found.looked,
        "further": {"from": first + SIZE} if within else {"at": found.next, "from": None} if found.next else None,
        "hits": sum(each.hits for each in shown),
        "indicators": len(shown),
        "days": _by_day(shown),
        "rows": rows,
    }


def _by_indicator(visit: Visit, shown: list[Sighted], quiet: dict[str, mutes.Mute]) -> list[dict[str, Any]]:
    said = views.named(visit.desk, visit.reader, [*(each.id for each in shown), *(opinion_id(visit.user.party, each.id) for each in shown)])
    rows = []
    for each in shown:
        obj = parsed(said[each.id]) if each.id in said else {"type": each.id.partition("--")[0]}
        opinion = parsed(said[own]).get("opinion") if (own := opinion_id(visit.user.party, each.id)) in said else None
        parts = heading(obj, {})
        rows.append(
            {
                "id": each.id,
                "known": each.id in said,
                "type": obj["type"],
                "title": titled(_english, parts),
                "heading": parts,
                "values": [{"kind": kind, "value": value} for kind, value in observables(obj)],
                "hits": each.hits,
                "sightings": len(each.sightings),
                "first": each.first,
                "last": each.last,
                "parties": each.parties,
                "sources": list(each.sources),
                "counted": len(each.counted),
                "opinion": next((name for name, text in OPINIONS.items() if text == opinion), None),
                "muted": quiet[each.id].by if each.id in quiet else None,
            }
        )
    return rows


def _by_source(shown: list[Sighted]) -> list[dict[str, Any]]:
    """By who gave what was hit: each of several counts."""
    names = sorted({party for each in shown for party in each.sources})
    rows = [
        {
            "source": name,
            "hits": sum(each.hits for each in shown if name in each.sources),
            "indicators": sum(name in each.sources for each in shown),
        }
        for name in names
    ]
    return sorted(rows, key=lambda row: (-int(str(row["hits"])), str(row["source"])))


def _by_day(shown: list[Sighted]) -> list[dict[str, Any]]:
    days = sorted({day for each in shown for day in each.days}, reverse=True)
    return [
        {"day": day, "hits": sum(each.days.get(day, 0) for each in shown), "indicators": sum(day in each.days for each in shown)}
        for day in days
    ]


def say(visit: Visit, form: Form) -> Done:
    """Do what the button says about one object: an opinion of it, muting it here, or naming the party in its sightings."""
    do, _, id_ = form.needed("do").partition(" ")
    if id_ not in views.named(visit.desk, visit.reader, [id_]):
        raise NotFound("there is no such object, or it is not for you to see")
    user = visit.user
    if do in OPINIONS:
        outcomes = [feedback(visit.desk, id_, OPINIONS[do], form.text("note"), user.name, reader=visit.reader, role=user.role)]
    elif do == "name":
        found = sighted(visit.desk, visit.reader, others=False)
        outcomes = consent(
            visit.desk, visit.reader, [own for each in found.sighted if each.id == id_ for own in each.counted], user.name, user.role
        )
    elif do in ("mute", "unmute"):
        (mutes.mute if do == "mute" else mutes.unmute)(visit.world, user, id_)
        outcomes = []
    else:
        raise SenderFault(f"{do!r} is nothing that can be done here", next="one of confirm, false, name, mute, unmute")
    refused = [outcome.why for outcome in outcomes if outcome.outcome == "rejected"]
    if refused:
        raise SenderFault("; ".join(refused))
    back = form.text("back")
    return Done(to="/matches" + (f"?{back}" if back else ""))


PAGES = (Page(path="/matches", template="screens/matches.html", build=build, rows="rows", nav="matches"),)
ACTS = (Act(path="/matches/say", do=say, roles=ACTING),)

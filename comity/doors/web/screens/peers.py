"""The links to other Comity nodes: how each stands, why something did not arrive, who has answered what was taken back, and where origins
say different things under one id.
"""

from __future__ import annotations

from typing import Any

from comity.clock import micros
from comity.doors.web.page import Page, Visit
from comity.doors.web.show import stamped
from comity.errors import Fault
from comity.intake.claimed import claimed
from comity.intake.withdraw import recalls
from comity.peer import book, standing
from comity.peer.arrival import arrival
from comity.peer.book import Peer
from comity.peer.enrol import known
from comity.peer.partner import state
from comity.peer.recalled import status
from comity.release import account
from comity.release.claims import disputed
from comity.terms.item import PURPOSES

#: What was taken back last, of which it is shown who has answered; and conflicts.
SHOWN = 10


def build(visit: Visit) -> dict[str, Any]:
    """`links` to Comity nodes, how many `others` there are, the answer to a question (`asked`), and the own party's `recalls`."""
    peers = book.peers(visit.world)
    return {
        "links": [_link(visit, each) for each in peers if each.kind == "comity"],
        "others": sum(each.kind != "comity" for each in peers),
        "asked": _asked(visit),
        "recalls": taken_back(visit),
        **_conflicts(visit),
    }


def _conflicts(visit: Visit) -> dict[str, Any]:
    """The latest ids under which several origins say different things, as far as the person's party sees that."""
    found = disputed(visit.desk, visit.reader, claimed(visit.world), SHOWN + 1)
    shown = [
        {"id": id_, "claims": [{"origin": row.origin, "version": row.version, "arrived": stamped(row.added)} for row in rows]}
        for id_, rows in found[:SHOWN]
    ]
    return {"conflicts": shown, "more_conflicts": len(found) > SHOWN}


def _link(visit: Visit, link: Peer) -> dict[str, Any]:
    node, stands = known(link), state(visit.world, link.name)
    problem = standing.problem(link, stands)
    return {
        "name": link.name,
        "party": link.party,
        "node": node.address,
        "key": node.key_id[:16],
        "calls": bool(link.url),
        "state": _state(link, problem, stands.heard or stands.tried),
        "heard": stamped(max(stands.heard, stands.tried)) if stands.heard or stands.tried else None,
        "sent": stands.reached,
        "behind": max(0, stands.made - stands.reached),
        "received": stands.applied,
        "problem": problem,
    }


def _state(link: Peer, problem: str, met: int) -> str:
    if link.ended:
        return "ended"
    return "bad" if problem else "good" if met else "new"


def _asked(visit: Visit) -> dict[str, Any] | None:
    """Why an object did not arrive at a party, if that was asked; hidden and absent are answered alike."""
    id_, party = (visit.text("id") or "").strip(), (visit.text("party") or "").strip().upper()
    if not id_ and not party:
        return None
    asked: dict[str, Any] = {"id": id_, "party": party, "state": None, "why": "", "over": None, "at": None, "proven": False}
    try:
        found = arrival(visit.desk, account.why(visit.desk, visit.reader, id_, party, PURPOSES))
    except Fault:
        return asked
    at = stamped(micros(found.at)) if found.at else None
    return {**asked, "state": found.state.replace(" ", "_"), "why": found.why, "over": found.over, "at": at, "proven": found.proven}


def taken_back(visit: Visit, id_: str | None = None) -> list[dict[str, Any]]:
    """What the person's party took back last (of an object id, or of all), and what each party that had it has answered."""
    own = [each for each in recalls(visit.world, id_) if each.party == visit.user.party]
    last = sorted(own, key=lambda each: each.at, reverse=True)[:SHOWN]
    return [
        {
            "id": each.id,
            "version": each.version,
            "cause": each.cause,
            "reason": each.reason,
            "at": stamped(micros(each.at)),
            "parties": [
                {
                    "party": one.party,
                    "state": one.state.replace(" ", "_"),
                    "why": one.why,
                    "at": stamped(micros(one.at)) if one.at else None,
                }
                for one in status(visit.world, each)
            ],
        }
        for each in last
    ]


PAGES = (Page(path="/peers", template="screens/peers.html", build=build, rows="links", nav="peers", own=True),)

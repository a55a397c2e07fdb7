"""Why did this not arrive? How far an object has come on its way to a party, from decisions, the log, links and receipts.

For those who may ask about the party: the object's origin, the party itself, and the node's own people (`release.account`).
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from comity.clock import from_micros, parse
from comity.intake.addressed import addressed
from comity.peer import book, receipts
from comity.peer import partner as partners
from comity.peer.book import Peer
from comity.release.desk import Desk
from comity.release.explain import Verdict
from comity.release.holdings import Outlet
from comity.release.past import fetched, past
from comity.store.wrapped import made_of
from comity.wire import Disclosed
from comity.wire_links import Arrival, ArrivalState


def arrival(desk: Desk, verdict: Verdict) -> Arrival:
    """How far the object of a verdict has come to its party.

    1. what its node said last   2. the decision   3. a link to its node   4. a link to our centre   5. what its clients fetched
    """
    row, party = verdict.row, verdict.party
    shas = [row.sha, *([verdict.copy.sha] if verdict.copy else []), *(each.sha for each in made_of(desk.world.store, [row]))]
    # 1.
    said = {code: kept for sha in shas for code, kept in receipts.about(desk.world, row.origin, sha, row.added).items()}
    if kept := said.get(party):
        return _heard(verdict, kept)
    # 2.
    beyond = row.origin == desk.world.settings.party and addressed(desk.world)((party,)) != ""
    if verdict.decision.effect not in ("permit", "redact") and not beyond:  # whom only our centre knows it decides for
        reasons = verdict.decision.reasons
        return _told(verdict, "denied", reasons[0].text if reasons else "", None)
    # 3.
    links = [link for link in book.peers(desk.world) if link.kind == "comity"]
    direct = next((link for link in links if link.party == party), None)
    if direct:
        # An origin's verdict does not say when others received its object; how far it came is its business.
        return _over(desk, verdict, direct, verdict.disclosed or past(desk, shas, row.leaf).get(party, ()))
    # 4.
    if row.origin == desk.world.settings.party and not verdict.disclosed:
        for link in links:
            if Outlet(desk, link.party, link.purposes).custody:
                found = _behind(desk, verdict, shas, link, said.get(link.party))
                unknown = f"; no register here knows {party}, so that {link.party} decides alone whether it may have it" if beyond else ""
                return msgspec.structs.replace(found, why=found.why + unknown)
    # 5.
    if at := fetched(desk, shas, party, row.leaf):
        return _told(verdict, "fetched", "a client of it fetched the object", at)
    return _told(verdict, "not fetched", f"no node of {party} is linked here, and no client of it has fetched the object", None)


def _heard(verdict: Verdict, kept: receipts.Kept) -> Arrival:
    """What a party's node said of it last."""
    receipt = kept.confirmed.receipt
    state: ArrivalState = "fetched" if receipt.outcome == "told" else receipt.outcome
    return msgspec.structs.replace(_told(verdict, state, receipt.why, receipt.at), proven=kept.proven and not receipt.of)


def _behind(desk: Desk, verdict: Verdict, shas: list[bytes], link: Peer, kept: receipts.Kept | None) -> Arrival:
    """How far an own object has come that goes over our centre."""
    if kept and kept.confirmed.receipt.outcome == "arrived":
        why = f"it is at {link.party}, and {verdict.party} has not confirmed that it arrived"
        if since := receipts.later(desk.world, verdict.row.origin, verdict.party, kept.heard):
            why += f", though it has confirmed others since: {since:%Y-%m-%d %H:%M} UTC"
        found = _told(verdict, "unconfirmed", why, kept.confirmed.receipt.at)
    elif kept:
        found = _heard(verdict, kept)
    else:
        found = _over(desk, verdict, link, past(desk, shas, verdict.row.leaf).get(link.party, ()))
    return msgspec.structs.replace(found, over=link.party)


def _over(desk: Desk, verdict: Verdict, link: Peer, given: tuple[Disclosed, ...] | list[Disclosed]) -> Arrival:
    """How far an object has come over a link, by whether it was given and how the link stands."""
    stands = partners.state(desk.world, link.name)
    heard = from_micros(stands.heard) if stands.heard else None
    since = "was never heard from" if heard is None else "has not answered since"
    if stands.problem:
        return _told(verdict, "link down", f"{link.party}'s node refused the last parcel: {stands.problem}", heard)
    if stands.made > stands.reached:
        return _told(verdict, "link down", f"a parcel with it, or before it, is on its way; {link.party}'s node {since}", heard)
    if link.tried and not link.result.startswith("ok"):
        return _told(verdict, "link down", f"the last exchange failed: {link.result}", heard or parse(link.tried))
    if given:
        return _told(verdict, "unconfirmed", f"it was given to {link.party}, whose node has not confirmed it", given[-1].at)
    return _told(verdict, "waiting", f"there was no exchange with {link.party}'s node since it may have it", heard)


def _told(verdict: Verdict, state: ArrivalState, why: str, at: datetime | None) -> Arrival:
    row = verdict.row
    return Arrival(
        id=row.id, version=row.version, origin=row.origin, party=verdict.party, state=state, why=why, at=at, over=None, proven=False
    )  # fmt: skip

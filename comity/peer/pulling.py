"""Pulling from a peer: page by page, each taken in whole before it is kept how far the exchange has come.

Pulled items come from the peer (their origin is the peer's party; who made them is a claim inside them), addressed to this node's
party alone and not to be passed on (H2). Crash story: a page is durable before its place is kept, so a cut repeats a part of a page and
never loses one; what comes twice is a duplicate, which changes nothing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import msgspec

from comity.forms import stix_json
from comity.intake.submit import Submitter, submit
from comity.peer import book
from comity.peer.book import Peer
from comity.peer.report import Report
from comity.peer.taxii_client import Collection, TaxiiClient
from comity.terms.item import Draft, Refused
from comity.world import World

#: Objects asked for per page.
PAGE = 1_000
#: How long one exchange pulls at most, seconds; the next one goes on where it stopped.
LONGEST = 6 * 3600.0


def pull(
    world: World, name: str, collection: Collection, client: TaxiiClient, report: Report, clock: Callable[[], float] = time.monotonic
) -> None:
    """Take in what is new in a collection. Raises PeerFault or NotAuthenticated; what came before is kept, and counted in the report."""
    link = book.peer(world, name)
    counts: Counter[str] = Counter()
    by = submitter(world, link)
    until = clock() + LONGEST
    try:
        for page in client.pages(collection, link.pulled or None, PAGE):
            if page.note:
                report.problems.append(page.note)
            if page.count:
                for outcome in submit(world, mended(stix_json.read(page.raw)), by):
                    counts[outcome.outcome] += 1
                    if outcome.outcome == "rejected":
                        report.problems.append(f"{outcome.id or outcome.position}: {outcome.why}")
            link = book.forward(world, link, page.resume)
            if clock() > until:
                report.problems.append(f"stopped after {LONGEST:.0f} s: the next exchange goes on there")
                break
    finally:
        report.pulled = dict(counts)


def submitter(world: World, link: Peer) -> Submitter:
    """As whom a peer's items come in: from its party, for this node's party alone, not to be passed on."""
    return Submitter(
        party=link.party,
        by=f"peer {link.name}",
        tlp=link.tlp,
        purposes=link.purposes,
        handling=("H2",),
        to=(world.settings.party,),
        received_from=link.party,
        hops=(link.party,),
    )


def mended(drafts: Iterable[Draft | Refused]) -> Iterator[Draft | Refused]:
    """The drafts, with a `spec_version` that only repeats the type set right.

    OpenTAXII before 0.10 gives out every object so (its issue 268), and serves STIX 2.1 alone.
    """
    for draft in drafts:
        if isinstance(draft, Draft) and "spec_version" in draft.obj and draft.obj["spec_version"] == draft.obj.get("type"):
            obj = {**draft.obj, "spec_version": "2.1"}
            draft = msgspec.structs.replace(draft, obj=obj, raw=msgspec.json.encode(obj))
        yield draft

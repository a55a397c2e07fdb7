"""Two nodes in memory and a link between them; plain TAXII servers stand beside them in `stub`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import msgspec

from comity.admin.tokens import create
from comity.clock import now
from comity.doors.site import site
from comity.forms import stix_json
from comity.intake.govern import add_agreement, add_standing
from comity.intake.submit import Submitter, submit
from comity.ledger.journal import Entry, read_entry
from comity.node import scratch_world
from comity.peer import book, link
from comity.peer.book import Peer
from comity.peer.report import Report
from comity.peer.taxii_client import TaxiiClient
from comity.release.desk import Desk
from comity.release.holdings import own_reader
from comity.release.select import Query
from comity.terms.item import Envelope
from comity.terms.party import Standing
from comity.terms.tlp import TLP2_IDS
from tests.consortium import MEMBERS, START, Body, Ticking
from tests.inside import Inside
from tests.peer.stub import HOST

GREEN, RED = TLP2_IDS["green"], TLP2_IDS["red"]
T = [f"2021-10-{day:02d}T00:00:00.000000Z" for day in range(1, 29)]


class Bench:
    """A centre's node, and the node of the member UZ linked to it. `cut` breaks the connection after so many requests for pages."""

    def __init__(self) -> None:
        self.body = Body(clock=Ticking(now()))
        self.kz, self.uz = self.body.member("KZ"), self.body.member("UZ")
        self.app = Inside(site(self.body.desk), base_url="http://localhost", follow_redirects=False)
        self.node = Node("UZ")
        self.cut: int | None = None
        self.page_limit: str | None = None
        self.requests: list[httpx2.Request] = []

    def link(self, scopes: tuple[str, ...] = ("taxii:read", "taxii:write"), **more: Any) -> None:
        _, token = create(self.body.world, party="UZ", scopes=scopes, expires=self.body.clock() + timedelta(days=1), tlp="amber")
        self.node.link(url="http://localhost/taxii2/", token=token, **more)

    def sync(self) -> Report:
        return self.node.sync(self._carry)

    def posts(self) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.requests if request.method == "POST"]

    def _carry(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        url = request.url
        if request.method == "GET" and url.path.endswith("/objects/"):
            if self.cut is not None:
                if self.cut == 0:
                    raise httpx2.ReadError("cut")
                self.cut -= 1
            if self.page_limit:
                url = url.copy_set_param("limit", self.page_limit)
        given = self.app.request(request.method, str(url), headers=request.headers, content=request.content)
        return httpx2.Response(given.status_code, headers=given.headers, content=given.content)


class Node:
    """A member's own node, linked to one peer."""

    def __init__(self, party: str, agreement: str | None = MEMBERS) -> None:
        self.world = scratch_world(party, "sco")
        add_standing(self.world, Standing(party=party, body="sco", standing="member", since=START), by="test")
        if agreement:
            add_agreement(self.world, agreement, "test.toml", by="test")
        self.desk = Desk(self.world)
        self.party = party

    def link(self, *, url: str = f"{HOST}/taxii2/", token: str = "secret", party: str = "SCO-CENTRE", **more: Any) -> None:
        book.add_peer(self.world, Peer(name="centre", party=party, url=url, user=self.party, token=token, **more))

    def adds(self, *objects: dict[str, Any], **options: Any) -> None:
        """Take own objects in, as from a file. Its sightings name it, unless told otherwise."""
        raw = json.dumps({"type": "bundle", "objects": list(objects)}).encode()
        outcomes = list(submit(self.world, stix_json.read(raw), Submitter(party=self.party, **{"named": True, **options})))
        assert {outcome.outcome for outcome in outcomes} <= {"accepted", "quarantined"}

    def sync(self, carry: Callable[[httpx2.Request], httpx2.Response]) -> Report:
        kept = book.peer(self.world, "centre")
        client = TaxiiClient(kept.user, kept.token, transport=httpx2.MockTransport(carry), wait=lambda _: None)
        try:
            return link.sync(self.desk, "centre", client)
        finally:
            client.close()

    def holds(self) -> dict[str, tuple[str, Envelope]]:
        """id -> (origin, envelope) of everything here."""
        page = self.desk.page(own_reader(self.desk), Query(limit=10_000, versions=("all",)))
        envelopes = self.world.store.envelopes([row.item for _, row in page.found])
        return {row.id: (row.origin, msgspec.json.decode(envelopes[row.item], type=Envelope)) for _, row in page.found}

    @property
    def pulled(self) -> str:
        return book.peer(self.world, "centre").pulled

    @property
    def pushed(self) -> int:
        return book.peer(self.world, "centre").pushed

    def log(self) -> list[Entry]:
        return [read_entry(leaf.entry) for leaf in self.world.store.leaves()]


def ids(objects: list[dict[str, Any]]) -> set[str]:
    return {obj["id"] for obj in objects}

"""A centre and two members in memory that exchange over the door for other nodes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from comity.doors.peering.app import Door, others
from comity.ledger.keys import LogKey
from comity.peer import book, enrol
from comity.peer.arrival import arrival
from comity.peer.caller import Caller, to_link
from comity.peer.exchange import Exchange, Parcels, asked
from comity.peer.guard import Guard
from comity.peer.identity import open_identity
from comity.peer.keyring import Keyring
from comity.peer.report import Report
from comity.release import explain
from comity.release.desk import Desk
from comity.release.sight import Reader
from comity.rulebook import Rulebook
from comity.wire_links import Arrival
from tests.consortium import Body, Ticking, drafts
from tests.linked import backup
from tests.peer.linking import URL, carrying


class Linked(Body):
    """A party's node with keys, its door, and how it is called."""

    def __init__(self, folder: Path, party: str) -> None:
        from comity.clock import now

        super().__init__(clock=Ticking(now()), party=party)
        folder.mkdir()
        (folder / "parcels").write_bytes(LogKey.generate(f"{party}/parcels").to_bytes())
        self.keys = Keyring(folder, party, "sco", f"{party}-sco", f"comity.example/sco/{party}")
        self.starts()
        self.member("KZ"), self.member("UZ")

    def starts(self) -> None:
        """As a process that begins."""
        self.world = replace(self.world, rulebook=Rulebook(self.world.store))
        self.desk = Desk(self.world)
        self.parcels = Parcels(self.desk, self.keys)
        self.app = others(Door(Guard(self.world, self.keys.own), self.parcels))

    def backup(self) -> dict[str, Any]:
        return backup(self.world.store)

    def restores(self, kept: dict[str, Any]) -> None:
        """Its store is an earlier one, and it starts anew."""
        vars(self.world.store).update(kept)
        self.starts()

    def adds(self, *objects: dict[str, object]) -> None:
        from comity.intake.submit import Submitter, submit

        assert [each.outcome for each in submit(self.world, drafts(objects), Submitter(party=self.world.settings.party))] == [
            "accepted"
        ] * len(objects)

    def size(self) -> int:
        return self.world.store.head().size

    def holds(self, id_: str) -> bool:
        return bool(self.world.store.by_id([id_]))


class Met:
    """A centre and the members KZ and UZ, linked; `calls` counts the requests."""

    def __init__(self, folder: Path) -> None:
        self.centre, self.kz, self.uz = (Linked(folder / party, party) for party in ("SCO-CENTRE", "KZ", "UZ"))
        self.calls: list[str] = []
        for node in (self.kz, self.uz):
            text = enrol.invite(self.centre.world, self.centre.keys.own(), node.world.settings.party, URL)
            enrol.join(
                node.world, node.keys.own(), text, "centre",
                lambda _, hello: enrol.admit(self.centre.world, hello, open_identity(hello.node)) and None,
            )  # fmt: skip

    def talk(self, node: Linked) -> Exchange:
        def calling(own, link) -> Caller:
            transport = carrying(
                self.centre.app, own.identity.tls, lambda request: self.calls.append(f"{request.method} {request.url.path}")
            )
            return to_link(own, link, transport=transport, wait=lambda _: None, clock=lambda: self.centre.clock.at.timestamp())

        return Exchange(node.parcels, book.peer(node.world, "centre"), calling)

    def arrival(self, node: Linked, id_: str, party: str) -> Arrival:
        verdict = explain.why(node.desk, id_, Reader(party=party, body="sco", purposes=("network-defence",)))
        return asked(node.desk, node.keys, verdict, arrival(node.desk, verdict), self.talk(node)._calling)

    def sync(self, node: Linked) -> Report:
        report = Report(peer="centre", pulled={}, pushed={}, problems=[])
        self.talk(node).run(report)
        return report

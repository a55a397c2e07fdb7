"""The nodes of the federation demo: two hubs as processes of their own, and 27 members' nodes that share this process.

Every node has a folder, a store, a log and keys of its own. Members call their hubs, the hub of the SCO calls that of the CICA, all over
HTTP and TLS by pinned keys; the hubs talk by a wire that can be cut (`demo_relay`).
"""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType

from comity.admin.inventory import received_from, written
from comity.config import Log, Peering, Settings
from comity.doors.cli.context import Nodes
from comity.doors.cli.demo_bodies import CICA, HUBS, home, hubs, register, texts
from comity.doors.cli.demo_relay import Wire
from comity.doors.cli.demo_servers import Servers, free_port
from comity.intake.govern import add_agreement
from comity.intake.registering import take
from comity.peer import book, enrol
from comity.peer.caller import show
from comity.peer.exchange import Exchange, Parcels
from comity.peer.keyring import Keyring
from comity.peer.report import Report
from comity.release.desk import Desk
from comity.world import World


class Federation:
    """29 nodes in a folder. As a context manager it stops what it started, whatever happens."""

    def __init__(self, nodes: Nodes, folder: Path) -> None:
        self.folder = folder
        self.desks: dict[str, Desk] = {}
        self.servers = Servers()
        self._nodes = nodes
        self._keys: dict[str, Keyring] = {}
        self._parcels: dict[str, Parcels] = {}
        self._ports = {party: free_port() for party in HUBS.values()}
        self._stack = ExitStack()

    def __enter__(self) -> Federation:
        self._stack.enter_context(self.servers)
        self.wire = self._stack.enter_context(Wire(self._ports[HUBS["cica"]]))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()
        for desk in self.desks.values():
            desk.world.store.close()

    def world(self, party: str) -> World:
        """A node's world, as its own administrator opens it."""
        return self.desks[party].world

    def make(self) -> None:
        """Make the nodes; each has the register of both bodies and the three agreements."""
        bodies = {**{party: body for body, party in HUBS.items()}, **{party: home(party) for party in CICA}}
        for party, body in bodies.items():
            peering = Peering(port=self._ports[party], url=self._url(party)) if party in self._ports else Peering()
            # What is written without news is looked at by file: a checkpoint that falls due meanwhile is none of the links' doing.
            log = Log(interval=86_400)
            settings = Settings(party=party, name=f"{party}-{body}", title=f"{party} (sample)", body=body, peering=peering, log=log)
            place = self.folder / party.lower()
            world = self._nodes.create_node(place, settings, "partner" if party in self._ports else "member")
            self.desks[party], self._keys[party] = Desk(world), self._nodes.keyring(place)
            self._parcels[party] = Parcels(self.desks[party], self._keys[party])
            take(world, register(), by="demo")
            for name, text in texts():
                add_agreement(world, text, name, by="demo")

    def start(self) -> None:
        """Start the hubs, and link every member to its own, and those of both bodies to both; at last the one hub to the other."""
        self.servers.start({party: self.folder / party.lower() for party in HUBS.values()})
        for party in CICA:
            for body in hubs(party):
                self._join(HUBS[body], party, self._url(HUBS[body]))
        self._join(HUBS["cica"], HUBS["sco"], f"https://127.0.0.1:{self.wire.port}/")

    def crossed(self) -> int:
        """How many items the hubs have from each other."""
        return sum(received_from(self.world(one), other) for one, other in (HUBS.values(), reversed(HUBS.values())))

    def state(self, party: str) -> tuple[object, ...]:
        """What a node has written: entries of its log, its counters, and the size and time of each file but its server's."""
        place = self.folder / party.lower()
        files = sorted(
            (str(path), path.stat().st_size, path.stat().st_mtime_ns)
            for path in place.rglob("*")
            if path.is_file() and not path.name.endswith(("-shm", "server.log"))
        )
        return *written(self.world(party)), tuple(files)

    def _url(self, party: str) -> str:
        return f"https://127.0.0.1:{self._ports[party]}/"

    def _join(self, hub: str, party: str, url: str) -> None:
        text = enrol.invite(self.world(hub), self._keys[hub].own(), party, url, by="demo")
        own = self._keys[party].own()
        enrol.join(self.world(party), own, text, hub.lower(), partial(show, own), by="demo")

    def sync(self, party: str) -> None:
        """One exchange of a member's node with each of its hubs."""
        for body in hubs(party):
            link = book.peer(self.world(party), HUBS[body].lower())
            talk = Exchange(self._parcels[party], link)
            try:
                talk.run(Report(peer=link.name, pulled={}, pushed={}, problems=[]))
            finally:
                talk.close()

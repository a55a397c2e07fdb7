"""The demo's nodes: made, started as processes of their own, stopped."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from comity.admin import links, users
from comity.config import Pages, Settings
from comity.doors.cli.context import Nodes
from comity.doors.cli.demo_servers import Servers
from comity.release.desk import Desk
from comity.world import World

BODY = "sco"
#: Name -> (party, standing of its own, what it is called).
MEMBERS = {
    "centre": ("SCO-CENTRE", "partner", "SCO centre for information security (sample)"),
    "kz": ("KZ", "member", "KZ-CERT (sample)"),
    "uz": ("UZ", "member", "UZ-CERT (sample)"),
    "in": ("IN", "member", "IN-CERT (sample)"),
}
#: The people of each node: (name, role).
PEOPLE = (("analyst", "analyst"), ("duty", "duty-officer"), ("officer", "agreement-officer"), ("admin", "administrator"))


class Person(NamedTuple):
    """Somebody at a node, and the link by which they sign in once."""

    name: str
    party: str
    role: str
    link: str


class Fleet:
    """Four nodes in a folder. As a context manager it stops what it started, whatever happens."""

    def __init__(self, nodes: Nodes, folder: Path) -> None:
        self.folder = folder
        self.desks: dict[str, Desk] = {}
        self.servers = Servers()
        self._nodes = nodes

    def __enter__(self) -> Fleet:
        self.servers.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.servers.__exit__(kind, error, trace)
        for desk in self.desks.values():
            desk.world.store.close()

    def world(self, name: str) -> World:
        """A node's world, as its own administrator opens it."""
        return self.desks[name].world

    def make(self) -> None:
        """Make the nodes."""
        for name, (party, standing, title) in MEMBERS.items():
            settings = Settings(party=party, name=f"{party}-{BODY}", title=title, body=BODY, pages=Pages(sample=True))
            self.desks[name] = Desk(self._nodes.create_node(self.folder / name, settings, standing))

    def start(self) -> None:
        """Start a server for each node and wait until all are ready. Raises OperatorFault if one does not come up."""
        self.servers.start({name: self.folder / name for name in MEMBERS})

    @property
    def ports(self) -> dict[str, int]:
        """The port of each node's server."""
        return self.servers.ports

    def taxii(self, name: str) -> str:
        """A node's TAXII discovery URL."""
        return f"http://127.0.0.1:{self.ports[name]}/taxii2/"

    def people(self) -> list[Person]:
        """The nodes' people, each with a one-time link to their node's pages."""
        found = []
        for node, (party, _, _) in MEMBERS.items():
            world = self.world(node)
            for called, role in PEOPLE:
                name = f"{node}.{called}"
                if all(each.name != name for each in users.users(world)):
                    users.add(world, name, party, role)
                link = f"http://127.0.0.1:{self.ports[node]}/enter/{links.create(world, name)}"
                found.append(Person(name=name, party=party, role=role, link=link))
        return found

    def peak_memory(self) -> int:
        """The sum of the peak resident sizes of all processes, bytes; 0 where the system does not say."""
        return self.servers.peak_memory()

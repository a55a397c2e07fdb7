"""A link to a MISP: one exchange with it, and a look at it. Imported only for such a link, as PyMISP takes a second."""

from __future__ import annotations

from contextlib import closing
from typing import Any, Literal

from comity.peer.book import Peer
from comity.peer.misp_pull import news, pull
from comity.peer.misp_push import Pushing
from comity.peer.misp_server import MispServer
from comity.peer.report import Report
from comity.release.desk import Desk


def exchange(desk: Desk, link: Peer, report: Report, way: Literal["pull", "push"] | None, transport: Any = None) -> None:
    """Push what is new here, then pull what is new there: as the peer is set up, or only the way given.

    Raises PeerFault, NotAuthenticated, Conflict. `transport` stands in for the network in tests.
    """
    with closing(MispServer(link.url, link.token, ca=link.ca, transport=transport)) as server:
        if way == "push" or (way is None and link.push):
            Pushing(desk, server, report).run(link)
        if way == "pull" or (way is None and link.pull):
            pull(desk.world, link.name, server, report)


def look(link: Peer, transport: Any = None) -> dict[str, Any]:
    """What a MISP says now: its version, as whom it knows us, whether there is anything to pull (None for a peer that is not pulled)."""
    with closing(MispServer(link.url, link.token, ca=link.ca, transport=transport)) as server:
        known = f"MISP {server.version}, as {server.organisation.name}"
        return {"collection": known, "news": news(link, server) if link.pull else None}

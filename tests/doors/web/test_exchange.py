"""After sharing one is told when others get it, and by which links; those of other parties are not."""

from __future__ import annotations

import pytest

from comity.peer import book
from tests.consortium import MEMBERS, Body
from tests.doors.web.screens.test_share import drafted, sends
from tests.doors.web.visitor import Visitor


@pytest.fixture
def body() -> Body:
    """KZ's own node."""
    body = Body(agreement=MEMBERS, party="KZ")
    body.member("KZ"), body.member("UZ")
    return body


def sent(visitor: Visitor) -> tuple[str, list[dict] | None]:
    path = drafted(visitor, text="bad.example")
    assert sends(visitor, path).status_code == 303
    return visitor.see(path), visitor.data(f"{path}.json")["links"]


def test_without_a_link_others_come_for_it(body):
    page, links = sent(Visitor(body))
    assert links == []
    assert "when they next ask this node" in page


def test_each_link_says_when_it_was_last_used(body):
    peer = book.Peer(name="centre", party="SCO-CENTRE", url="https://centre.example/taxii2/", user="KZ", token="x", push=True)
    book.add_peer(body.world, peer)
    page, links = sent(Visitor(body))
    assert links == [{"party": "SCO-CENTRE", "name": "centre", "tried": None, "good": True}]
    assert "with the next exchange" in page and "no exchange yet" in page


def test_links_are_the_nodes_own_business():
    body = Body()
    body.member("KZ"), body.member("UZ")
    page, links = sent(Visitor(body, party="KZ", name="guest"))
    assert links is None
    assert "exchange" not in page

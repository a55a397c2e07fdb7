from __future__ import annotations

from comity.admin.came import came_over
from tests.consortium import MEMBERS, indicator
from tests.linked import Node, link, sync


def test_what_came_from_a_node_is_listed_newest_first():
    centre, kz, uz = (Node(party, MEMBERS) for party in ("SCO-CENTRE", "KZ", "UZ"))
    for node in (centre, kz, uz):
        node.member("KZ"), node.member("UZ")
    link(kz, centre, centre="SCO-CENTRE"), link(uz, centre, centre="SCO-CENTRE")
    first, second, other = indicator(), indicator(), indicator()
    kz.adds(first)
    sync(kz, centre)
    moment = centre.clock()
    kz.adds(second), uz.adds(other)
    sync(kz, centre), sync(uz, centre)
    assert [row["id"] for row in came_over(centre.world, kz.node)] == [second["id"], first["id"]]
    assert [row["id"] for row in came_over(centre.world, kz.node, moment)] == [second["id"]]
    assert [row["id"] for row in came_over(centre.world, uz.node)] == [other["id"]]
    assert list(came_over(centre.world, "X/Y")) == []

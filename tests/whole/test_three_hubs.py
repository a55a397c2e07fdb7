"""Three hubs, each linked to both others: what one gives is at each node once, goes round in no circle, and is taken back everywhere."""

from __future__ import annotations

from itertools import combinations

from comity.intake.erase import ways
from comity.intake.govern import add_agreement, add_standing
from comity.intake.withdraw import withdraw
from comity.terms.party import Standing
from tests.consortium import START, Ticking, indicator
from tests.linked import Node, link, sync

#: Body -> its hub, and its members. KZ and UZ are members of two bodies.
HUBS = {"east": "EA-HUB", "north": "NO-HUB", "south": "SO-HUB"}
MEMBERS = {"east": ("KZ", "UZ"), "north": ("KZ", "UZ", "KR"), "south": ("TH",)}
_BODY = """
[agreement]
id = "{body}-own"
version = 1
title = "Members"
body = "{body}"
purposes = ["network-defence"]
in_force = 2021-01-01

[[clause]]
id = "a-1"
text = "Members receive up to TLP:GREEN."
effect = "permit"
to = {{ standing = ["member"] }}
types = ["@threat"]
tlp_max = "green"

[party.{hub}]
role = "centre"
"""
_BETWEEN = """
[agreement]
id = "{one}-{two}"
version = 1
title = "Between two bodies"
kind = "protocol"
bodies = ["{one}", "{two}"]
purposes = ["network-defence"]
in_force = 2021-01-01
entry = "all"

[[clause]]
id = "p-1"
text = "Members of each receive from members of the other."
effect = "permit"
to = {{ standing = ["member"] }}
from = {{ standing = ["member"] }}
types = ["@threat"]
tlp_max = "green"

[map.{one}]
purposes = {{ network-defence = "network-defence" }}

[map.{two}]
purposes = {{ network-defence = "network-defence" }}

[party.{first}]
role = "centre"
in_force = 2021-01-01

[party.{second}]
role = "centre"
in_force = 2021-01-01
"""


def _node(code: str, body: str) -> Node:
    made = Node(code, agreement=None, clock=Ticking(START.replace(day=2)), body=body)
    texts = [_BODY.format(body=each, hub=hub) for each, hub in HUBS.items()]
    texts += [_BETWEEN.format(one=a, two=b, first=HUBS[a], second=HUBS[b]) for a, b in combinations(HUBS, 2)]
    for text in texts:
        add_agreement(made.world, text, "text.toml", by="test")
    for where, parties in MEMBERS.items():
        for party in parties:
            add_standing(made.world, Standing(party=party, body=where, standing="member", since=START.replace(year=2001)), by="test")
    return made


def test_what_is_shared_is_everywhere_once_goes_round_in_no_circle_and_is_taken_back() -> None:
    hubs = {body: _node(hub, body) for body, hub in HUBS.items()}
    for one, two in combinations(hubs.values(), 2):
        link(one, two)
    nodes = {code: (_node(code, body), hubs[body]) for code, body in (("KZ", "east"), ("UZ", "east"), ("KR", "north"), ("TH", "south"))}
    for node, hub in nodes.values():
        link(node, hub, centre=hub.code)
    everybody = [*hubs.values(), *(node for node, _ in nodes.values())]

    def settle() -> None:
        for _ in range(3):
            for node, hub in nodes.values():
                sync(node, hub)
            for one, two in combinations(hubs.values(), 2):
                sync(one, two)

    kz = nodes["KZ"][0]
    kz.adds(made := indicator(), tlp="green")
    settle()
    assert {node.code for node in everybody if any(id_ == made["id"] for _, id_, _ in node.stored())} == {*HUBS.values(), *nodes}
    assert all(len(node.world.store.by_id([made["id"]])) == 1 for node in everybody)
    (there,) = kz.world.store.by_id([made["id"]])
    assert not ways(hubs["south"].world, "KZ", there.sha), "a hub that was given it for its own parties gives it to no third hub"
    settle()
    sizes = [node.world.store.head().size for node in everybody]
    settle()
    assert [node.world.store.head().size for node in everybody] == sizes, "nothing goes round"
    withdraw(kz.world, "KZ", made["id"], reason="a mistake", cause="recalled")
    settle()
    assert not any(node.world.store.by_id([made["id"]]) for node in everybody)

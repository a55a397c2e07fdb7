"""Which own items are written into a MISP together, and which stay."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from comity.intake.govern import add_standing
from comity.peer.book import Peer
from comity.peer.misp_step import Step, stays
from comity.peer.report import Report
from comity.release.holdings import Outlet, own_items
from comity.terms.item import Envelope
from comity.terms.party import Standing
from tests.consortium import START, indicator
from tests.peer.nodes import Node

LINK = Peer(name="there", party="UZ", url="https://misp.example/", user="", token="k", kind="misp")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, None),
        ({"tlp": "clear"}, None),
        ({"pap": "red"}, None),
        ({"to": ("UZ",)}, None),
        ({"handling": ("H2",)}, None),
        ({"to": ()}, ""),
        ({"gate": "quarantine"}, ""),
        ({"realm": "exercise-1"}, ""),
        ({"purposes": ("administration",)}, ""),
        ({"tlp": "red", "to": ("UZ",)}, "TLP:RED"),
        ({"handling": ("H1", "H2")}, "handling, purposes or end"),
        ({"purposes": ("incident-response",)}, "handling, purposes or end"),
        ({"expires": datetime(2030, 1, 1, tzinfo=UTC)}, "handling, purposes or end"),
        ({"case": "c"}, "handling, purposes or end"),
        ({"basis": "b"}, "handling, purposes or end"),
    ],
)
def test_what_misp_can_keep_of_what_is_said(more: dict[str, Any], said: str | None) -> None:
    found = stays(Envelope(origin="KZ", **more))
    assert found == said if said in (None, "") else said in str(found)


def test_of_several_versions_the_latest_is_written_and_recorded() -> None:
    node = Node("KZ")
    add_standing(node.world, Standing(party="UZ", body="sco", standing="member", since=START), by="test")
    one = indicator(description="first")
    newer = {**one, "modified": "2021-10-02T00:00:00.000Z", "description": "second"}
    node.adds(newer, tlp="green")
    node.adds(one, tlp="green")
    step = Step(LINK, Outlet(node.desk, "UZ", LINK.purposes), Report(peer="there", pulled={}, pushed={}, problems=[]))
    for _, row, body, envelope in own_items(node.desk, 0, 10):
        step.take(row, msgspec.json.decode(body), envelope)
    (held,) = step.held
    assert held.obj["description"] == "second"
    assert step.rows[one["id"]].version == "2021-10-02T00:00:00.000Z"
    assert (step.fresh, step.waits) == ({one["id"]}, False)


def test_what_waits_for_a_clause_is_told_and_what_is_beside_it_is_not() -> None:
    node = Node("KZ", agreement=None)
    report = Report(peer="there", pulled={}, pushed={}, problems=[])
    node.adds(indicator(), indicator(), tlp="green")
    step = Step(LINK, Outlet(node.desk, "UZ", LINK.purposes), report)
    (_, first, body, envelope), (_, second, other, _) = own_items(node.desk, 0, 10)
    step.take(first, msgspec.json.decode(body), envelope)
    step.beside(second, msgspec.json.decode(other), envelope)
    assert (step.held, step.waits) == ([], True)
    assert report.problems == [f"{first.id}: no agreement held here lets it go to UZ"]
    assert report.pushed == {"kept here": 1}

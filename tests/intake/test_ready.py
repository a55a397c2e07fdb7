"""Objects that wait: the same when they come back, on disk or in memory."""

from __future__ import annotations

import msgspec
import pytest

from comity.intake import ready as module
from comity.intake.ready import Ready, Waiting
from comity.store.protocol import NewItem
from comity.terms.item import Envelope, Outcome, read_envelope, write_envelope
from comity.terms.traits import base_traits
from tests.consortium import indicator, sighting


def ready(obj: dict, **options) -> Ready:
    envelope = Envelope(origin="KZ", tlp="green", to=("UZ",))
    new = NewItem(
        origin="KZ", id=obj["id"], type=obj["type"], version=obj.get("modified", ""), spec="2.1", sha=b"s" * 32,
        body=msgspec.json.encode(obj), envelope=write_envelope(envelope), traits=base_traits(obj, envelope),
        refs=("indicator--1", "malware--2"), values=(("domain", -(1 << 62)),), expires=1 << 50,
    )  # fmt: skip
    return Ready(new, "objects[1]", **options)


@pytest.mark.parametrize("memory", [0, 1, 1 << 20])
def test_what_waits_comes_back_in_order_as_often_as_one_likes(monkeypatch, memory):
    monkeypatch.setattr(module, "IN_MEMORY", memory)
    given = [ready(indicator(name=f"é {n}"), silent=n % 2 == 0, undefined=("marking-definition--1",) * n) for n in range(9)]
    waiting = Waiting()
    assert list(waiting) == []
    for each in given:
        waiting.add(each)
    assert list(waiting) == given
    assert list(waiting) == given
    waiting.close()


def test_another_marking_is_in_envelope_and_traits_alike():
    item = ready(indicator())
    assert item.marked("green", None) is item
    other = item.marked("red", "amber")
    envelope = read_envelope(other.new.envelope)
    assert (envelope.tlp, envelope.pap, envelope.to) == ("red", "amber", ("UZ",))
    assert (other.new.traits.tlp, other.new.traits.pap, other.new.traits.to) == ("red", "amber", ("UZ",))
    assert other.new.body == item.new.body


def test_quarantine_keeps_the_first_reason():
    item = ready(indicator()).quarantined("first").quarantined("second")
    assert (item.held, item.new.traits.gate, read_envelope(item.new.envelope).gate) == ("first", "quarantine", "quarantine")


def test_what_is_told():
    obj = indicator()
    item = ready(obj, note="mind this")
    told = Outcome(outcome="accepted", position="objects[1]", id=obj["id"], type="indicator", version=obj["modified"], why="mind this")
    assert item.became("accepted") == told
    assert item.became("rejected", "no").why == "no"


def test_what_is_an_observable_and_unmarked():
    name = {"type": "domain-name", "id": "domain-name--1", "value": "example.com"}
    assert ready(name, silent=True).unmarked
    assert not ready(name).unmarked
    assert not ready(sighting("indicator--1"), silent=True).unmarked
    assert ready(name).obj == name

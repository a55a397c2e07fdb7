"""What is to be said of others' objects, in the order in which it came about."""

from __future__ import annotations

from comity.store import reports
from comity.store.reports import Report
from tests.consortium import START, Body


def test_they_come_in_their_order_from_a_number_on():
    store = Body().world.store
    made = [Report(origin="KZ", sha=bytes([n]) * 32, outcome="told", of="IR", at=START) for n in range(250)]
    with store.write() as tx:
        for each in made:
            reports.put(tx, each)
    found = list(reports.since(store, 0))
    assert [each for _, each in found] == made
    assert list(reports.since(store, found[100][0])) == found[101:]

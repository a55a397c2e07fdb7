"""What goes into a parcel."""

from __future__ import annotations

from comity.ledger.journal import read_entry
from comity.release.leaving import reader_of, shared, submitted
from tests.consortium import indicator
from tests.linked import Node


def test_to_the_centre_goes_what_is_our_own_and_is_recorded_as_pushed() -> None:
    kz = Node("KZ")
    kz.member("KZ")
    kz.adds(indicator(), indicator())
    kz.adds(indicator(), to=())
    kz.member("UZ").submits(indicator())
    batch = submitted(kz.desk, "SCO-CENTRE", ("network-defence",), "hub", 0, 10)
    assert batch and len(batch.items) == 2 and {each.row.origin for each in batch.items} == {"KZ"}
    pushed = [entry for leaf in kz.world.store.leaves() if (entry := read_entry(leaf.entry)).kind == "push"]
    assert [(entry.party, entry.count) for entry in pushed] == [("SCO-CENTRE", 2)]
    assert submitted(kz.desk, "UZ", ("network-defence",), "uz", 0, 10) is None


def test_to_a_party_goes_what_its_clauses_permit_but_nothing_that_its_node_has_passed_on() -> None:
    hub = Node("SCO-CENTRE")
    hub.member("UZ")
    kz = hub.member("KZ")
    kz.submits(indicator(), hops=("UZ/uz",))
    seen = indicator()
    kz.submits(seen)
    reader = reader_of(hub.desk, "UZ", ("network-defence",), "uz")
    batch = shared(hub.desk, reader, "UZ/uz", 0, 10)
    assert [each.row.id for each in batch.items] == [seen["id"]]
    assert batch.items[0].grounds == ("test@1/members",) and not batch.more
    assert shared(hub.desk, reader, "UZ/uz", batch.reached, 10).items == []


def test_what_does_not_leave_is_not_in_the_log_and_the_stream_goes_on_behind_it() -> None:
    hub = Node("SCO-CENTRE")
    hub.member("UZ")
    kz = hub.member("KZ")
    kz.submits(indicator(), indicator(), hops=("UZ/uz",))
    reader = reader_of(hub.desk, "UZ", ("network-defence",), "uz")
    size = hub.world.store.head().size
    batch = shared(hub.desk, reader, "UZ/uz", 0, 10)
    assert batch.items == [] and batch.reached > 0 and hub.world.store.head().size == size
    kz.submits(seen := indicator())
    shared(hub.desk, reader, "UZ/uz", batch.reached, 10)
    (given,) = [entry for leaf in hub.world.store.leaves() if (entry := read_entry(leaf.entry)).kind == "disclose"]
    assert (given.party, given.count) == ("UZ", 1) and seen["id"]

"""What the register says besides standings is read from governance items, the latest word last."""

from __future__ import annotations

import msgspec

from comity import registry
from comity.intake.registering import take
from comity.terms.registry import Body as Registered
from comity.terms.registry import Dispute, Entries, Known, Position, Source
from tests.consortium import Body


def test_the_latest_word_counts_and_disputes_are_all_kept():
    world = Body(agreement=None).world
    one = Dispute(about="a list", positions=(Position(source="gazette", says="7"),))
    other = msgspec.structs.replace(one, held="8")
    first = Entries(
        bodies=(Registered(body="river", title="River"),), parties=(Known(party="AA", title="Alder"),),
        sources=(Source(source="gazette", title="Gazette"),), disputes=(one, other),
    )  # fmt: skip
    take(world, first, by="administrator")
    take(world, Entries(parties=(Known(party="AA", title="Republic of Alder"),)), by="administrator")
    assert registry.parties(world.store)["AA"].title == "Republic of Alder"
    assert registry.bodies(world.store)["river"].title == "River"
    assert registry.sources(world.store)["gazette"].title == "Gazette"
    assert registry.disputes(world.store) == [one, other]

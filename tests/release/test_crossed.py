"""For whom rows went across is kept, and noticed when it changes."""

from __future__ import annotations

from comity.intake.govern import add_standing
from comity.release import crossed
from comity.release.across import Across
from comity.release.leaving import reader_of, shared
from comity.release.narrowing import lost, note
from comity.terms.party import Standing
from tests.consortium import Member, indicator
from tests.whole.test_two_hubs import CICA, node


def look(hub):
    reader = reader_of(hub.desk, CICA, ("network-defence",), "cica", "cica")
    sight = hub.desk.sight(reader)
    assert isinstance(sight, Across)
    return reader, sight


def joins(hub, party, standing="member"):
    add_standing(hub.world, Standing(party=party, body="cica", standing=standing, since=hub.clock.at), by="test")


def test_rows_are_kept_once_and_go_again_for_the_parties_of_now():
    hub = node("SCO-CENTRE", "sco")
    obj = indicator()
    Member(hub, "KZ").submits(obj, tlp="green")
    reader, sight = look(hub)
    first = shared(hub.desk, reader, "", 0, 10)
    assert [item.envelope.to for item in first.items] == [("AF", "KR", "TH", "UZ")]
    hub.desk.flush()
    assert crossed.readdressed(hub.world, sight) == []
    assert shared(hub.desk, reader, "", first.reached, 10).items == []

    joins(hub, "JP")
    reader, sight = look(hub)
    assert len(crossed.readdressed(hub.world, sight)) == 1
    note(hub.desk, reader, "cica")
    assert crossed.readdressed(hub.world, sight) == []
    ((_, (gone,)),) = lost(hub.desk, "cica", 0)
    assert (gone.row.id, gone.why) == (obj["id"], "It goes to other parties of cica now.")
    again = shared(hub.desk, reader, "", first.reached, 10)
    assert [item.envelope.to for item in again.items] == [("AF", "JP", "KR", "TH", "UZ")]
    assert again.reached > first.reached


def test_what_goes_to_nobody_any_more_is_told_so_and_a_change_of_nothing_writes_nothing():
    hub = node("SCO-CENTRE", "sco")
    Member(hub, "KZ").submits(indicator(), tlp="amber", to=("KR",))
    reader, _ = look(hub)
    assert len(shared(hub.desk, reader, "", 0, 10).items) == 1
    size = hub.world.store.head().size
    note(hub.desk, reader, "cica")
    assert (list(lost(hub.desk, "cica", 0)), hub.world.store.head().size) == ([], size)
    joins(hub, "KR", "suspended")
    note(hub.desk, look(hub)[0], "cica")
    ((_, (gone,)),) = lost(hub.desk, "cica", 0)
    assert gone.why == "It goes to no party of cica now."

"""What a producer is told of each party that had received what it took back."""

from __future__ import annotations

from datetime import timedelta

from comity.intake.erase import hold, let_go
from comity.intake.telling import tell
from comity.intake.withdraw import recalls, withdraw
from comity.peer import book, receipts
from comity.peer.recalled import status
from comity.peer.unconfirmed import unconfirmed
from comity.release.tombstones import keep_told
from comity.store import reports, tombstones
from comity.store.copied import forget_bytes
from comity.store.reports import Report
from tests.consortium import START, Member, indicator
from tests.linked import Node, give, link, sync
from tests.peer.test_outgoing import body
from tests.release.test_copies import REDACTED


def states(node: Node) -> dict[str, tuple[str, str]]:
    (recall,) = recalls(node.world)
    return {each.party: (each.state, each.why) for each in status(node.world, recall)}


def linked(node: Node, code: str) -> None:
    """The book has a link to a party's node, as enrolment enters it."""
    with node.world.store.write() as tx:
        peer = book.Peer(name=code.lower(), party=code, url="", user="", token="", kind="comity")
        tx.put_private("peers", peer.name, book.msgspec.json.encode(peer))


def test_deleted_kept_silent_and_cannot_be_told() -> None:
    hub, kz, uz = body()
    tj, ru = Member(hub, "TJ"), hub.member("RU")
    hub.member("TJ")
    for code in ("KZ", "UZ", "TJ"):
        linked(hub, code)
    obj = indicator()
    kz.adds(obj)
    give(kz, hub)
    give(hub, uz)
    ru.polls()
    tj.polls()
    hold(uz.world, obj["id"], "evidence", "an")
    withdraw(kz.world, "KZ", obj["id"], reason="r", cause="recalled")
    give(kz, hub)
    give(hub, kz)
    had = "it had it over a centre"
    assert states(hub) == {
        "UZ": ("silent", ""),
        "TJ": ("silent", ""),
        "RU": ("cannot be told", "it fetched the object, and has neither a linked node nor a token for TAXII here"),
    }
    assert states(kz) == {"SCO-CENTRE": ("deleted", ""), "UZ": ("silent", had)}
    give(hub, uz)
    give(hub, kz)
    assert states(hub)["UZ"] == states(kz)["UZ"] == ("kept", "evidence")


def test_who_shares_again_and_takes_back_again_hears_of_the_last_time() -> None:
    hub, kz, uz = body()
    obj = indicator()
    for _ in range(2):
        kz.adds(obj)
        sync(kz, hub)
        sync(hub, uz)
        give(hub, kz)
        withdraw(kz.world, "KZ", obj["id"])
    last = recalls(kz.world)[-1]
    assert {each.party: each.state for each in status(kz.world, last)}["UZ"] == "silent"


def test_what_was_taken_back_and_shared_anew_has_its_own_states() -> None:
    hub, kz, uz = body()
    linked(kz, "SCO-CENTRE")
    obj = indicator()
    kz.adds(obj)
    for one, other in ((kz, hub), (hub, uz), (hub, kz)):
        give(one, other)
    withdraw(kz.world, "KZ", obj["id"], reason="r", cause="recalled")
    for one, other in ((kz, hub), (hub, uz), (hub, kz)):
        give(one, other)
    before = states(kz)
    assert {state for state, _ in before.values()} == {"deleted"}
    kz.adds(obj)
    give(kz, hub)
    (row,) = kz.world.store.by_id([obj["id"]])
    sha = row.sha
    assert set(receipts.about(kz.world, "KZ", sha, row.added)) == {"SCO-CENTRE"}
    for one, other in ((hub, uz), (hub, kz)):
        give(one, other)
    assert receipts.about(kz.world, "KZ", sha, row.added)["UZ"].confirmed.receipt.outcome == "arrived"
    assert states(kz) == before


def test_a_centre_says_which_clients_had_it_and_that_they_were_told() -> None:
    hub, kz, _ = body()
    linked(kz, "SCO-CENTRE")
    ir = hub.member("IR")
    obj = indicator()
    kz.adds(obj)
    give(kz, hub)
    ir.polls()
    withdraw(kz.world, "KZ", obj["id"], reason="r", cause="recalled")
    give(kz, hub)
    tell(hub.world)
    give(hub, kz)
    assert states(kz)["IR"] == ("silent", "it fetched it from SCO-CENTRE, and has not read on since")
    ((_, tomb),) = tombstones.after(hub.world.store, "IR", 0)
    keep_told(hub.world, "IR", [tomb])
    give(hub, kz)
    assert states(kz) == {"SCO-CENTRE": ("deleted", ""), "IR": ("told", "by SCO-CENTRE")}


def test_when_a_hold_ends_what_was_taken_back_goes_and_its_origin_hears_it() -> None:
    hub, kz, uz = body()
    linked(kz, "SCO-CENTRE")
    obj = indicator()
    kz.adds(obj)
    for one, other in ((kz, hub), (hub, uz), (uz, hub), (hub, kz)):
        give(one, other)
    hold(uz.world, obj["id"], "evidence", "an")
    withdraw(kz.world, "KZ", obj["id"], reason="r", cause="recalled")
    for one, other in ((kz, hub), (hub, uz), (hub, kz)):
        give(one, other)
    assert states(kz)["UZ"] == ("kept", "evidence") and len(uz.stored()) == 1
    assert let_go(uz.world, obj["id"], "an") == 1 and uz.stored() == set()
    for one, other in ((uz, hub), (hub, kz)):
        give(one, other)
    assert states(kz)["UZ"] == ("deleted", "")


def test_nobody_answers_for_another_that_it_erased() -> None:
    hub, kz, _ = body()
    report = Report(origin="KZ", sha=b"s" * 32, outcome="deleted", of="UZ", at=START)
    with hub.world.store.write() as tx:
        reports.put(tx, report)
    answers = give(hub, kz)
    assert [why for answer in answers for _, why in answer.refused] == ["SCO-CENTRE does not answer for UZ"]


def test_a_node_with_a_redacted_copy_is_told_of_by_the_centre_that_made_it() -> None:
    hub, kz, ir = (Node(code, REDACTED) for code in ("SCO-CENTRE", "KZ", "IR"))
    for node in (hub, kz, ir):
        node.member("KZ")
        node.observer("IR")
    for node in (kz, ir):
        link(hub, node, centre="SCO-CENTRE")
    linked(kz, "SCO-CENTRE")
    kz.adds(obj := indicator(description="secret"), indicator(type="malware", name="m", is_family=False))
    for one, other in ((kz, hub), (hub, ir)):
        give(one, other)
    assert [(each.party, each.objects) for each in unconfirmed(kz.desk)] == []
    give(hub, kz)
    (row,) = kz.world.store.by_id([obj["id"]])
    kept = receipts.about(kz.world, "KZ", row.sha)["IR"]
    assert (kept.confirmed.receipt.outcome, kept.confirmed.receipt.party, kept.confirmed.receipt.of) == ("fetched", "SCO-CENTRE", "IR")
    withdraw(kz.world, "KZ", obj["id"], reason="r", cause="recalled")
    for one, other in ((kz, hub), (hub, kz)):
        give(one, other)
    assert states(kz)["IR"] == ("silent", "it fetched it from SCO-CENTRE, and has not read on since")
    (copy,) = [row for row in ir.world.store.recent(9) if row.type == "indicator"]
    hold(ir.world, copy.id, "evidence", "an")
    for one, other in ((hub, ir), (hub, kz)):
        give(one, other)
    assert states(kz)["IR"] == ("told", "by SCO-CENTRE: it keeps its redacted copy: evidence")
    assert forget_bytes(hub.world.store, START + timedelta(days=9)) == 1, "the other copy is still there"

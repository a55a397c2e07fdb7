"""What a producer is told of each party that had received what it took back."""

from __future__ import annotations

from comity.intake.erase import hold
from comity.intake.withdraw import recalls, withdraw
from comity.peer import book
from comity.peer.recalled import status
from tests.consortium import Member, indicator
from tests.linked import Node, give, sync
from tests.peer.test_outgoing import body


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

from __future__ import annotations

import threading
import time

import msgspec
import pytest

from comity.doors.peering import app as door
from comity.errors import Conflict, NotAuthenticated, OurFault, PeerFault, SenderFault
from comity.peer import book, enrol
from comity.peer.caller import TURN, Caller, to_link
from tests.peer.linking import Node, carrying, linked, raw_hello


@pytest.fixture
def met(tmp_path):
    return linked(tmp_path)


def caller(met: tuple[Node, Node], *, shown: bool = True, front: bool = False, alter=lambda _: None) -> Caller:
    centre, kz = met
    transport = carrying(centre.app(front=front), kz.own.identity.tls if shown else b"", alter)
    return to_link(kz.own, book.peer(kz.world, "centre"), transport=transport, wait=lambda _: None)


def test_what_there_is_is_given_until_it_is_answered(met):
    met[0].post.out = [b"one", b"two"]
    talk = caller(met)
    assert talk.ask("GET", "parcels").content == b"one" == talk.ask("GET", "parcels").content
    assert talk.ask("POST", "answers", body=b"thanks").status == 204
    assert met[0].post.answers == [("kz", b"thanks")]
    assert talk.ask("GET", "parcels").content == b"two"
    talk.ask("POST", "answers", body=b"thanks again")
    nothing = talk.ask("GET", "parcels")
    assert (nothing.status, nothing.content) == (204, b"")


def test_a_caller_may_wait_for_news(met):
    talk = caller(met)
    threading.Timer(0.5, lambda: met[0].post.out.append(b"news")).start()
    began = time.monotonic()
    assert talk.ask("GET", "parcels", query={"wait": "10"}).content == b"news"
    assert 0.3 < time.monotonic() - began < 5
    talk.ask("POST", "answers", body=b"thanks")
    assert talk.ask("GET", "parcels", query={"wait": "1"}).status == 204


def test_a_parcel_is_answered(met):
    assert caller(met).ask("POST", "parcels", body=b"a parcel").content == b"got a parcel"
    assert met[0].post.came == [("kz", b"a parcel")]


def test_every_answer_says_which_keys_are_the_latest(met):
    centre, _ = met
    talk = caller(met)
    assert talk.ask("GET", "keys").headers[TURN] == "0"
    centre.keys.rotate()
    answer = talk.ask("GET", "keys")
    assert (answer.headers[TURN], answer.content) == ("1", centre.own.note)


def test_which_keys_the_caller_has_is_noted(met):
    centre, kz = met
    centre.keys.rotate()
    enrol.turn(kz.world, centre.own.note)
    assert book.peer(centre.world, "kz").turn == 0
    caller(met).ask("GET", "keys")
    assert book.peer(centre.world, "kz").turn == 1


def test_next_keys_are_taken_by_their_signatures_alone(met):
    centre, kz = met
    note = kz.keys.rotate().note
    assert caller(met, shown=False).ask("POST", "keys", body=note).status == 204
    assert enrol.known(book.peer(centre.world, "kz")) == kz.own.identity


def test_nobody_learns_by_showing_keys_who_is_linked(met, tmp_path):
    centre, kz = met
    stranger, mallory = Node(tmp_path / "x", "UZ"), Node(tmp_path / "y", "KZ")
    before = book.peers(centre.world)
    for note in (kz.own.note, stranger.own.note, mallory.keys.rotate().note):
        assert caller(met, shown=False).ask("POST", "keys", body=note).status == 204
    assert book.peers(centre.world) == before
    with pytest.raises(PeerFault):
        caller(met, shown=False).ask("POST", "keys", body=b"no keys")


def test_without_the_links_certificate_nothing_is_answered(met):
    with pytest.raises(NotAuthenticated, match="certificate"):
        caller(met, shown=False).ask("GET", "parcels")
    assert caller(met, shown=False, front=True).ask("GET", "parcels").status == 204


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(SenderFault("no parcel"), PeerFault), (Conflict("out of order"), PeerFault), (NotAuthenticated("no"), NotAuthenticated)],
)
def test_faults_are_told(met, monkeypatch, fault, kind):
    def fails(link, raw):
        raise fault

    monkeypatch.setattr(met[0].post, "incoming", fails)
    with pytest.raises(kind, match=str(fault)):
        caller(met).ask("POST", "parcels", body=b"x")


def test_our_own_faults_say_nothing(met, monkeypatch):
    def fails(link, raw):
        raise OurFault("a secret of this node")

    monkeypatch.setattr(met[0].post, "incoming", fails)
    with pytest.raises(PeerFault, match="500: this node cannot do that now"):
        caller(met).ask("POST", "parcels", body=b"x")


def test_one_exchange_at_a_time(met, monkeypatch):
    centre, _ = met
    under_way, go_on = threading.Event(), threading.Event()

    def slow(link, raw):
        under_way.set()
        assert go_on.wait(10)
        return b"done"

    monkeypatch.setattr(centre.post, "incoming", slow)
    shared = centre.app()
    transport = carrying(shared, met[1].own.identity.tls)
    link = book.peer(met[1].world, "centre")
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        go_on.set()
        time.sleep(0.2)

    first = threading.Thread(target=to_link(met[1].own, link, transport=transport).ask, args=("POST", "parcels"), kwargs={"body": b"1"})
    first.start()
    assert under_way.wait(10)
    assert to_link(met[1].own, link, transport=transport, wait=wait).ask("POST", "parcels", body=b"2").content == b"done"
    first.join()
    assert waits and waits[0] == 1.0


def test_bodies_are_bounded(met, monkeypatch):
    monkeypatch.setattr(door, "LARGEST", 100)
    talk = caller(met)
    assert talk.ask("POST", "parcels", body=b"x" * 100).content
    with pytest.raises(PeerFault, match="413: more than 100 bytes"):
        talk.ask("POST", "parcels", body=b"x" * 101)
    with pytest.raises(PeerFault, match="413"):
        caller(met, alter=lambda request: request.headers.pop("Content-Length", None)).ask("POST", "parcels", body=b"x" * 101)


def test_parcels_go_packed_to_whoever_reads_that(met):
    met[0].post.out.append(long := b"a long parcel " * 500)
    codings: list[str] = []
    talk = caller(met, alter=lambda request: codings.append(request.headers.get("Content-Encoding", "")))
    answer = talk.ask("GET", "parcels")
    assert (answer.content, answer.headers["Content-Encoding"]) == (long, "gzip")
    talk.ask("POST", "parcels", body=b"a short one")
    talk.ask("POST", "parcels", body=long)
    assert met[0].post.came == [("kz", b"a short one"), ("kz", long)]
    assert codings[-2:] == ["", "gzip"]
    talk.ask("POST", "answers", body=long)
    assert talk.ask("POST", "stands", body=long).content == long
    assert met[0].post.answers == [("kz", long)] and codings[-2:] == ["gzip", "gzip"]
    first = caller(met, alter=lambda request: codings.append(request.headers.get("Content-Encoding", "")))
    first.ask("POST", "parcels", body=long)
    assert codings[-1] == "", "it is not known yet that the other node reads it"


def test_a_bomb_is_refused(met, monkeypatch):
    monkeypatch.setattr(door, "LARGEST", 5_000)
    talk = caller(met)
    talk.ask("GET", "keys")
    assert talk.ask("POST", "parcels", body=b"x" * 5_000).content
    with pytest.raises(PeerFault, match="413: the body is more than 5000 bytes when it is unpacked"):
        talk.ask("POST", "parcels", body=b"x" * 5_001)


def test_a_body_of_a_stranger_is_not_read(met, monkeypatch):
    def read(*_):
        raise AssertionError("the body was read")

    monkeypatch.setattr(door, "_body", read)
    with pytest.raises(NotAuthenticated):
        caller(met, shown=False).ask("POST", "parcels", body=b"x")


@pytest.mark.parametrize("query", [{"wait": "x"}, {"wait": "-1"}, {"wait": "9" * 17}, {"wait": "1.5"}])
def test_numbers_are_whole(met, query):
    with pytest.raises(PeerFault, match="whole number"):
        caller(met).ask("GET", "parcels", query=query)


def test_invitations_are_not_to_be_guessed(met, tmp_path):
    """What is wrong counts by address, whatever is wrong with it; a node that joins, and links that stand, do not."""
    uz = Node(tmp_path / "uz", "UZ")
    hello = uz.hello(met[0].invites("UZ"))
    stranger = Caller(uz.own, met[0].own.identity, "https://127.0.0.1/", front=False, transport=carrying(met[0].app()))
    stranger.ask("POST", "join", body=raw_hello(hello))
    forged = raw_hello(msgspec.structs.replace(hello, node=hello.node[:-8] + b"AAAAAAA\n"))
    said = []
    for body in [b"{}", forged] * 16:
        with pytest.raises(PeerFault) as fault:
            stranger.ask("POST", "join", body=body)
        said.append(str(fault.value))
    # The first request may have been signed a moment too early, and then counts as well.
    assert {each.partition("answered ")[2][:3] for each in said[:29]} == {"400"}
    assert all("answered 429 and asks for" in each for each in said[30:])
    assert caller(met).ask("GET", "keys").status == 200


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"secret": "x", "node": "!"}', b'{"secret": "x", "node": ""}'])
def test_what_no_invited_node_sends(met, body):
    with pytest.raises(PeerFault, match="400"):
        caller(met, shown=False).ask("POST", "join", body=body)


def test_an_invitation_shown_by_another_key_is_refused(met, tmp_path):
    uz, thief = Node(tmp_path / "uz", "UZ"), Node(tmp_path / "t", "UZ")
    text = met[0].invites("UZ")
    # The thief has the text and UZ's identity, and not UZ's key.
    with pytest.raises(NotAuthenticated):
        Caller(thief.own, met[0].own.identity, "https://127.0.0.1/", front=False, transport=carrying(met[0].app())).ask(
            "POST", "join", body=raw_hello(uz.hello(text))
        )

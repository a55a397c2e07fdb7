from __future__ import annotations

import httpx2
import pytest

from comity.errors import NotAuthenticated, PeerFault
from comity.peer import book, enrol
from comity.peer.caller import Caller, show, to_link
from comity.peer.guard import Guard
from comity.peer.invitation import read
from tests.peer.linking import Node, carrying, linked


@pytest.fixture
def met(tmp_path):
    return linked(tmp_path)


def caller(met: tuple[Node, Node], alter=lambda _: None, **more) -> Caller:
    centre, kz = met
    transport = carrying(centre.app(), kz.own.identity.tls, alter)
    return to_link(kz.own, book.peer(kz.world, "centre"), transport=transport, wait=lambda _: None, **more)


def test_a_signed_request_is_answered(met):
    answer = caller(met).ask("POST", "parcels", body=b"a parcel")
    assert answer.content == b"got a parcel"
    assert met[0].post.came == [("kz", b"a parcel")]


def test_each_request_is_signed_anew(met):
    seen = []
    talk = caller(met, lambda request: seen.append(request.headers["Signature-Input"]))
    talk.ask("GET", "keys")
    talk.ask("GET", "parcels", query={"wait": "0"})
    assert len(set(seen)) == len(seen) >= 2
    assert all('"content-digest" "comity-to"' in each for each in seen)


@pytest.mark.parametrize("off", [-86_400, 86_400, 2])
def test_a_clock_that_is_wrong_by_a_day_is_no_hindrance(met, off):
    import time

    asked = []
    talk = caller(met, lambda request: asked.append(1), clock=lambda: time.time() + off)
    met[0].guard = Guard(met[0].world, met[0].keys.own)
    assert talk.ask("GET", "keys").ok
    assert len(asked) in (1, 2)
    before = len(asked)
    assert talk.ask("GET", "keys").ok
    assert len(asked) == before + 1


def test_what_is_altered_on_its_way_is_refused(met):
    def alter(request):
        request.headers["Comity-To"] = "sco/UZ/UZ-sco"

    with pytest.raises(NotAuthenticated, match="another node"):
        caller(met, alter).ask("GET", "keys")


def test_a_revoked_link_says_so(met):
    enrol.revoke(met[0].world, "kz", "stolen")
    with pytest.raises(NotAuthenticated, match="no link"):
        caller(met).ask("GET", "keys")


def test_a_busy_node_is_asked_again(met):
    answers = [httpx2.Response(429, headers={"Retry-After": "1"}), httpx2.Response(200, content=b"x")]
    waited = []
    talk = to_link(
        met[1].own, book.peer(met[1].world, "centre"), transport=httpx2.MockTransport(lambda _: answers.pop(0)), wait=waited.append
    )
    assert talk.ask("GET", "keys").content == b"x"
    assert waited == [1.0]


def test_an_answer_that_is_none_is_the_other_nodes_fault(met):
    talk = to_link(
        met[1].own, book.peer(met[1].world, "centre"), transport=httpx2.MockTransport(lambda _: httpx2.Response(418, content=b"tea"))
    )
    with pytest.raises(PeerFault, match="418: tea"):
        talk.ask("GET", "keys")


def test_an_invitation_is_shown_over_http(tmp_path):
    centre, kz = Node(tmp_path / "c", "SCO-CENTRE"), Node(tmp_path / "k", "KZ")
    text = centre.invites("KZ")
    transport = carrying(centre.app())
    made = enrol.join(kz.world, kz.own, text, "centre", lambda given, hello: show(kz.own, given, hello, transport=transport))
    assert enrol.known(made) == centre.own.identity
    assert enrol.known(book.peer(centre.world, "kz")) == kz.own.identity
    assert read(text).inviter == centre.own.identity


def test_an_invitation_that_is_no_good_is_refused_over_http(tmp_path):
    centre, kz, thief = Node(tmp_path / "c", "SCO-CENTRE"), Node(tmp_path / "k", "KZ"), Node(tmp_path / "t", "KZ")
    text = centre.invites("KZ")
    kz.joins(text, centre)
    with pytest.raises(NotAuthenticated, match="has been used"):
        enrol.join(thief.world, thief.own, text, "", lambda given, hello: show(thief.own, given, hello, transport=carrying(centre.app())))
    assert book.peers(thief.world) == []

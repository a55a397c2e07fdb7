"""Witnesses asked over HTTP: another node answers as the standard says, and a node that lies is told apart."""

from __future__ import annotations

import httpx2
import pytest
from starlette.applications import Starlette

from comity.admin import publishing, witnessing
from comity.admin.publishing import Witness
from comity.doors import tlog
from comity.errors import PeerFault
from comity.ledger.keys import COSIGNATURE, LogKey, write_verifier
from comity.peer.channel import Channel
from comity.peer.witnesses import ask, ask_all
from comity.world import World
from tests.consortium import Body, indicator
from tests.inside import Inside

KEY = LogKey("comity.example/uz/witness", bytes(32), COSIGNATURE)


class Pair:
    """A log, and a node that witnesses it."""

    def __init__(self) -> None:
        self.body = Body()
        self.log, self.other = self.body.world, Body(party="UZ").world
        witnessing.watch(self.other, write_verifier(self.log.journal.verifier), "SCO-CENTRE", "test")
        named = Witness(name="uz", url="http://localhost/tlog", key=write_verifier(KEY.verifier), party="UZ")
        publishing.add_witness(self.log, named, "test")
        self.asked: list[int] = []
        self.answering = Inside(Starlette(routes=tlog.routes(self.other, lambda: KEY)))

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        found = self.answering.post(request.url.path, content=request.read())
        self.asked.append(found.status_code)
        return httpx2.Response(found.status_code, headers=dict(found.headers), content=found.content)

    def ask(self) -> bool:
        publishing.publish(self.log)
        channel = Channel("", "", headers={}, transport=httpx2.MockTransport(self), wait=lambda _: None)
        return ask(self.log, publishing.witnesses(self.log)[0], channel)


@pytest.fixture
def pair() -> Pair:
    return Pair()


def test_each_checkpoint_is_asked_for_once(pair):
    assert pair.ask()
    assert not pair.ask()
    pair.body.member("KZ").submits(indicator())
    assert pair.ask()
    assert pair.asked == [200, 200]
    assert publishing.witnessed(pair.log).by["uz"][0] == "UZ"


def test_a_witness_that_knows_more_than_is_remembered_says_so(pair):
    assert pair.ask()
    witness = publishing.witnesses(pair.log)[0]
    publishing.drop_witness(pair.log, "uz", "test")
    publishing.add_witness(pair.log, Witness(name="uz", url=witness.url, key=witness.key, party="UZ"), "test")
    assert pair.ask()
    assert pair.asked == [200, 409, 200]


def test_a_second_past_is_refused_with_the_reason(pair):
    assert pair.ask()
    size = pair.log.store.head().size
    other = Body()
    other.world.journal._key = pair.log.journal._key
    while other.world.store.head().size < size:
        other.member(f"X{other.world.store.head().size}")
    pair.log = other.world
    publishing.add_witness(
        other.world, Witness(name="uz", url="http://localhost/tlog", key=write_verifier(KEY.verifier), party="UZ"), "test"
    )
    with pytest.raises(PeerFault, match="did not cosign"):
        pair.ask()
    assert publishing.witnesses(other.world)[0].problem


@pytest.mark.parametrize(
    "said", [(200, b"no\n"), (409, b"99999999999999999999\n"), (409, b"-1\n"), (409, b"5\n"), (403, b""), (500, b"x" * 9000)]
)
def test_answers_that_are_none(pair, said):
    publishing.publish(pair.log)
    answers = httpx2.MockTransport(lambda _: httpx2.Response(said[0], content=said[1]))
    channel = Channel("", "", headers={}, transport=answers, wait=lambda _: None)
    with pytest.raises(Exception) as refused:
        ask(pair.log, publishing.witnesses(pair.log)[0], channel)
    assert publishing.witnesses(pair.log)[0].problem == str(refused.value)
    assert len(str(refused.value)) < 400
    assert publishing.witnessed(pair.log).independent == 0


def test_all_are_asked_though_one_is_away(pair, monkeypatch):
    named = Witness(
        name="a", url="http://127.0.0.1:9/tlog", key=write_verifier(LogKey("a", bytes([1]) * 32, COSIGNATURE).verifier), party="KG"
    )
    publishing.add_witness(pair.log, named, "test")
    asked = []
    monkeypatch.setattr(
        "comity.peer.witnesses.ask", lambda world, witness: asked.append(witness.name) or (_ for _ in ()).throw(PeerFault("away"))
    )
    assert ask_all(pair.log) == {"a": "away", "uz": "away"}
    assert asked == ["a", "uz"]


def test_a_world_without_witnesses_only_publishes():
    world: World = Body().world
    assert ask_all(world) == {}
    assert publishing.published(world)

"""What a node keeps of its feeds."""

from __future__ import annotations

import msgspec
import pytest

from comity.clock import micros, stamp
from comity.errors import Conflict, NotFound, SenderFault
from comity.ledger.journal import read_entry
from comity.peer.feeds import FEEDS, STATES, Feed, State, add_feed, describe, due, feed, feeds, remove_feed, shown, state, submitter
from tests.consortium import START, Body


@pytest.fixture
def world():
    body = Body(agreement=None)
    object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, party="KZ", name="KZ-sco"))
    return body.world


def make(name: str = "urls", **more) -> Feed:
    return Feed(**{"name": name, "url": "https://lists.example/urls.csv?key=s3cret", "kind": "csv", "added": stamp(micros(START)), **more})


def entries(world):
    return [read_entry(leaf.entry) for leaf in world.store.leaves()]


def test_a_feed_is_kept_recorded_and_due_at_once(world):
    add_feed(world, make(secret="tok3n", header="Auth-Key"))
    assert [each.name for each in feeds(world)] == ["urls"] == due(world)
    assert feed(world, "urls").secret == "tok3n"
    (entry,) = entries(world)
    assert (entry.kind, entry.detail) == ("feed", {"feed": "urls", "url": "https://lists.example/urls.csv", "kind": "csv"})


def test_nobody_is_shown_its_secrets(world):
    add_feed(world, make(secret="tok3n", header="Auth-Key"))
    told = str(describe(world, feed(world, "urls")))
    assert "tok3n" not in told and "s3cret" not in told and "https://lists.example/urls.csv" in told
    assert shown("https://a.example/b?c#d") == "https://a.example/b"


def test_names_are_taken_once(world):
    add_feed(world, make())
    with pytest.raises(Conflict):
        add_feed(world, make())


def test_a_feed_that_is_removed_is_gone_with_all_that_was_kept(world):
    add_feed(world, make())
    assert remove_feed(world, "urls").name == "urls"
    assert not feeds(world) and world.store.private(STATES, "urls") is None and world.store.private(FEEDS, "urls") is None
    for call in (feed, remove_feed):
        with pytest.raises(NotFound):
            call(world, "urls")
    assert entries(world)[-1].detail == {"feed": "urls", "removed": True}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "xml"}, {"url": "http://lists.example/a"}, {"url": "file:///etc/passwd"}, {"url": "https://u:p@lists.example/"}, {"url": "nothing"},
        {"tlp": "blue"}, {"purposes": ("curiosity",)}, {"columns": {"url": "x"}}, {"columns": {"tlp": "x"}}, {"columns": {"value": "0"}},
        {"kind": "text", "columns": {"value": "x"}}, {"ca": "no certificate"},
    ],
)  # fmt: skip
def test_what_would_never_work_is_refused_when_it_is_set_up(world, wrong):
    with pytest.raises(SenderFault):
        add_feed(world, make(**wrong))
    assert not feeds(world) and not entries(world)


def test_feeds_are_due_in_the_order_they_wait(world):
    for name in ("a", "b", "c"):
        add_feed(world, make(name))
    now = micros(world.clock())
    with world.store.write() as tx:
        for name, at in (("a", now - 1), ("b", now - 2), ("c", now + 10**9)):
            tx.put_private(STATES, name, msgspec.json.encode(State(next=at)))
    assert due(world) == ["b", "a"]
    assert state(world, "a").result == "not yet pulled"


def test_what_comes_stays_here_unless_it_is_to_be_shared(world):
    own = submitter(world, make())
    assert (own.party, own.by, own.received_from, own.to, own.handling) == ("KZ", "feed urls", None, (), ("H2",))
    assert (submitter(world, make(share=True)).to, submitter(world, make(share=True)).handling) == (None, ())
    other = submitter(world, make(party="CERT-X"))
    assert (other.party, other.received_from, other.to) == ("CERT-X", "CERT-X", ())


def test_limits_name_the_feeds_own_host_and_port():
    limits = make(url="https://Lists.example:8443/a", allow=("cdn.example",)).limits()
    assert (limits.hosts, limits.ports) == (("lists.example", "cdn.example"), (8443,))

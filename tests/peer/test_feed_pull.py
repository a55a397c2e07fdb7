"""Pulling feeds from a server of ours: what is taken in, what is asked again, and what goes wrong."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from comity.clock import micros, parse, stamp
from comity.errors import NotAuthenticated, NotFound, PeerFault
from comity.peer import feed_pull
from comity.peer.feed_pull import JITTER, manifest, pull
from comity.peer.feeds import Feed, add_feed, due, feeds, remove_feed, state
from comity.release.holdings import every, own_reader
from tests.consortium import START, Body, indicator
from tests.peer.web import http, serving

LIST = b"# list\nlogin.example.net\n198.51.100.7\n"


@pytest.fixture
def body():
    body = Body(agreement=None)
    object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, party="KZ", name="KZ-sco"))
    return body


def add(body: Body, web, target: str = "/l", **more) -> None:
    given = {
        "name": "f",
        "url": web.url + target,
        "kind": "text",
        "added": stamp(micros(START)),
        "own": True,
        "plain": True,
        "seconds": 5.0,
    }
    add_feed(body.world, Feed(**{**given, **more}))


def held(body: Body) -> list[dict]:
    return [msgspec.json.decode(raw) for _, _, raw in every(body.desk, own_reader(body.desk))]


def envelopes(body: Body) -> list[dict]:
    rows = [row for _, row, _ in every(body.desk, own_reader(body.desk))]
    return [msgspec.json.decode(raw) for raw in body.world.store.envelopes([row.item for row in rows]).values()]


def later(body: Body, **by) -> None:
    body.clock.at += timedelta(**by)


def test_a_list_is_taken_in_as_this_nodes_own_and_stays_here(body):
    with serving({"/l": http(LIST)}) as web:
        add(body, web, threat=("phishing",), tlp="green")
        after = pull(body.world, "f")
    assert (after.result, after.counts, after.failures) == ("taken in", {"accepted": 2}, 0)
    assert [obj["name"] for obj in held(body)] == ["login.example.net", "198.51.100.7"]
    assert all(obj["labels"] == ["feed:f"] and obj["indicator_types"] == ["phishing"] for obj in held(body))
    assert all((e["origin"], e["tlp"], e["to"], e["handling"]) == ("KZ", "green", [], ["H2"]) for e in envelopes(body))


def test_a_member_sees_nothing_of_it_unless_it_is_shared():
    shared = Body()
    reader = shared.member("UZ")
    with serving({"/l": http(LIST), "/m": http(b"other.example.net\n")}) as web:
        add(shared, web, party="UZ")
        add(shared, web, "/m", name="g", share=True, party="UZ")
        pull(shared.world, "f")
        pull(shared.world, "g")
        other = shared.member("IN")
    assert len(reader.reads()) == 3 and len(other.reads()) == 1


def test_the_next_pull_comes_an_interval_later_give_or_take(body):
    with serving({"/l": http(LIST)}) as web:
        add(body, web, every=3600.0)
        pull(body.world, "f")
        assert due(body.world) == []
        wait = (state(body.world, "f").next - micros(body.clock.at)) / 1e6
        assert 3600 * (1 - JITTER) - 1 < wait < 3600 * (1 + JITTER) + 1
        later(body, seconds=4000)
        assert due(body.world) == ["f"]


def test_what_has_not_changed_is_not_taken_again(body):
    def answer(asked):
        return http(b"", "304 Not Modified") if asked.headers.get("if-none-match") == '"1"' else http(LIST, ETag='"1"', Last_Modified="x")

    with serving(answer) as web:
        add(body, web)
        pull(body.world, "f")
        assert pull(body.world, "f").result == "not changed"
        assert web.asked[1].headers["if-modified-since"] == "x"
        assert pull(body.world, "f", again=True).counts == {"duplicate": 2}


def test_a_changed_etag_brings_what_is_new(body):
    lists = [(LIST, '"1"'), (LIST + b"new.example.net\n", '"2"')]
    with serving(lambda asked: http(lists[len(web.asked) > 1][0], ETag=lists[len(web.asked) > 1][1])) as web:
        add(body, web)
        pull(body.world, "f")
        after = pull(body.world, "f")
    assert (after.counts, after.etag) == ({"accepted": 1, "duplicate": 2}, '"2"') and len(held(body)) == 3


def test_without_validators_the_same_bytes_are_not_taken_again(body):
    with serving({"/l": http(LIST)}) as web:
        add(body, web)
        pull(body.world, "f")
        assert pull(body.world, "f").result == "not changed"


def test_what_stays_listed_never_runs_out_and_what_is_gone_does(body):
    lists = [LIST, LIST, b"198.51.100.7\n"]

    def answer(asked):
        return http(b"", "304 Not Modified") if "if-none-match" in asked.headers else http(lists[min(len(web.asked) - 1, 2)], ETag='"1"')

    with serving(answer) as web:
        add(body, web, life=30 * 86400.0, full=True)
        pull(body.world, "f")
        assert pull(body.world, "f").result == "not changed"
        later(body, days=16)
        after = pull(body.world, "f")
        assert (after.counts, after.gone) == ({"accepted": 1}, 1)
        later(body, days=16)
        names = [obj["name"] for obj in held(body)]
        assert names == ["198.51.100.7"]
        assert pull(body.world, "f").counts == {"accepted": 1}
    until = {obj["name"]: parse(obj["valid_until"]) for obj in held(body)}
    assert until["198.51.100.7"] > body.clock.at + timedelta(days=14)


def test_what_is_gone_from_a_full_list_is_counted_not_withdrawn(body):
    with serving(lambda asked: http(LIST if len(web.asked) < 2 else b"198.51.100.7\n")) as web:
        add(body, web, full=True)
        assert pull(body.world, "f").gone is None
        assert pull(body.world, "f").gone == 1
    assert len(held(body)) == 2


def test_rows_that_say_nothing_are_kept_as_problems(body):
    with serving({"/l": http(LIST + b"what is this\n")}) as web:
        add(body, web)
        after = pull(body.world, "f")
    assert after.counts == {"accepted": 2, "rejected": 1}
    assert after.problems == ("line 4: 'what is this' is not an observable of a known kind",)


@pytest.mark.parametrize(
    ("kind", "more", "raw"),
    [
        ("csv", {}, b"type,value\ndomain,login.example.net\nip,198.51.100.7\n"),
        ("csv", {"columns": {"value": "2"}}, b"1,login.example.net\n2,198.51.100.7\n"),
        ("json", {}, b'{"data": [{"ioc": "login.example.net"}, {"ioc": "198.51.100.7"}]}'),
        ("json", {"columns": {"value": "a.b"}}, b'[{"a": {"b": "login.example.net"}}, {"a": {"b": "198.51.100.7"}}]'),
        ("text", {}, LIST),
    ],
)
def test_the_kinds_of_tables(body, kind, more, raw):
    with serving({"/l": http(raw)}) as web:
        add(body, web, kind=kind, **more)
        assert pull(body.world, "f").counts == {"accepted": 2}
    assert {obj["pattern"] for obj in held(body)} == {"[domain-name:value = 'login.example.net']", "[ipv4-addr:value = '198.51.100.7']"}


def test_stix_keeps_its_bytes_and_gets_an_end_beside_them(body):
    item = indicator(pattern="[domain-name:value = 'login.example.net']")
    raw = msgspec.json.encode(item)
    with serving({"/l": http(b'{"type":"bundle","id":"bundle--1","objects":[' + raw + b"]}")}) as web:
        add(body, web, kind="stix", life=86400.0)
        assert pull(body.world, "f").counts == {"accepted": 1}
    assert [found for _, _, found in every(body.desk, own_reader(body.desk))] == [raw]
    later(body, days=2)
    assert held(body) == []


# MISP


def event(number: int) -> tuple[str, bytes]:
    uuid = f"0a8f1e59-0000-4000-8000-{number:012d}"
    attribute = {"uuid": f"0b8f1e59-0000-4000-8000-{number:012d}", "type": "domain", "category": "Network activity", "to_ids": True}
    attribute |= {"value": f"n{number}.example.net", "timestamp": "1633946400"}
    return uuid, msgspec.json.encode(
        {"Event": {"uuid": uuid, "info": "x", "date": "2021-10-11", "timestamp": "1633946400", "Attribute": [attribute]}}
    )


def patterns(body: Body) -> list[str]:
    return sorted(obj["pattern"].split("'")[1] for obj in held(body) if obj["type"] == "indicator")


def test_one_misp_event(body):
    _, raw = event(1)
    with serving({"/l": http(raw)}) as web:
        add(body, web, kind="misp")
        pull(body.world, "f")
    assert patterns(body) == ["n1.example.net"]


def test_a_misp_feed_gives_its_new_events_in_portions(body, monkeypatch):
    monkeypatch.setattr(feed_pull, "_EVENTS", 2)
    found = dict(map(event, range(1, 6)))
    times = dict(zip(found, (100, 200, 200, 300, 400), strict=True))
    served = {f"/feed/{uuid}.json": http(raw) for uuid, raw in found.items()}
    served["/feed/manifest.json"] = http(msgspec.json.encode({uuid: {"timestamp": str(at), "info": "x"} for uuid, at in times.items()}))
    with serving(served) as web:
        add(body, web, "/feed/manifest.json", kind="misp", every=3600.0)
        first = pull(body.world, "f")
        # Events of one second come together: a cursor could not tell them apart.
        assert (first.more, first.cursor, patterns(body)) == (True, 200, ["n1.example.net", "n2.example.net", "n3.example.net"])
        assert first.next - micros(body.clock.at) < 120_000_000
        pull(body.world, "f")
        while state(body.world, "f").more:
            pull(body.world, "f")
        assert len(patterns(body)) == 5 and state(body.world, "f").cursor == 400
        asked = len(web.asked)
        assert pull(body.world, "f").result == "not changed" and len(web.asked) == asked + 1


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"a": 1}', b'{"../../etc": {"timestamp": 1}}', b'{"0a8f1e59-0000-4000-8000-000000000001": {}}']
)
def test_what_is_no_manifest(raw):
    assert manifest(raw) is None


# What goes wrong


def test_failures_are_kept_and_the_feed_is_left_alone_for_longer_and_longer(body):
    with serving({}) as web:
        add(body, web, every=100.0)
        waits = []
        for _ in range(3):
            with pytest.raises(PeerFault):
                pull(body.world, "f")
            waits.append((state(body.world, "f").next - micros(body.clock.at)) / 1e6)
    after = state(body.world, "f")
    assert after.failures == 3 and after.result.startswith("failed: ") and "404" in after.result
    assert waits[0] < 120 < waits[1] < 240 < waits[2] < 450


def test_a_failure_forgets_nothing_and_success_forgives(body):
    with serving(lambda asked: http(LIST, ETag='"1"') if len(web.asked) != 2 else http(b"", "500 Oops")) as web:
        add(body, web)
        pull(body.world, "f")
        with pytest.raises(PeerFault):
            pull(body.world, "f")
        assert state(body.world, "f").etag == '"1"' and state(body.world, "f").counts == {"accepted": 2}
        assert pull(body.world, "f").failures == 0
        assert web.asked[2].headers["if-none-match"] == '"1"'


def test_a_busy_server_is_left_alone_as_long_as_it_asks(body):
    with serving(lambda asked: http(b"", "429 Slow", Retry_After="7200")) as web:
        add(body, web, every=60.0)
        after = pull(body.world, "f")
    assert after.result == "the server asks for rest (429)"
    assert after.next - micros(body.clock.at) > 6000 * 1_000_000


@pytest.mark.parametrize(
    ("said", "fault", "words"),
    [
        (http(b"<!DOCTYPE html><p>sign in</p>"), PeerFault, "web page"),
        (http(LIST, Content_Type="text/html; charset=utf-8"), PeerFault, "web page"),
        (http(b""), PeerFault, "is empty"),
        (http(b"nothing of\nany use\n"), PeerFault, "is no text feed: line 1"),
        (http(LIST)[:-5], PeerFault, "cannot be read"),
        (http(b"", "401 No"), NotAuthenticated, "401"),
        (http(b"", "302 Found", Location="http://169.254.169.254/latest"), PeerFault, "redirects to"),
    ],
)
def test_what_is_no_list_is_a_failure_and_leaves_nothing(body, said, fault, words):
    with serving(lambda asked: said) as web:
        add(body, web)
        with pytest.raises(fault, match=words):
            pull(body.world, "f")
    assert held(body) == [] and state(body.world, "f").failures == 1


def test_a_list_that_is_broken_off_is_asked_for_anew(body):
    item = msgspec.json.encode(indicator())
    with serving({"/l": http(b'{"type":"bundle","objects":[' + item + b",", ETag='"1"')}) as web:
        add(body, web, kind="stix")
        after = pull(body.world, "f")
    assert after.result == "taken in as far as it could be read" and after.etag == "" and after.counts["accepted"] == 1


def test_without_leave_it_goes_to_no_private_address(body):
    with serving({"/l": http(LIST)}) as web:
        add(body, web, own=False)
        with pytest.raises(PeerFault, match="no public address"):
            pull(body.world, "f")
    assert not web.asked


def test_the_token_goes_in_its_header(body):
    with serving({"/l": http(LIST)}) as web:
        add(body, web, header="Auth-Key", secret="s3cret")
        pull(body.world, "f")
    assert web.asked[0].headers["auth-key"] == "s3cret"
    assert "s3cret" not in str(state(body.world, "f"))


@pytest.mark.parametrize(
    "said", [http(b"", "500 Oops"), http(b""), http(b"<html>"), http(LIST)[:-5], http(b"", "302 Found", Location="http://evil.example/")]
)
def test_a_key_in_the_address_shows_in_no_result(body, said):
    with serving(lambda asked: said) as web:
        add(body, web, "/l?key=s3cret")
        with pytest.raises(PeerFault) as fault:
            pull(body.world, "f")
    assert "s3cret" not in str(fault.value) + fault.value.next and "s3cret" not in state(body.world, "f").result


def test_of_two_processes_one_pulls(body):
    with serving({"/l": http(LIST)}) as web:
        add(body, web)
        pull(body.world, "f", scheduled=True)
        assert pull(body.world, "f", scheduled=True).result == "taken in"
    assert len(web.asked) == 1


def test_a_feed_that_is_removed_while_it_is_pulled_stays_removed(body):
    def answer(asked):
        remove_feed(body.world, "f")
        return http(LIST)

    with serving(answer) as web:
        add(body, web)
        pull(body.world, "f")
    assert not feeds(body.world) and body.world.store.private("feed-states", "f") is None
    with pytest.raises(NotFound):
        pull(body.world, "f")

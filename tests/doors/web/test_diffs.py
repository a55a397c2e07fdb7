"""Changes of an object, and of who gets what."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from comity.doors.web.diffs import WORDS, audiences, objects, words
from comity.release.account import panel
from comity.release.explain import Moments
from comity.release.supposing import suppose
from tests.consortium import Body, indicator
from tests.release.test_copies import REDACTED


def test_properties_that_come_go_and_change():
    old = {"id": "x", "name": "a b c", "labels": ["one", "two"], "gone": 1, "deep": {"a": 1}}
    new = {"id": "x", "name": "a x c", "labels": ["two", "three"], "deep": {"a": 2}, "fresh": True}
    assert objects(old, new) == [
        {"property": "name", "change": "changed", "parts": [("same", "a "), ("del", "b"), ("ins", "x"), ("same", " c")]},
        {"property": "labels", "change": "changed", "parts": [("same", "two"), ("del", "one"), ("ins", "three")]},
        {"property": "deep", "change": "changed", "parts": [("del", '{"a":1}'), ("ins", '{"a":2}')]},
        {"property": "fresh", "change": "added", "parts": [("ins", "true")]},
        {"property": "gone", "change": "removed", "parts": [("del", "1")]},
    ]
    assert objects(old, old) == []


TEXTS = st.lists(st.sampled_from(["a", "b", "bad.example", " ", "\n", "c "]), max_size=10).map("".join)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_off_the_words(old, new):
    assume(old != new)
    parts = words(old, new)
    assert "".join(text for kind, text in parts if kind != "ins") == old
    assert "".join(text for kind, text in parts if kind != "del") == new


def test_neighbouring_changes_are_one_and_long_stretches_are_shortened():
    assert words("we ask before blocking now", "we do not block now") == [
        ("same", "we "), ("del", "ask before blocking"), ("ins", "do not block"), ("same", " now"),
    ]  # fmt: skip
    long = " ".join(f"w{number}" for number in range(200))
    parts = words(f"{long} old {long}", f"{long} new {long}")
    assert [kind for kind, _ in parts] == ["same", "del", "ins", "same"]
    assert all(len(text) < 200 for _, text in parts)
    assert "\N{HORIZONTAL ELLIPSIS}" in parts[0][1]


def test_texts_too_long_to_compare_are_shown_whole():
    old, new = ("x " * (WORDS + 1), "y " * (WORDS + 1))
    assert words(old, new) == [("del", old), ("ins", new)]


def test_who_gains_and_loses():
    body = Body(agreement=REDACTED)
    kz = body.member("KZ")
    body.member("UZ")
    body.observer("IR")
    body.party("AF", "guest")
    item = indicator(description="secret")
    kz.submits(item, tlp="green")

    def told(tlp: str):
        tried = suppose(body.desk, kz.reader, Moments(), tlp=tlp)
        return panel(body.desk, kz.reader, item["id"], ("network-defence",), supposed=tried.supposed).verdicts

    (row,) = audiences(told("amber"), told("green"))
    assert (row["party"], row["change"], row["loses"]) == ("IR", "gains", [])
    assert set(row["gains"]) == set(item) - {"description"}
    assert [(each["party"], each["change"]) for each in audiences(told("green"), told("red"))] == [("IR", "loses"), ("UZ", "loses")]
    assert audiences(told("green"), told("green")) == []

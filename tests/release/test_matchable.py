"""Which indicators may be matched: for network defence, in force, worth enough; and what is said of the others."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from comity.clock import parse
from comity.intake.submit import Submitter, submit
from comity.release import matchable as module
from comity.release.matchable import held, matchable, newer
from comity.terms.force import Passed
from tests.consortium import START, Body, drafts, indicator, sdo


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    """KZ's own node."""
    body = Body(agreement=None, store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, party="KZ", name="KZ-sco"))
    body.member("KZ")
    yield body
    body.world.store.close()


def adds(body: Body, *objects: dict, **options) -> None:
    found = list(submit(body.world, drafts(objects), Submitter(**{"party": "KZ", **options})))
    assert all(outcome.outcome == "accepted" for outcome in found)


def pulls(body: Body, *objects: dict) -> None:
    adds(body, *objects, party="UZ", received_from="SCO-CENTRE")


def domain(name: str, **properties) -> dict:
    return indicator(pattern=f"[domain-name:value = '{name}']", **properties)


def indicators(desk) -> list[tuple[str, str, str]]:
    return list(matchable(desk))


def left(body: Body, **choice) -> dict[str, str]:
    """value -> why it is passed over."""
    passed: list[Passed] = []
    list(matchable(body.desk, passed=passed.append, **choice))
    return {one.value: one.why for one in passed}


def test_indicators_are_those_in_force(body):
    good, other = domain("a.example"), domain("b.example", valid_until="2031-01-01T00:00:00Z")
    adds(body, good, domain("c.example", revoked=True), domain("d.example", valid_until="2021-10-31T00:00:00Z"), sdo("malware"))
    pulls(body, other)
    assert indicators(body.desk) == [("domain", "a.example", good["id"]), ("domain", "b.example", other["id"])]


def test_an_indicator_ends_at_its_moment(body):
    ends = START + timedelta(hours=1)
    adds(body, domain("a.example", valid_until=ends.strftime("%Y-%m-%dT%H:%M:%SZ")))
    tick = timedelta(milliseconds=1)
    body.clock.at = ends - 2 * tick
    assert len(indicators(body.desk)) == 1
    body.clock.at = ends - tick  # the next look at the clock is at the very moment
    assert indicators(body.desk) == []


def test_a_later_version_that_revokes_takes_it_away(body):
    item = domain("a.example")
    adds(body, item)
    adds(body, {**item, "modified": "2021-10-05T00:00:00.000Z", "revoked": True})
    assert indicators(body.desk) == []


def test_only_what_was_given_for_network_defence_is_matched(body):
    adds(body, domain("a.example"), purposes=("incident-response", "network-defence"))
    adds(body, domain("b.example"), purposes=("incident-response",))
    assert [value for _, value, _ in indicators(body.desk)] == ["a.example"]


def test_an_indicator_of_several_values_gives_each(body):
    item = indicator(pattern="[file:hashes.MD5 = '" + "a" * 32 + "' OR file:hashes.'SHA-256' = '" + "b" * 64 + "']")
    adds(body, item)
    assert sorted(indicators(body.desk)) == [("md5", "a" * 32, item["id"]), ("sha256", "b" * 64, item["id"])]


def test_more_indicators_than_one_page(body, monkeypatch):
    monkeypatch.setattr(module, "_PAGE", 4)
    adds(body, *(domain(f"n{n}.example") for n in range(11)))
    assert [value for _, value, _ in indicators(body.desk)] == [f"n{n}.example" for n in range(11)]


def test_g2_what_others_shared_for_something_else_is_held_and_not_matched(body):
    adds(body, domain("theirs.example"), party="UZ", received_from="SCO-CENTRE", purposes=("training",))
    adds(body, domain("both.example"), party="UZ", received_from="SCO-CENTRE", purposes=("training", "network-defence"))
    assert [value for _, value, _ in indicators(body.desk)] == ["both.example"]
    assert left(body) == {"theirs.example": "not for network defence"}


def test_every_one_that_is_passed_over_is_told_with_the_reason(body):
    adds(
        body, domain("a.example"), domain("revoked.example", revoked=True), domain("over.example", valid_until="2021-10-31T00:00:00Z"),
        domain("early.example", valid_from="2021-12-01T00:00:00Z"), indicator(pattern="[process:name = 'x']", name="odd"),
    )  # fmt: skip
    adds(body, domain("other.example"), purposes=("incident-response",))
    assert [value for _, value, _ in indicators(body.desk)] == ["a.example"]
    assert left(body) == {
        "revoked.example": "revoked", "over.example": "expired", "early.example": "not yet valid",
        "odd": "its pattern is not about single values", "other.example": "not for network defence",
    }  # fmt: skip


def test_the_envelopes_end_and_a_valid_from_that_comes(body):
    adds(body, domain("short.example"), expires=START + timedelta(hours=1))
    adds(body, domain("early.example", valid_from="2021-11-02T00:00:00Z"))
    assert [value for _, value, _ in indicators(body.desk)] == ["short.example"]
    body.clock.at = parse("2021-11-02T00:00:00Z")
    assert [value for _, value, _ in indicators(body.desk)] == ["early.example"]


def test_what_is_of_no_worth_any_more_is_passed_over_if_asked_for(body):
    good, doubted = domain("good.example", confidence=90), domain("doubted.example", confidence=90)
    adds(body, good, doubted, domain("unsure.example", confidence=10))
    opinion = sdo("opinion", opinion="strongly-disagree", object_refs=[doubted["id"]], modified="2021-10-31T00:00:00.000Z")
    adds(body, opinion)
    assert len(indicators(body.desk)) == 3
    assert [value for _, value, _ in matchable(body.desk, 40)] == ["good.example"]
    assert left(body, min_score=40) == dict.fromkeys(("doubted.example", "unsure.example"), "its score is below 40")


def test_reading_on_meets_each_once(body):
    adds(body, domain("a.example"))
    first, reached = newer(body.desk, 0, "test")
    adds(body, domain("b.example"), domain("over.example", revoked=True))
    second, further = newer(body.desk, reached, "test")
    assert [[value for _, value, _ in found] for found in (first, second)] == [["a.example"], ["b.example"]]
    assert newer(body.desk, further, "test") == ([], further)
    assert reached < further == max(each.at for each in held(body.desk, {}))


def test_patterns_that_are_no_values_are_given_to_those_who_take_them(body):
    both = indicator(pattern="[domain-name:value = 'a.example'] FOLLOWEDBY [domain-name:value = 'b.example']")
    over = indicator(pattern="[file:name = 'x']", valid_until="2021-10-31T00:00:00Z")
    rule = indicator(pattern="alert tcp any any", pattern_type="snort")
    adds(body, both, over, rule)
    assert indicators(body.desk) == []
    assert list(matchable(body.desk, patterns=True)) == [("pattern", both["pattern"], both["id"])]

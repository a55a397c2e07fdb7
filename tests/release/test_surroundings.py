"""What is said of an indicator by the objects around it, as far as the reader may see them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from comity.clock import parse
from comity.release.surroundings import NOTHING, About, facts, surroundings, words
from comity.terms.decay import Doubt, Seen
from tests.consortium import Body, indicator, relationship, report, sdo, sighting


@pytest.fixture
def body():
    return Body()


def about(member, id_: str, **more) -> About:
    return surroundings(member.body.desk, member.reader, **more).get(id_, NOTHING)


def test_what_it_indicates_rests_on_and_stands_in(body):
    kz = body.member("KZ")
    malware, item = sdo("malware", name="x", is_family=True), indicator()
    link, paper = (
        relationship(item["id"], malware["id"]),
        report(item["id"], report_types=["malware"], labels=["rsit:phishing"]),
    )
    kz.submits(malware, item, link, paper)
    found = about(kz, item["id"])
    assert found.indicates == [malware["id"]]
    assert set(found.evidence) == {malware["id"], paper["id"]} and found.words == {"malware", "rsit:phishing"}


def test_who_saw_it_and_who_did_not(body):
    kz, uz, ind = body.member("KZ"), body.member("UZ"), body.member("IN")
    item = indicator()
    kz.submits(item)
    at = "2021-10-30T00:00:00.000Z"
    uz.submits(sighting(item["id"], count=5, last_seen=at))
    ind.submits(sighting(item["id"], count=0))
    found = about(kz, item["id"])
    assert found.seen == [Seen(party="UZ", at=parse(at), count=5)]
    assert [doubt.party for doubt in found.doubts] == ["IN"]


@pytest.mark.parametrize(("opinion", "weights"), [("disagree", [1]), ("strongly-disagree", [2]), ("neutral", []), ("agree", [])])
def test_opinions_that_disagree_are_doubts(body, opinion, weights):
    kz = body.member("KZ")
    item = indicator()
    kz.submits(item, sdo("opinion", opinion=opinion, object_refs=[item["id"]]))
    assert [doubt.weight for doubt in about(kz, item["id"]).doubts] == weights


@pytest.mark.parametrize(("opinion", "count"), [("agree", 1), ("strongly-agree", 1), ("neutral", 0), ("disagree", 0)])
def test_opinions_that_agree_weigh_as_much_as_one_sighting(body, opinion, count):
    kz = body.member("KZ")
    item = indicator()
    kz.submits(item, sdo("opinion", opinion=opinion, object_refs=[item["id"]]))
    found = about(kz, item["id"])
    assert (len(found.confirmed), found.seen) == (count, [])
    assert len(facts("domain", item, None, found).seen) == count


def test_what_the_reader_may_not_see_says_nothing(body):
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    item = indicator()
    kz.submits(item, tlp="green")
    uz.submits(sighting(item["id"]), sdo("opinion", opinion="disagree", object_refs=[item["id"]]), tlp="amber")
    assert about(kz, item["id"]).seen
    assert about(ir, item["id"]) == NOTHING


def test_what_is_revoked_says_nothing(body):
    kz = body.member("KZ")
    item = indicator()
    kz.submits(item, sighting(item["id"], revoked=True))
    assert about(kz, item["id"]) == NOTHING


def test_only_what_is_asked_for_is_gathered(body):
    kz = body.member("KZ")
    one, other, malware = indicator(), indicator(), sdo("malware", name="x", is_family=True)
    kz.submits(one, other, malware, sighting(one["id"]), sighting(other["id"]), sighting(malware["id"]))
    assert set(surroundings(body.desk, kz.reader)) == {one["id"], other["id"]}
    assert set(surroundings(body.desk, kz.reader, [malware["id"]])) == {malware["id"]}


def test_the_facts_of_a_score():
    obj = indicator(confidence=70, valid_until="2022-01-01T00:00:00Z", revoked=True)
    around = About(seen=[Seen(party="UZ", at=parse(obj["modified"]))], doubts=[Doubt(party="IN", at=parse(obj["modified"]))])
    found = facts("domain", obj, datetime(2021, 12, 1, tzinfo=UTC), around)
    assert (found.kind, found.confidence, found.revoked, found.said) == ("domain", 70, True, parse(obj["modified"]))
    assert found.valid_until == datetime(2021, 12, 1, tzinfo=UTC)
    assert (len(found.seen), len(found.doubts)) == (1, 1)
    assert facts("domain", indicator(), None, NOTHING).valid_until is None


def test_the_words_an_object_is_classified_by():
    obj = indicator(
        indicator_types=["malicious-activity"],
        labels=["x", "y"],
        kill_chain_phases=[{"kill_chain_name": "lockheed", "phase_name": "delivery"}],
    )
    assert words(obj) == ["malicious-activity", "x", "y", "lockheed", "delivery"]
    assert words({"type": "indicator", "labels": "x", "kill_chain_phases": [1], "indicator_types": [2]}) == []

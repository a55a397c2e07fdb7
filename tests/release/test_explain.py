"""`why` and `audience` say what the pages do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.errors import NotFound, SenderFault
from comity.release.explain import audience, named, why
from tests.consortium import START, Body, indicator, relationship


def test_a_permit_cites_clause_and_text():
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    item = indicator()
    kz.submits(item)
    said = why(body.desk, item["id"], uz.reader).as_json()
    assert said["effect"] == "permit"
    assert said["reasons"][0]["clause"] == "members"
    assert said["reasons"][0]["text"] == "Members receive technical information up to TLP:AMBER."


def test_a_deny_names_the_clauses_tried_and_the_fact_that_failed():
    body = Body()
    kz, ir = body.member("KZ"), body.observer("IR")
    item = indicator()
    kz.submits(item)
    said = why(body.desk, item["id"], ir.reader).as_json()
    assert said["effect"] == "deny"
    facts = {reason["clause"]: (reason["fact"], reason["expected"], reason["actual"]) for reason in said["reasons"]}
    assert facts["members"] == ("recipient standing", "member", "observer")
    assert facts["observers"][0] == "TLP"
    assert said["would_change"]


def test_a_relationship_is_denied_for_what_it_names():
    body = Body()
    kz, ir = body.member("KZ"), body.observer("IR")
    seen, hidden = indicator(), indicator()
    kz.submits(seen, tlp="green")
    kz.submits(hidden, tlp="amber")
    link = relationship(seen["id"], hidden["id"])
    kz.submits(link, tlp="green")
    said = why(body.desk, link["id"], ir.reader).as_json()
    assert (said["effect"], said["rule"]) == ("deny", "references")
    assert hidden["id"] in said["reasons"][0]["actual"]
    assert seen["id"] not in said["reasons"][0]["actual"]


def test_another_date_gives_the_answer_of_that_date():
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    item = indicator()
    kz.submits(item)
    assert why(body.desk, item["id"], uz.reader, on=START - timedelta(days=390)).decision.effect == "deny"


def test_the_audience_equals_what_each_party_reads():
    body = Body()
    members = [body.member("KZ"), body.member("UZ"), body.observer("IR"), body.party("AF", "guest")]
    items = [indicator() for _ in range(3)]
    for item, tlp in zip(items, ("clear", "amber", "red"), strict=True):
        members[0].submits(item, tlp=tlp)
    for item in items:
        verdicts = {v.party: v.decision.permits for v in audience(body.desk, item["id"], "sco", ("network-defence",))}
        for member in members:
            assert verdicts[member.code] == (item["id"] in member.reads()), (member.code, item["id"])


def test_what_this_node_does_not_hold_is_not_found():
    with pytest.raises(NotFound):
        why(Body().desk, "indicator--00000000-0000-4000-8000-000000000000", Body().member("KZ").reader)


def test_a_value_or_an_id_names_an_object():
    body = Body()
    kz = body.member("KZ")
    one, two = indicator(pattern="[url:value = 'http://one.example/a--b@c']"), indicator(pattern="[email-addr:value = 'a@two.example']")
    others = [indicator(pattern="[ipv4-addr:value = '192.0.2.1']") for _ in range(12)]
    kz.submits(one, two, *others)
    assert named(body.desk, "hxxp://one[.]example/a--b@c") == (one["id"], None)
    assert named(body.desk, "a@two.example") == (two["id"], None)
    assert named(body.desk, f" {one['id']} ") == (one["id"], None)
    assert named(body.desk, f"{one['id']}@{one['modified']}") == (one["id"], one["modified"])
    with pytest.raises(SenderFault, match=r"12 objects carry .* and 2 more"):
        named(body.desk, "192.0.2.1")
    for nothing in ("", "no value", "nothing.example", "indicator--00000000-0000-4000-8000-000000000000@x"):
        with pytest.raises(NotFound):
            named(body.desk, nothing)

"""`why` and `audience` say what the pages do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.errors import NotFound, SenderFault
from comity.release.explain import Moments, audience, named, why
from tests.consortium import MEMBERS, START, Body, indicator, relationship

#: Observers receive copies without what tells of sources.
COPYING = (
    MEMBERS.replace('tlp_max = "green"', 'tlp_max = "green"\nredact = "thin"')
    + '[profile.thin]\nremove = ["description", "external_references.url"]\n'
)


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
    assert why(body.desk, item["id"], uz.reader, Moments(on=START - timedelta(days=390))).decision.effect == "deny"


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


def test_each_field_has_its_effect():
    body = Body(COPYING)
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    item = indicator(
        description="from our sensor", external_references=[{"source_name": "a", "external_id": "7", "url": "https://a.example"}]
    )
    kz.submits(item, tlp="green")
    whole, part = (why(body.desk, item["id"], member.reader).as_json() for member in (uz, ir))
    assert set(whole["fields"]) == set(item)
    assert set(whole["fields"].values()) == {"permit"}
    assert part["effect"] == "redact"
    assert {name for name, effect in part["fields"].items() if effect == "redact"} == {"description", "external_references.url"}
    kz.submits(hidden := indicator(), tlp="amber")
    assert set(why(body.desk, hidden["id"], ir.reader).as_json()["fields"].values()) == {"deny"}


def test_as_known_on_a_day_nothing_learnt_later_counts():
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    item = indicator()
    kz.submits(item)
    before = body.clock.at
    body.clock.at += timedelta(days=2)
    # Learnt two days later: UZ had been an observer since last year.
    body.party("UZ", "observer", since=START - timedelta(days=300))
    at = body.clock.at + timedelta(seconds=1)
    assert why(body.desk, item["id"], uz.reader).decision.effect == "deny"
    then = why(body.desk, item["id"], uz.reader, Moments(known=before))
    assert then.decision.effect == "permit"
    assert then.as_json()["known"] == before.isoformat()
    assert why(body.desk, item["id"], uz.reader, Moments(on=START, known=at)).decision.effect == "deny"
    assert why(body.desk, item["id"], uz.reader, Moments(on=START, known=before)).decision.effect == "permit"
    # What is not known is not in force: the agreement itself.
    assert why(body.desk, item["id"], uz.reader, Moments(known=START - timedelta(days=1))).decision.effect == "deny"


def test_past_disclosures_stand_beside_the_verdict():
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    item = indicator()
    kz.submits(item)
    assert why(body.desk, item["id"], uz.reader).disclosed == ()
    assert uz.reads() == [item["id"]]
    (told,) = why(body.desk, item["id"], uz.reader).disclosed
    assert told.agreements == ("test@1/members",)
    found = {each.party: each.disclosed for each in audience(body.desk, item["id"], "sco", ("network-defence",))}
    assert found["UZ"] == (told,)
    assert found["KZ"] == ()
    # A refusal today does not undo it.
    body.party("UZ", "withdrawn", since=body.clock.at)
    assert why(body.desk, item["id"], uz.reader).decision.effect == "deny"
    assert why(body.desk, item["id"], uz.reader).disclosed == (told,)


def test_what_was_given_as_a_copy_was_given():
    body = Body(COPYING)
    kz, ir = body.member("KZ"), body.observer("IR")
    item = indicator(description="from our sensor")
    kz.submits(item, tlp="green")
    assert why(body.desk, item["id"], ir.reader).disclosed == ()
    assert len(ir.reads()) == 1
    (told,) = why(body.desk, item["id"], ir.reader).disclosed
    assert told.agreements == ("test@1/observers",)

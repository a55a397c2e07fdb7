"""What decisions say has a counterpart in every language."""

from __future__ import annotations

import re

import pytest

from comity.doors.web.words.phrases import phrase
from comity.release.explain import audience
from comity.terms.item import PURPOSES
from tests.consortium import MEMBERS, Body, indicator, sdo


def test_english_is_left_as_it_is():
    assert phrase("en", "at most green") == "at most green"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("recipient standing", "статус получателя"),
        ("at most amber", "не строже amber"),
        ("member or observer", "член или наблюдатель"),
        ("UZ bound by sample", "UZ связан соглашением sample"),
        ("from 2021-10-01 until 2022-10-01", "с 2021-10-01 до 2022-10-01"),
        ("made by KZ and UZ", "сделана KZ и UZ"),
        ("2 sponsors and no objection within P21D", "поручителей: 2, и ни одного возражения за P21D"),
        ("1 of 2", "1 из 2"),
        ("withdrawn for it on 2022-01-01", "выход вступил в силу 2022-01-01"),
        ("held by UZ, given by none, TLP green", "хранит UZ, ни по какому пункту, TLP green"),
        (
            "held by UZ, given by a/b (onward = none), TLP amber, handling H2",
            "хранит UZ, получено по a/b (onward = none), TLP amber, порядок обращения H2",
        ),
        ("KZ", "KZ"),
        ("2021-11-01", "2021-11-01"),
    ],
)
def test_russian(text, said):
    assert phrase("ru", text) == said


def test_every_fact_of_real_denials_is_said_in_russian():
    body = Body(agreement=MEMBERS.replace("in_force = 2021-01-01", 'in_force = 2021-01-01\nentry = "per-party"'))
    kz = body.member("KZ")
    for party, standing in (("UZ", "member"), ("IR", "observer"), ("AF", "guest"), ("XX", "suspended")):
        body.party(party, standing)
    items = [(indicator(), "amber", None), (sdo("malware"), "red", ("UZ",)), (indicator(), "red", None)]
    facts = []
    for item, tlp, to in items:
        kz.submits(item, tlp=tlp, to=to)
        for purposes in (PURPOSES, ("training",)):
            for verdict in audience(body.desk, item["id"], "sco", purposes):
                facts += [fact for reason in verdict.decision.reasons for fact in reason.facts]
    assert len(facts) > 20
    codes = r"[A-Z]{2}[A-Z-]*|test|sco|green|amber\+strict|amber|red|clear|onward|parties|none|H[0-3]"
    for fact in facts:
        assert phrase("ru", fact.fact) != fact.fact or fact.fact == "TLP"
        for text in (fact.expected, fact.actual):
            left = re.sub(codes, "", phrase("ru", text))
            assert not re.search(r"[a-z]{3,}", left), (text, phrase("ru", text))

"""What decisions say has a counterpart in every language."""

from __future__ import annotations

import re

import pytest

from comity.doors.web.words.catalogue import facts
from comity.doors.web.words.phrases import phrase
from comity.release.explain import audience
from comity.terms.item import PURPOSES
from tests.consortium import MEMBERS, Body, indicator, sdo


def test_english_is_left_as_it_is():
    assert phrase("en", "at most green") == "at most green"
    assert phrase("en", "indicator") == "indicator"


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
        ("indicator or @observables", "индикатор или наблюдаемые"),
        ("report", "отчёт"),
        ("KZ", "KZ"),
        ("2021-11-01", "2021-11-01"),
    ],
)
def test_russian(text, said):
    assert phrase("ru", text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("recipient standing", "接收方地位"),
        ("at most amber", "至多 amber"),
        ("member or observer", "成员 或 观察员"),
        ("from the agreement's start until 2022-10-01", "自协议开始至 2022-10-01"),
        ("2 sponsors and no objection within P21D", "2 个支持方，且 P21D 内无异议"),
        ("held by UZ, given by none, TLP green", "由 UZ 持有，无任何依据，TLP green"),
        ("sighting or opinion", "目击 或 意见"),
        ("KZ", "KZ"),
    ],
)
def test_chinese(text, said):
    assert phrase("zh", text) == said


def test_the_languages_know_the_same_facts():
    assert set(facts("ru")) == set(facts("zh"))
    for key, text in facts("ru").items():
        named = sorted(re.findall(r"{[a-z]+}", key))
        assert named == sorted(re.findall(r"{[a-z]+}", text)) == sorted(re.findall(r"{[a-z]+}", facts("zh")[key]))


def facts_of_denials():
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
    return facts


@pytest.mark.parametrize("lang", ["ru", "zh"])
def test_every_fact_of_real_denials_has_its_counterpart(lang):
    facts = facts_of_denials()
    assert len(facts) > 20
    codes = r"[A-Z]{2}[A-Z-]*|test|sco|green|amber\+strict|amber|red|clear|onward|parties|none|H[0-3]"
    for fact in facts:
        assert phrase(lang, fact.fact) != fact.fact or fact.fact == "TLP"
        for text in (fact.expected, fact.actual):
            left = re.sub(codes, "", phrase(lang, text))
            assert not re.search(r"[a-z]{3,}", left), (text, phrase(lang, text))

"""Decisions in words and as JSON."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, settings

from comity.agree.decide import Question, Rules, decide
from comity.agree.explain import as_json, difference, sentences, would_change
from comity.terms.traits import Traits
from tests.agree.treaty import HEAD, MEMBERS, OBSERVERS, PARTIES, ask, day, item, rules
from tests.agree.worlds import items, questions, worlds


def test_a_permit_in_words() -> None:
    question, traits = ask("UZ"), item()
    assert sentences(decide(question, traits, rules()), question, traits) == [
        "UZ may receive an indicator of KZ marked TLP:AMBER for network-defence as of 2021-11-01.",
        "example-ict@1, clause art-4.2 permits it: Members receive technical indicators up to TLP:AMBER.",
        "UZ takes on: report-sightings.",
        "It may not be passed on.",
        "It is kept for P1Y from receipt.",
    ]


@pytest.mark.parametrize(
    ("traits", "said"),
    [
        (item(tlp="green"), "It may be passed on to other parties."),
        (item(tlp="green", handling=("H0",)), "It may be passed on to other parties."),
        (item(tlp="green", handling=("H2",)), "It may not be passed on."),
        (item(tlp="amber"), "It may not be passed on."),
    ],
)
def test_whether_it_may_be_passed_on_is_what_would_be_decided(traits: Traits, said: str) -> None:
    decision = decide(ask("UZ"), traits, rules())
    assert said in sentences(decision, ask("UZ"), traits)
    assert decision.onward == ("parties" if "other" in said else "none")


def test_what_was_known_when_is_said() -> None:
    question = msgspec.structs.replace(ask("UZ"), known_at=day(10, 2))
    (first, *_) = sentences(decide(question, item(), rules(HEAD + MEMBERS + PARTIES)), question, item())
    assert first.endswith("as of 2021-11-01, by the rules known here on 2021-10-02.")


def test_a_refusal_in_words() -> None:
    question, traits = ask("IR"), item()
    found = sentences(decide(question, traits, rules(HEAD + MEMBERS + OBSERVERS + PARTIES)), question, traits)
    assert found == [
        "IR may not receive an indicator of KZ marked TLP:AMBER for network-defence as of 2021-11-01.",
        "example-ict@1, clause art-4.2 does not permit it: recipient standing should be member, is observer.",
        "example-ict@1, clause art-4.3 does not permit it: TLP should be at most green, is amber.",
        "Clause art-4.2 would permit it if recipient standing were member (is observer).",
        "Clause art-4.3 would permit it if TLP were at most green (is amber).",
    ]


def test_a_built_in_rule_and_a_prohibition_in_words() -> None:
    question, traits = ask("UZ"), item(gate="quarantine", type="malware")
    found = sentences(decide(question, traits, rules()), question, traits)
    assert found[0].startswith("UZ may not receive a malware of KZ")
    assert found[1] == "Rule gate: An item in quarantine is not released. gate should be open, is quarantine."
    traits = item(threat=("attribution",))
    decision = decide(question, traits, rules())
    assert sentences(decision, question, traits)[1] == "example-ict@1, clause art-9 forbids it: Attribution is not exchanged."
    assert as_json(decision)["reasons"][0] == {
        "agreement": "example-ict",
        "clause": "art-9",
        "text": "Attribution is not exchanged.",
        "effect": "forbid",
        "facts": [],
        "fact": "forbidding clause",
        "expected": "none that matches",
        "actual": "art-9",
    }


def test_a_refusal_as_json() -> None:
    answer = as_json(decide(ask("IR"), item(), rules(HEAD + MEMBERS + PARTIES)))
    assert answer == {
        "effect": "deny",
        "rule": "no-clause",
        "reasons": [
            {
                "agreement": "example-ict",
                "clause": "art-4.2",
                "text": "Members receive technical indicators up to TLP:AMBER.",
                "effect": "permit",
                "facts": [{"fact": "recipient standing", "expected": "member", "actual": "observer"}],
                "fact": "recipient standing",
                "expected": "member",
                "actual": "observer",
            }
        ],
        "governing": None,
        "duties": [],
        "onward": "none",
        "retain": None,
        "redact": None,
        "would_change": ["clause art-4.2 would permit it if recipient standing were member (is observer)"],
    }


def test_the_nearest_clauses_are_said_to_change_it() -> None:
    narrow = OBSERVERS.replace("green", "clear")
    assert would_change(decide(ask("IR"), item(), rules(HEAD + narrow + PARTIES))) == [
        "clause art-4.3 would permit it if TLP were at most clear (is amber)"
    ]
    # Standing and TLP both fail.
    assert would_change(decide(ask("UZ"), item(), rules(HEAD + OBSERVERS + PARTIES))) == [
        "clause art-4.3 would permit it if recipient standing were observer (is member) and TLP were at most green (is amber)"
    ]
    # A clause that fails on two facts is not named beside one that fails on one.
    assert would_change(
        decide(ask("IR"), item(), rules(HEAD + OBSERVERS.replace("art-4.3", "far").replace("observer", "guest") + narrow + PARTIES))
    ) == ["clause art-4.3 would permit it if TLP were at most clear (is amber)"]
    assert would_change(decide(ask("UZ"), item(), rules())) == []


def test_what_stands_in_the_way_is_said_once() -> None:
    question, traits = ask("UZ"), item(to=("IR",))
    decision = decide(question, traits, rules())
    assert would_change(decision) == ["rule addressed would not stop it if addressed to were UZ (is IR)"]
    assert sum("IR" in sentence for sentence in sentences(decision, question, traits)) == 1
    never = '[[clause]]\nid = "never"\ntext = "No."\neffect = "forbid"\n'
    assert would_change(decide(question, item(), rules(HEAD + MEMBERS + never + PARTIES))) == [
        "nothing permits it while clause never forbids it"
    ]


def test_the_difference_a_change_makes() -> None:
    green = item(tlp="green")
    before = decide(ask("UZ"), green, rules())
    assert difference(before, before) == []
    assert difference(before, decide(ask("UZ"), green, rules(HEAD + OBSERVERS + PARTIES))) == [
        "permit became deny (clause -> no-clause)",
        "no longer decided by clause art-4.2 of example-ict",
        "duty report-sightings ends",
        "onward was parties, is none",
        "retain was P1Y, is not said",
    ]
    longer = decide(ask("UZ"), green, rules(HEAD + MEMBERS.replace("P1Y", "P2Y") + PARTIES))
    assert difference(before, longer) == ["retain was P1Y, is P2Y"]


def test_what_governs_is_named_where_several_permit() -> None:
    named = MEMBERS.replace("art-4.2", "art-7").replace('standing = ["member"]', 'party = ["UZ"]', 1).replace('"parties"', '"data"')
    question, traits = ask("UZ"), item(tlp="green")
    decision = decide(question, traits, rules(HEAD + MEMBERS + named + PARTIES))
    assert sentences(decision, question, traits)[3:] == [
        "example-ict@1, clause art-7 governs: of 2 that permit it, it names those concerned most closely. All 2 bind.",
        "UZ takes on: report-sightings.",
        "It may be passed on only under data.",
        "It is kept for P1Y from receipt.",
    ]
    assert as_json(decision)["governing"] == {"agreement": "example-ict@1", "clause": "art-7"}
    assert as_json(decision)["onward"] == "data"
    assert as_json(decision)["retain"] == "P1Y"


def test_a_copy_and_an_approval_in_words() -> None:
    copies = MEMBERS.replace("retain", 'redact = "p"\nretain').replace('"parties"', '"none"')
    text = HEAD + copies + '[profile.p]\nremove = ["name", "labels"]\n' + PARTIES
    question, traits = ask("UZ"), item()
    decision = decide(question, traits, rules(text))
    assert sentences(decision, question, traits) == [
        "UZ may receive a redacted copy of an indicator of KZ marked TLP:AMBER for network-defence as of 2021-11-01.",
        "example-ict@1, clause art-4.2 permits it: Members receive technical indicators up to TLP:AMBER.",
        "Left out of the copy: name, labels (profile p).",
        "UZ takes on: report-sightings.",
        "It may not be passed on.",
        "It is kept for P1Y from receipt.",
    ]
    assert as_json(decision)["redact"] == {"profile": "p", "remove": ["name", "labels"]}
    asked = HEAD + MEMBERS.replace("retain", 'approval = { procedure = "two-persons" }\nretain') + PARTIES
    waiting = decide(question, traits, rules(asked))
    assert sentences(waiting, question, traits)[:2] == [
        "UZ may receive, once this is approved, an indicator of KZ marked TLP:AMBER for network-defence as of 2021-11-01.",
        "example-ict@1, clause art-4.2 permits it once approved: Members receive technical indicators up to TLP:AMBER. "
        "approval should be two persons of the origin, is not requested.",
    ]
    answer = as_json(waiting)
    assert (answer["effect"], answer["rule"], answer["redact"]) == ("approve", "approval", None)
    assert answer["reasons"][0]["facts"] == [{"fact": "approval", "expected": "two persons of the origin", "actual": "not requested"}]
    assert "fact" not in answer["reasons"][0]
    assert would_change(waiting) == []


@pytest.mark.parametrize("recipient", ["UZ", "IR", "RU", "ZZ", "KZ", "HUB"])
def test_every_refusal_says_clause_fact_expected_and_actual(recipient: str) -> None:
    for traits in (item(), item(tlp="red"), item(to=()), item(purposes=("training",)), item(realm="exercise-1")):
        answer = as_json(decide(ask(recipient), traits, rules()))
        assert set(answer) == {"effect", "rule", "governing", "reasons", "duties", "onward", "retain", "redact", "would_change"}
        assert answer["reasons"]
        if answer["effect"] == "deny":
            assert all(reason[key] for reason in answer["reasons"] for key in ("agreement", "clause", "fact", "expected", "actual"))


@given(worlds, questions, items)
@settings(max_examples=60, deadline=None)
def test_every_decision_can_be_said_and_written(world: Rules, question: Question, traits: Traits) -> None:
    decision = decide(question, traits, world)
    assert json.loads(json.dumps(as_json(decision)))["effect"] == decision.effect
    assert len(sentences(decision, question, traits)) >= 1 + len(decision.reasons)

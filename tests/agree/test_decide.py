"""Decisions by hand, by the step that makes them, and the laws every decision obeys."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from comity.agree import decide as decisions
from comity.agree.decide import BUILT_IN, Decision, Question, Rules, Sieve
from comity.terms.party import ENDED, Register, Standing
from comity.terms.traits import Traits
from tests.agree.oracle import oracle
from tests.agree.treaty import (
    CENTRE,
    FORBID,
    HEAD,
    MEMBERS,
    OBSERVERS,
    PARTIES,
    PRODUCERS,
    TREATY,
    ask,
    day,
    item,
    rules,
)
from tests.agree.worlds import items, permit_worlds, questions, worlds


def decide(question: Question, traits: Traits, rules: Rules) -> Decision:
    """The decision, after checking that the fast path and the oracle give the same."""
    decision = decisions.decide(question, traits, rules)
    assert decision.effect == oracle(question, traits, rules)
    assert Sieve(question, rules).permits(traits) is decision.permits
    return decision


def answer(recipient: str, traits: Traits, *purposes: str, **other: Any) -> Decision:
    return decide(ask(recipient, *purposes, **other), traits, rules())


def cited(decision: Decision) -> list[str]:
    return [reason.clause for reason in decision.reasons]


@pytest.mark.parametrize(
    ("recipient", "change", "effect", "rule", "clause"),
    [
        ("UZ", {}, "permit", "clause", "art-4.2"),
        ("UZ", {"tlp": "green"}, "permit", "clause", "art-4.2"),
        ("UZ", {"tlp": "amber+strict"}, "deny", "no-clause", "art-4.2"),
        ("IR", {}, "deny", "no-clause", "art-4.2"),
        ("IR", {"tlp": "green"}, "permit", "clause", "art-4.3"),
        ("IR", {"tlp": "green", "type": "malware"}, "deny", "no-clause", "art-4.2"),
        ("IR", {"tlp": "green", "type": "domain-name"}, "permit", "clause", "art-4.3"),
        ("HUB", {}, "deny", "no-clause", "art-6"),
        ("HUB", {"tlp": "green"}, "permit", "clause", "art-6"),
        ("HUB", {"tlp": "green", "type": "sighting"}, "deny", "no-clause", "art-6"),
        ("RU", {"tlp": "clear"}, "deny", "no-clause", "art-4.2"),  # signed, not in force
        ("TJ", {"tlp": "clear"}, "deny", "no-clause", "art-4.2"),  # a member, but no party
        ("XX", {"tlp": "clear"}, "deny", "no-clause", "art-4.2"),  # suspended
        ("ZZ", {"tlp": "clear"}, "deny", "no-clause", "art-4.2"),  # unknown
        ("UZ", {"threat": ("attribution",)}, "deny", "forbidden", "art-9"),
        ("UZ", {"threat": ("attribution", "phishing")}, "deny", "forbidden", "art-9"),
        ("UZ", {"threat": ("phishing",)}, "permit", "clause", "art-4.2"),
        ("KZ", {"gate": "quarantine", "realm": "exercise-1"}, "permit", "own", "own"),
        ("UZ", {"gate": "quarantine"}, "deny", "gate", "gate"),
        ("UZ", {"realm": "exercise-1"}, "deny", "realm", "realm"),
        ("UZ", {"to": ("IR",)}, "deny", "addressed", "addressed"),
        ("UZ", {"to": ()}, "deny", "addressed", "addressed"),
        ("UZ", {"to": ("IR", "UZ")}, "permit", "clause", "art-4.2"),
        ("UZ", {"tlp": "red"}, "deny", "red-names-recipients", "red-names-recipients"),
        ("UZ", {"tlp": "red", "to": ("UZ",)}, "deny", "no-clause", "art-4.2"),
        ("UZ", {"purposes": ("training",)}, "deny", "purpose", "purpose"),
        ("UZ", {"type": "marking-definition", "tlp": "red"}, "permit", "public", "public"),
        ("IR", {"type": "sighting", "about": ("UZ", "IR")}, "permit", "clause", "art-5"),
        ("IR", {"type": "sighting", "about": ("UZ",)}, "deny", "no-clause", "art-4.3"),
        ("UZ", {"origin": "IR", "tlp": "green"}, "deny", "no-clause", "art-4.2"),  # from a member only
        ("UZ", {"handling": ("H1", "H2")}, "permit", "clause", "art-4.2"),  # the custodian's addressed release
    ],
)
def test_the_table(recipient: str, change: dict[str, Any], effect: str, rule: str, clause: str) -> None:
    decision = answer(recipient, item(**change))
    assert (decision.effect, decision.rule) == (effect, rule)
    assert clause in cited(decision)


@pytest.mark.parametrize(
    ("at", "effect"),
    [(day(9, 16), "deny"), (day(9, 17), "deny"), (day(9, 30), "deny"), (day(10, 1), "permit"), (day(12, 31), "permit")],
)
def test_a_clause_binds_from_the_instant_it_is_in_force_for_both(at: Any, effect: str) -> None:
    assert answer("UZ", item(), at=at).effect == effect


def test_an_observer_leaves_at_the_instant_it_said() -> None:
    green = item(tlp="green")
    assert answer("IR", green, at=day(12, 31)).effect == "permit"
    left = answer("IR", green, at=day(1, 1, 2022))
    assert left.effect == "deny"
    assert {fact.actual for reason in left.reasons for fact in reason.facts if fact.fact == "in force for recipient"} == {
        "ended for it on 2022-01-01"
    }


def test_a_purpose_must_be_shared_by_question_item_and_clause() -> None:
    both = item(tlp="green", purposes=("network-defence", "statistics"))
    assert answer("UZ", both, "statistics").effect == "permit"
    assert answer("IR", both, "statistics").rule == "no-clause"  # art-4.3 is for network defence
    assert answer("UZ", both, "training").rule == "purpose"
    mixed = item(tlp="green", purposes=("statistics", "training"))
    assert answer("IR", mixed, "network-defence", "training").rule == "no-clause"
    nothing = Question(recipient="UZ", body="sco", purposes=(), holder="HUB", valid_at=day(11))
    assert decide(nothing, item(), rules()).rule == "purpose"


def test_passing_on_is_onward_transfer() -> None:
    treaty = rules(HEAD + MEMBERS + PARTIES + "[party.CN]\nin_force = 2021-10-01\n")
    treaty = Rules(treaty.agreements, Register([*treaty.register.standings, standing("CN")]))

    def at_uz(**change: Any) -> Decision:
        return decide(ask("CN", holder="UZ"), item(received_from="HUB", **change), treaty)

    assert at_uz(tlp="green").effect == "permit"
    for change in ({"tlp": "amber"}, {"tlp": "green", "handling": ("H2",)}):
        refused = at_uz(**change)
        assert [fact.fact for fact in refused.reasons[0].facts] == ["onward transfer"]
    assert at_uz(tlp="green", handling=("H0",)).effect == "permit"
    for kept in ("none", "other-ict"):
        strict = Rules(
            rules(HEAD + MEMBERS.replace('"parties"', f'"{kept}"') + PARTIES + "[party.CN]\nin_force = 2021-10-01\n").agreements,
            treaty.register,
        )
        assert decide(ask("CN", holder="UZ"), item(tlp="green"), strict).effect == "deny"
        assert decide(ask("CN", holder="KZ"), item(tlp="amber"), strict).effect == "permit"  # the origin's own release


def test_a_centre_that_is_not_bound_is_no_custodian() -> None:
    late = TREATY.replace('[party.HUB]\nin_force = 2021-10-01\nrole = "centre"', '[party.HUB]\nrole = "centre"')
    assert answer("UZ", item()).effect == "permit"
    assert decide(ask("UZ"), item(), rules(late)).effect == "deny"


def test_a_node_reads_what_a_peer_released_to_it_and_a_centre_only_what_a_clause_permits() -> None:
    received = item(received_from="HUB", tlp="red")
    assert answer("UZ", received, holder="UZ").rule == "received"
    assert answer("IR", received, holder="UZ").effect == "deny"
    # For what it was shared for, and for nothing else (G2).
    assert answer("UZ", item(received_from="HUB", purposes=("training",)), holder="UZ").rule == "purpose"
    assert answer("UZ", item(), holder="UZ").rule != "received"  # submitted here, not received
    assert answer("HUB", item(received_from="PEER"), holder="HUB").rule == "no-clause"
    assert answer("HUB", item(received_from="PEER", tlp="green"), holder="HUB").rule == "clause"


def test_the_centre_reads_nothing_by_a_standing() -> None:
    hub_too = Register([*rules().register.standings, standing("HUB")])
    by_standing = decide(ask("HUB"), item(), Rules(rules(HEAD + MEMBERS + PARTIES).agreements, hub_too))
    assert [(fact.fact, fact.actual) for fact in by_standing.reasons[0].facts] == [("recipient role", "centre, by standing only")]
    named = MEMBERS.replace('to = { standing = ["member"] }', 'to = { standing = ["member"], party = ["HUB"] }')
    assert decide(ask("HUB"), item(), Rules(rules(HEAD + named + PARTIES).agreements, hub_too)).effect == "permit"
    forbidden = (HEAD + CENTRE + MEMBERS + PARTIES).replace("tlp_max", "#").replace('effect = "permit"', 'effect = "forbid"')
    forbidden += CENTRE.replace("art-6", "art-7")
    assert decide(ask("HUB"), item(tlp="green"), Rules(rules(forbidden).agreements, hub_too)).rule == "forbidden"


def test_another_body_is_another_matter() -> None:
    question = Question(recipient="UZ", body="cica", purposes=("network-defence",), holder="HUB", valid_at=day(11))
    decision = decide(question, item(), rules())
    assert decision.rule == "no-clause"
    assert decision.reasons[0].agreement == BUILT_IN


def test_the_newest_version_in_force_governs_and_an_ended_one_does_not_revive() -> None:
    second = (HEAD + OBSERVERS + PARTIES).replace("version = 1", "version = 2").replace("2021-09-17", "2021-12-01", 1)
    both = rules(TREATY, second)
    assert decide(ask("UZ", at=day(11)), item(), both).effect == "permit"
    assert decide(ask("UZ", at=day(12)), item(), both).effect == "deny"
    ended = rules(TREATY, second.replace('entry = "per-party"', 'entry = "per-party"\nuntil = 2021-12-15'))
    assert decide(ask("UZ", at=day(12, 20)), item(), ended).effect == "deny"


def test_the_register_is_read_as_it_was_known() -> None:
    learnt = Standing(party="UZ", body="sco", standing="member", since=day(1), known=day(11, 20))
    world = Rules(rules().agreements, Register([standing("KZ"), learnt]))
    question = ask("UZ", at=day(12))
    assert decide(question, item(), world).effect == "permit"
    assert decide(msgspec.structs.replace(question, known_at=day(11, 19)), item(), world).effect == "deny"
    assert decide(msgspec.structs.replace(question, known_at=day(11, 20)), item(), world).effect == "permit"


def test_permitting_clauses_are_cited_most_specific_first_and_bind_together() -> None:
    named = MEMBERS.replace("art-4.2", "art-7").replace('standing = ["member"]', 'party = ["UZ"]', 1).replace("P1Y", "P30D")
    named = named.replace('"report-sightings"', '"feedback"').replace('"parties"', '"other-ict"')
    decision = decide(ask("UZ"), item(tlp="green"), rules(HEAD + MEMBERS + named + PARTIES))
    assert cited(decision) == ["art-7", "art-4.2"]
    assert decision.duties == ("feedback", "report-sightings")
    assert decision.retain == "P30D"
    assert decision.onward == "other-ict"
    assert {reason.ref for reason in decision.reasons} == {"example-ict@1"}


def test_a_refusal_lists_each_permit_with_what_failed_the_nearest_first() -> None:
    refused = answer("IR", item())
    assert [(reason.clause, [fact.fact for fact in reason.facts]) for reason in refused.reasons] == [
        ("art-4.2", ["recipient standing"]),
        ("art-4.3", ["TLP"]),
        ("art-5", ["recipient role", "type"]),
        ("art-6", ["recipient role", "TLP"]),
    ]
    fact = refused.reasons[0].facts[0]
    assert (fact.expected, fact.actual) == ("member", "observer")


def test_bodies_of_another_organisation() -> None:
    joint = MEMBERS.replace('to = { standing = ["member"] }', 'to = { standing = ["member"], body = ["cica"] }')
    texts = rules(HEAD + joint + PARTIES)
    guests = Register([*texts.register.standings, Standing(party="IR", body="cica", standing="member", since=day(1))])
    assert decide(ask("IR"), item(), Rules(texts.agreements, guests)).effect == "permit"
    assert decide(ask("UZ"), item(), Rules(texts.agreements, guests)).effect == "deny"


def test_every_clause_of_the_treaty_can_decide() -> None:
    for clause, traits, recipient in (
        (MEMBERS, item(), "UZ"),
        (OBSERVERS, item(tlp="green"), "IR"),
        (PRODUCERS, item(type="sighting", about=("UZ",)), "UZ"),
        (CENTRE, item(tlp="green"), "HUB"),
    ):
        assert decide(ask(recipient), traits, rules(HEAD + clause + PARTIES)).effect == "permit"
        assert decide(ask(recipient), traits, rules(HEAD + FORBID + PARTIES)).effect == "deny"


def standing(party: str, word: str = "member") -> Standing:
    return Standing(party=party, body="sco", standing=word, since=day(1))


@given(questions, items)
@settings(max_examples=50, deadline=None)
def test_no_rules_permit_nothing_to_others(question: Question, traits: Traits) -> None:
    decision = decide(question, traits, Rules())
    assert decision.permits is (decision.rule in ("own", "received", "public"))


@given(worlds, questions, items)
@settings(max_examples=30, deadline=None)
def test_the_origin_always_sees_its_own(world: Rules, question: Question, traits: Traits) -> None:
    assert decide(msgspec.structs.replace(question, recipient=traits.origin), traits, world).rule == "own"


@given(worlds, questions, items)
@settings(max_examples=100, deadline=None)
def test_every_release_to_another_cites_a_clause_in_force_for_both(world: Rules, question: Question, traits: Traits) -> None:
    decision = decide(question, traits, world)
    if decision.rule == "clause":
        assert decision.reasons
        for reason in decision.reasons:
            (agreement,) = (a for a in world.agreements if (a.id, a.version) == (reason.agreement, reason.version))
            assert reason.effect == "permit"
            assert agreement.binds(traits.origin, world.register, question.valid_at, question.known_at)
            assert agreement.binds(question.recipient, world.register, question.valid_at, question.known_at)
    elif not decision.permits:
        assert decision.reasons


@given(permit_worlds, questions, items)
@settings(max_examples=100, deadline=None)
def test_taking_away_a_permit_or_a_party_from_the_register_never_enlarges(world: Rules, question: Question, traits: Traits) -> None:
    if decide(question, traits, world).permits:
        return
    for at, agreement in enumerate(world.agreements):
        for clause in agreement.clauses:
            fewer = msgspec.structs.replace(agreement, clauses=tuple(c for c in agreement.clauses if c is not clause))
            less = Rules((*world.agreements[:at], fewer, *world.agreements[at + 1 :]), world.register)
            assert not decide(question, traits, less).permits
    # A suspension is no right to take away; and a holder that is no longer the centre reads as any node does.
    for party in {"KZ", "UZ", "IR", "HUB"} - {question.holder}:
        held = [s for s in world.register.standings if s.party != party or (s.body == "sco" and s.standing in ENDED)]
        assert not decide(question, traits, Rules(world.agreements, Register(held))).permits


@given(permit_worlds, questions, items)
@settings(max_examples=100, deadline=None)
def test_forbid_beats_permit(world: Rules, question: Question, traits: Traits) -> None:
    decision = decide(question, traits, world)
    if decision.rule != "clause":
        return
    first = decision.reasons[0]
    turned = tuple(
        msgspec.structs.replace(
            agreement,
            clauses=tuple(
                msgspec.structs.replace(clause, effect="forbid") if (agreement.id, clause.id) == (first.agreement, first.clause) else clause
                for clause in agreement.clauses
            ),
        )
        for agreement in world.agreements
    )
    assert decide(question, traits, Rules(turned, world.register)).rule == "forbidden"


def test_what_a_built_in_step_found_wrong_does_not_hold_and_says_what_is() -> None:
    refused = decisions.decide(ask("UZ", at=day(11)), item(purposes=("statistics",)), rules())
    assert [(fact.expected, fact.actual, fact.holds) for fact in refused.reasons[0].facts] == [("statistics", "network-defence", False)]
    nothing = msgspec.structs.replace(ask("UZ"), purposes=())
    assert [fact.actual for fact in decisions.decide(nothing, item(), rules()).reasons[0].facts] == ["none"]

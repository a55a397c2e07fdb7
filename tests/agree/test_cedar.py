"""The export to Cedar: another engine, reading another language, gives the same answers. Each question is put to four: `decide`, the fast
path (`sieve`), Cedar, and an oracle by brute force.

A short run each time. A hundred thousand questions, and from another seed:

    COMITY_QUESTIONS=100000 python -m pytest tests/agree/test_cedar.py -k agree
    COMITY_QUESTIONS=100000 COMITY_SEED=1 python -m pytest tests/agree/test_cedar.py -k agree

Each prints its seed, and how many answers there were of each effect, reasons of each fact, and requests for approval in each state.
"""

from __future__ import annotations

import os
from collections import Counter
from random import Random
from typing import Any

import msgspec
import pytest

from comity.agree.accord import Agreement
from comity.agree.agreement import read
from comity.agree.approval import Procedure, state
from comity.agree.cedar import HEADER, policies
from comity.agree.clauses import Clause
from comity.agree.decide import Question, Rules, decide
from comity.agree.sieve import Sieve
from comity.clock import micros
from comity.terms import pap, tlp
from comity.terms.traits import Traits
from tests.agree import worlds
from tests.agree.oracle import Oracle, oracle, roles
from tests.agree.treaty import FORBID, HEAD, MEMBERS, PARTIES, TREATY, ask, item, rules

cedarpy = pytest.importorskip("cedarpy", reason="install the test extra: pip install '.[test]'")

QUESTIONS = int(os.environ.get("COMITY_QUESTIONS", "3000"))
SEED = int(os.environ.get("COMITY_SEED", "20210917"))
PER_WORLD = 20


#: From so many questions on they must be about these, or they would say little: every test that can fail, every state of every procedure.
MANY = 30_000
FACTS = {
    "addressed to", "agreement in force", "approval", "clause", "clause in force", "crossing", "gate", "handling", "in force for origin",
    "in force for recipient", "onward transfer", "origin body", "origin party", "origin role", "origin standing", "PAP", "purpose", "realm", "recipient body", "recipient party",
    "recipient role", "recipient standing", "reservation", "shared under", "threat", "TLP", "type",
}  # fmt: skip
STATES = {
    "origin": ("requested", "approved", "objected", "lapsed", "revoked"),
    "two-persons": ("requested", "approved", "objected", "lapsed"),
    "sponsors": ("requested", "adopted", "objected", "lapsed"),
    "silence": ("requested", "adopted", "objected", "revoked"),
}


def approval_states(question: Question, traits: Traits, rules: Rules) -> list[str]:
    """How the requests about an item stand, for those who are bound all along."""
    found = []
    for made in (rules.approvals[id_] for id_ in traits.approvals if id_ in rules.approvals):
        procedure = rules.procedure(made.clause)
        reached = procedure and state(made, procedure, question.valid_at, question.known_at, lambda party, at: True)
        found += [f"{procedure.kind} {reached.name}"] if procedure and reached else []
    return found


class Cedar:
    """One set of rules in Cedar's hands. What Cedar cannot say (who approved, what was passed on) is worked out from its reasons."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.sets: dict[tuple[str, ...], tuple[list[str], Any]] = {}
        self.clauses = {f"{a.ref}/{c.id}": (a, c) for a in rules.agreements for c in a.clauses}

    def policies(self, view: Oracle) -> tuple[list[str], Any]:
        """The ids of the policies in their order, and the policies, of what was known."""
        held = [each for each in self.rules.agreements if view.known(each.known)]
        key = tuple(each.ref for each in held)
        if key not in self.sets:
            text = policies(held)
            self.sets[key] = [line.split('"')[1] for line in text.splitlines() if line.startswith("@id(")], cedarpy.PolicySet.from_str(text)
        return self.sets[key]

    def asked(self, action: str, recipient: str, question: Question, traits: Traits) -> list[str] | None:
        """The ids of the policies that permit it; None when it is denied."""
        view = Oracle(self.rules, question.valid_at, question.known_at)
        ids, held = self.policies(view)
        parties = [
            {"uid": {"type": "Party", "id": code}, "attrs": {"standings": standings(view, code)}, "parents": []} for code in worlds.PARTIES
        ]
        entities = [*parties, {"uid": {"type": "Item", "id": "it"}, "attrs": attributes(traits), "parents": []}]
        context = {"at": micros(question.valid_at), "body": question.body, "purposes": question.purposes, "holder": party(question.holder)}
        context |= {"across": question.across} if question.across else {}
        request = {"principal": f'Party::"{recipient}"', "action": f'Action::"{action}"', "resource": 'Item::"it"', "context": context}
        result = cedarpy.is_authorized(request, held, entities)
        assert result.diagnostics.errors == []
        return [ids[int(each.removeprefix("policy"))] for each in result.diagnostics.reasons] if result.allowed else None

    def released(self, recipient: str, question: Question, traits: Traits) -> list[tuple[Agreement, Clause, str]]:
        """What the origin would give by which clause, and how."""
        view, found = Oracle(self.rules, question.valid_at, question.known_at), []
        for ref in self.asked("receive", recipient, question, traits) or []:
            agreement, clause = self.clauses[ref]
            asks = [(ref, clause.approval)] if clause.approval else []
            asks += [("built-in/H3", Procedure(kind="origin"))] if "H3" in traits.handling else []
            said = [view.consent(ref, procedure, agreement, recipient, traits) for ref, procedure in asks]
            if "refused" not in said:
                found.append((agreement, clause, "approve" if "open" in said else "redact" if clause.redact else "permit"))
        return found

    def effect(self, question: Question, traits: Traits) -> str:
        """The effect that `decide` must give."""
        if self.asked("have", question.recipient, question, traits) is not None:
            return "permit"
        direct, holder = self.released(question.recipient, question, traits), question.holder
        if holder != traits.origin:
            view = Oracle(self.rules, question.valid_at, question.known_at)
            reached = {agreement.id for agreement, _, effect in direct if effect != "approve"}
            given: list[tuple[Agreement, Clause, str]] = []
            for bodies in ({question.body}, {"sco", "cica"} - {question.body}):
                views = [self.released(holder, msgspec.structs.replace(question, body=body, across=""), traits) for body in bodies]
                held = [each for view in views for each in view if each[2] != "approve"]
                if not given and any(each[2] == "permit" for each in held):
                    given = held
            unmet = {{"none": "", "parties": a.id}.get(clause.onward, clause.onward) for a, clause, _ in given} - reached
            goes_on = bool(given) and traits.tlp in ("clear", "green")
            goes_on = goes_on and not {"H1", "H2", "H3"} & set(traits.handling)
            direct = [
                each
                for each in direct
                if ("centre" in roles(each[0], holder) and view.bound(each[0], holder, view.at)) or (goes_on and unmet <= {each[0].id})
            ]
        effects = {effect for _, _, effect in direct}
        return next((effect for effect in ("permit", "redact", "approve") if effect in effects), "deny")


def party(code: str) -> dict[str, object]:
    return {"__entity": {"type": "Party", "id": code}}


def standings(view: Oracle, code: str) -> list[str]:
    return [f"{body}/{word}" for body in ("sco", "cica") if (word := view.standing(code, body, view.at))]


def attributes(traits: Traits) -> dict[str, object]:
    """An item as the export's header says it."""
    found = {
        "type": traits.kind, "threat": traits.threat, "origin": party(traits.origin), "received": traits.received_from is not None,
        "purposes": traits.purposes, "tlp": tlp.RANK[traits.tlp], "handling": traits.handling, "realm": traits.realm, "gate": traits.gate,
        "about": [party(code) for code in traits.about],
    }  # fmt: skip
    if traits.pap is not None:
        found["pap"] = pap.RANK[traits.pap]
    if traits.to is not None:
        found["to"] = [party(code) for code in traits.to]
    if traits.under is not None:
        found["under"] = traits.under
    return found


def by_acts(rules: Rules) -> Rules:
    """The same, but no text names a party: all sections come from acts."""
    made = [
        msgspec.structs.replace(each, parties=tuple(msgspec.structs.replace(section, named=False) for section in each.parties))
        for each in rules.agreements
    ]
    return Rules(made, rules.register, rules.approvals.values())


def test_decide_sieve_oracle_and_cedar_agree(capsys: pytest.CaptureFixture[str]) -> None:
    dice, found, facts, states = Random(SEED), Counter[str](), Counter[str](), Counter[str]()
    for number in range(-(-QUESTIONS // PER_WORLD)):
        world = worlds.world(dice)
        if number % 4 == 0:
            world = by_acts(world)
        cedar = Cedar(world)
        for _ in range(PER_WORLD):
            question, traits = worlds.question(dice), worlds.item(dice)
            decision = decide(question, traits, world)
            effect = decision.effect
            assert (oracle(question, traits, world), cedar.effect(question, traits)) == (effect, effect), (SEED, question, traits)
            assert Sieve(question, world).permits(traits) is (effect == "permit"), (SEED, question, traits)
            found[effect] += 1
            facts.update(fact.fact for reason in decision.reasons for fact in reason.facts)
            states.update(approval_states(question, traits, world))
    with capsys.disabled():
        print(f"\n{found.total()} questions, seed {SEED}: {dict(found.most_common())}")
        if QUESTIONS >= MANY:
            print(f"failed tests in the reasons: {dict(facts.most_common())}\nrequests for approval: {dict(states.most_common())}")
    if QUESTIONS >= MANY:
        assert not FACTS - set(facts)
        assert not {f"{kind} {name}" for kind, names in STATES.items() for name in names} - set(states)
    assert min(found[effect] for effect in ("permit", "redact", "approve", "deny")) >= QUESTIONS // 500


def test_a_treaty_reads_as_cedar() -> None:
    text = policies([read(TREATY)])
    assert text.startswith(HEADER)
    assert '@id("example-ict@1/art-4.2")\n@agreement("example-ict")\n' in text
    assert '@onward("parties")\n@duty("report-sightings")\n@retain("P1Y")\npermit (' in text
    assert "  && resource.tlp <= 2\n" in text
    assert text.count("forbid (") == 6  # five steps and art-9
    cedar = Cedar(rules())
    assert cedar.asked("receive", "UZ", ask("UZ"), item()) == ["example-ict@1/art-4.2"]
    assert cedar.asked("receive", "IR", ask("IR"), item()) is None
    assert cedar.asked("have", "KZ", ask("KZ"), item()) == ["built-in/own"]


def test_words_that_could_end_a_text_do_not() -> None:
    text = policies([read(HEAD + FORBID.replace("Attribution is not exchanged.", r"A \"quote\", a \\, a\nline.") + PARTIES)])
    assert r'@text("A \"quote\", a \\, a line.")' in text
    cedarpy.PolicySet.from_str(text)


def test_a_draft_and_a_permit_to_nobody_are_left_out() -> None:
    assert "art-4.2" not in policies([read(HEAD.replace("in_force = 2021-09-17\n", "") + MEMBERS)])
    named = read(TREATY)
    assert policies([named]).count("permit (") == 7
    assert policies([]).count("permit (") == 3


def test_who_was_the_centre_and_is_a_party_has_what_it_received() -> None:
    first = read(TREATY)
    later = [each if each.party != "HUB" else msgspec.structs.replace(each, role="party") for each in first.parties]
    second = msgspec.structs.replace(first, version=2, parties=tuple(later))
    received = item(received_from="KZ")
    for agreements, has in (([first], False), ([first, second], True)):
        world = Rules(agreements, rules().register)
        assert (Cedar(world).asked("have", "HUB", ask("HUB"), received) is not None) is has
        assert (decide(ask("HUB"), received, world).rule == "received") is has

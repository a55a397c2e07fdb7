"""Guardrails that are promised of the whole (G1, G5, G7, G10), each as a check that is also shown to fail on a mistake.

Those of one module stand with it: `pytest -k g2`, `-k g5`, `-k g10` find all of them.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator
from random import Random
from types import ModuleType

import msgspec
import pytest

import comity
from comity.agree import guard, onward, sieve
from comity.agree.accord import Agreement
from comity.agree.agreement import check
from comity.agree.approval import Approval, Person, Procedure, State, state
from comity.agree.decide import Decision, Question, Rules, decide
from comity.agree.sieve import Sieve
from comity.terms.traits import Traits
from tests.agree import worlds
from tests.agree.oracle import Oracle
from tests.agree.treaty import FORBID, HEAD, MEMBERS, PARTIES, TREATY

Decide = Callable[[Question, Traits, Rules], Decision]
#: Random (item, recipient, date).
QUESTIONS, PER_WORLD = 10_000, 20


def questions(seed: int = 1) -> Iterator[tuple[Question, Traits, Rules]]:
    dice = Random(seed)
    for _ in range(QUESTIONS // PER_WORLD):
        world = worlds.world(dice)
        for _ in range(PER_WORLD):
            yield worlds.question(dice), worlds.item(dice), world


# G1: nothing leaves without a clause in force for both


def every_release_cites_a_clause_in_force_for_both(by: Decide) -> int:
    """How many releases there were, each by clauses that are permits of an agreement in force for origin and recipient."""
    cited = 0
    for question, traits, world in questions():
        decision, view = by(question, traits, world), Oracle(world, question.valid_at, question.known_at)
        if decision.effect not in ("permit", "redact") or decision.rule in ("own", "received", "public"):
            continue
        governing = {agreement.ref: agreement for agreement in view.governing(traits.origin, question.recipient)}
        assert decision.reasons, "no clause is cited"
        for reason in decision.reasons:
            assert reason.ref in governing, "a clause of an agreement that does not govern"
            assert all(view.bound(governing[reason.ref], party, view.at) for party in (traits.origin, question.recipient))
            assert any((c.id, c.effect) == (reason.clause, "permit") for c in governing[reason.ref].clauses)
        cited += 1
    return cited


def test_g1_every_release_cites_a_clause_in_force_for_both() -> None:
    assert every_release_cites_a_clause_in_force_for_both(decide) > QUESTIONS // 50


def test_g1_caught_a_default_that_allows() -> None:
    def wrong(question: Question, traits: Traits, rules: Rules) -> Decision:
        found = decide(question, traits, rules)
        return Decision(effect="permit", rule="clause") if found.rule == "no-clause" and traits.tlp == "clear" else found

    with pytest.raises(AssertionError):
        every_release_cites_a_clause_in_force_for_both(wrong)


def test_g1_caught_in_force_for_one_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = Agreement.facts
    monkeypatch.setattr(Agreement, "facts", lambda self, *more: [each for each in facts(self, *more) if "recipient" not in each.fact])
    with pytest.raises(AssertionError):
        every_release_cites_a_clause_in_force_for_both(decide)


# G5: no field or word for belief, origin, health and the like; G7: none for motive

BELIEF = re.compile(r"ethni|\brac(e|ial)\b|religi|\bfaith|politic|orientation|\bunion\b|\bhealth\b|sexual|\bbelief")
MOTIVE = re.compile(r"separatis|extremis|terroris|radicali|motive|subversi|dissiden")


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(comity.__path__, "comity."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def named(places: Iterable[ModuleType]) -> Iterator[str]:
    """Every field of every value, and every word of every closed list."""
    for module in places:
        for name, value in vars(module).items():
            if isinstance(value, type) and issubclass(value, msgspec.Struct):
                yield from value.__struct_fields__
            elif name.isupper() and not name.startswith("_") and isinstance(value, (tuple, frozenset, dict)):
                yield from (word for word in value if isinstance(word, str) and len(word) < 40)


def offending(words: Iterable[str], pattern: re.Pattern[str]) -> list[str]:
    return sorted({word for word in words if pattern.search(re.sub("[_-]", " ", word.lower()))})


def test_g5_no_field_or_closed_list_speaks_of_belief_or_origin() -> None:
    words = list(named(modules()))
    assert len(words) > 1_000
    assert offending(words, BELIEF) == []


def test_g7_no_field_or_closed_list_speaks_of_motive() -> None:
    assert offending(named(modules()), MOTIVE) == []


def test_g5_and_g7_caught_a_field_and_a_word() -> None:
    made = ModuleType("made")
    made.Person = msgspec.defstruct("Person", ["ethnic_origin", "name"])  # type: ignore[attr-defined]
    made.CASES = ("counter-terrorism", "theft")  # type: ignore[attr-defined]
    assert offending(named([made]), BELIEF) == ["ethnic_origin"]
    assert offending(named([made]), MOTIVE) == ["counter-terrorism"]


#: Wherever an agreement may name something that it classifies by.
PLACES = (
    ('"network-defence", "statistics"', '"{}"'),
    ('types = ["@threat", "@observables", "@links"]', 'types = ["x-{}"]'),
    ('threat = ["attribution"]', 'threat = ["{}"]'),
    ('duty = ["report-sightings"]', 'duty = ["{}"]'),
)
REFUSED = {
    "G5": ("ethnicity", "religion", "political-opinion", "sexual-orientation", "health", "union-membership"),
    "G7": ("separatism", "extremism", "terrorism", "counter-terrorism", "radicalisation", "motive"),
}


def accepted(ground: str) -> list[str]:
    """Texts of agreements that classify so and are not refused on this ground."""
    found = []
    for old, new in PLACES:
        for word in REFUSED[ground]:
            text = (HEAD + MEMBERS + FORBID + PARTIES).replace(old, new.format(word), 1)
            errors = [each.message for each in check(text) if each.level == "error"]
            found += [] if any(ground in each for each in errors) else [f"{new.format(word)}: {errors}"]
    return found


@pytest.mark.parametrize("ground", sorted(REFUSED))
def test_g5_and_g7_no_agreement_classifies_so(ground: str) -> None:
    assert [each for each in check(TREATY) if each.level == "error"] == []
    assert accepted(ground) == []


def test_g7_caught_a_word_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = guard.refused
    monkeypatch.setattr(guard, "refused", lambda word: None if "separatism" in word else refused(word))
    assert accepted("G7")


# G10: nothing above TLP:GREEN or under H1-H3 goes onward by itself; robots never approve; sensitive releases take two persons


def nothing_strict_goes_onward(by: Decide) -> int:
    """How many items a holder passes on that is neither their origin nor a centre: none of them strict."""
    passed = 0
    for question, traits, world in questions():
        decision, view = by(question, traits, world), Oracle(world, question.valid_at, question.known_at)
        if (
            decision.effect not in ("permit", "redact")
            or decision.rule in ("own", "received", "public")
            or question.holder == traits.origin
        ):
            continue
        centres = [a.ref for a in view.governing(traits.origin, question.recipient) if a.role(question.holder) == "centre"]
        if not any(reason.ref in centres for reason in decision.reasons):
            passed += 1
            assert traits.tlp in ("clear", "green")
            assert {"H1", "H2", "H3"}.isdisjoint(traits.handling)
    return passed


def test_g10_nothing_strict_goes_onward_by_itself() -> None:
    assert nothing_strict_goes_onward(decide) > 20

    def fast(question: Question, traits: Traits, rules: Rules) -> Decision:
        found = decide(question, traits, rules)
        return found if Sieve(question, rules).permits(traits) else Decision(effect="deny", rule="no-clause", reasons=found.reasons)

    assert nothing_strict_goes_onward(fast) > 20


@pytest.mark.parametrize("ignored", ["tlp", "handling"])
def test_g10_caught_strict_items_going_on(monkeypatch: pytest.MonkeyPatch, ignored: str) -> None:
    automatic = onward.automatic
    loosened = {"tlp": {"tlp": "green"}, "handling": {"handling": ()}}[ignored]
    for module in (onward, sieve):
        monkeypatch.setattr(module, "automatic", lambda traits: automatic(msgspec.structs.replace(traits, **loosened)))
    with pytest.raises(AssertionError):
        nothing_strict_goes_onward(decide)


Outcome = Callable[[Approval, Procedure], State | None]


def as_of(made: Approval, procedure: Procedure) -> State | None:
    return state(made, procedure, worlds.MOMENTS[-1], None, lambda party, at: True)


def robots_and_one_person_do_not_suffice(outcome: Outcome) -> int:
    """How many requests were granted: by persons alone, and where two must approve by two of them."""
    granted, dice = 0, Random(1)
    for _ in range(QUESTIONS):
        procedure = worlds.procedure(dice)
        made = worlds.approval(dice, "r", [])
        robots = tuple(msgspec.structs.replace(each, by=msgspec.structs.replace(each.by, robot=True)) for each in made.acts[:1])
        made = msgspec.structs.replace(made, acts=(*robots, *made.acts[1:]))
        by_people = msgspec.structs.replace(made, acts=tuple(each for each in made.acts if not each.by.robot))
        found = outcome(made, procedure)
        assert found == outcome(by_people, procedure), "what a robot did counts"
        if found and found.granted:
            granted += 1
            people = {each.by for each in by_people.acts if each.kind == "approve" and each.by.party == made.origin}
            assert procedure.kind != "two-persons" or len(people) >= 2
            assert procedure.kind != "origin" or people
    return granted


def test_g10_robots_never_approve_and_two_are_two() -> None:
    assert robots_and_one_person_do_not_suffice(as_of) > 500


def test_g10_caught_a_robot_that_approves() -> None:
    def wrong(made: Approval, procedure: Procedure) -> State | None:
        people = [msgspec.structs.replace(each, by=Person(party=each.by.party, id=each.by.id)) for each in made.acts]
        return as_of(msgspec.structs.replace(made, acts=tuple(people)), procedure)

    with pytest.raises(AssertionError, match="robot"):
        robots_and_one_person_do_not_suffice(wrong)


def test_g10_caught_one_person_for_two() -> None:
    def wrong(made: Approval, procedure: Procedure) -> State | None:
        one = msgspec.structs.replace(procedure, kind="origin") if procedure.kind == "two-persons" else procedure
        return as_of(made, one)

    with pytest.raises(AssertionError):
        robots_and_one_person_do_not_suffice(wrong)

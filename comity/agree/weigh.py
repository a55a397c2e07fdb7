"""Steps 7 to 9 of a decision: every clause that could speak about an item is tried, and what matches is sorted by what it gives.

Used by `decide` for its reasons and by `sieve` where its fast path does not suffice, so that the two cannot differ.
"""

from __future__ import annotations

import msgspec

from comity.agree import onward
from comity.agree.accord import Agreement
from comity.agree.approval import Procedure
from comity.agree.clauses import Actor, Case, Clause, Fact, common, facts
from comity.agree.question import Question
from comity.agree.redact import Profile
from comity.agree.rules import H3, Rules
from comity.terms.traits import Traits

#: The fact of a clause that nobody has approved yet.
APPROVAL = "approval"


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """A clause and those of its tests that failed; it matches when none did."""

    agreement: Agreement
    clause: Clause
    wrong: tuple[Fact, ...] = ()

    @property
    def ref(self) -> str:
        """`agreement@version/clause`."""
        return f"{self.agreement.ref}/{self.clause.id}"


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """What speaks for and against: prohibitions, permits of the whole, of a copy, those awaiting approval, and those that do not match."""

    forbidding: tuple[Tried, ...] = ()
    whole: tuple[Tried, ...] = ()
    copies: tuple[Tried, ...] = ()
    pending: tuple[Tried, ...] = ()
    failed: tuple[Tried, ...] = ()

    @property
    def profile(self) -> Profile | None:
        """What the copy leaves out that is permitted where nothing else is."""
        if self.whole or not self.copies:
            return None
        return self.copies[0].agreement.profile(self.copies[0].clause.redact)


def weigh(question: Question, traits: Traits, rules: Rules) -> Weighed:
    """All clauses sorted, the permits most specific first."""
    # 7. clauses
    found = tried(question, traits, rules)
    forbidding = tuple(each for each in found if each.clause.effect == "forbid" and not each.wrong)
    if forbidding:
        return Weighed(forbidding=forbidding)
    permits = [each for each in found if each.clause.effect == "permit"]
    direct = _sorted(permits, question, traits, rules)
    if question.holder == traits.origin:
        return direct
    # 8. onward
    return _sorted(_passed_on(permits, direct, question, traits, rules), question, traits, rules)


def _sorted(permits: list[Tried], question: Question, traits: Traits, rules: Rules) -> Weighed:
    """9. What is permitted, what is still to be approved, and what is not."""
    whole: list[Tried] = []
    copies: list[Tried] = []
    pending: list[Tried] = []
    failed = [each for each in permits if each.wrong]
    for each in sorted((each for each in permits if not each.wrong), key=_narrowest):
        missing = _consents(each, question, traits, rules)
        if missing:
            asking = msgspec.structs.replace(each, wrong=tuple(one.fact for one in missing))
            (failed if any(one.refused for one in missing) else pending).append(asking)
        else:
            (copies if each.clause.redact else whole).append(each)
    return Weighed(whole=tuple(whole), copies=tuple(copies), pending=tuple(pending), failed=tuple(failed))


def _passed_on(permits: list[Tried], direct: Weighed, question: Question, traits: Traits, rules: Rules) -> list[Tried]:
    """The permits with the test of onward transfer, where the holder is not the agreement's centre.

    `direct` is what the origin itself would release to the recipient. What the holder has, it has by the origin's own decision too.
    """
    given = _given(question, traits, rules) if traits.to is None or question.holder in traits.to else []
    grounds = [onward.Ground(agreement=each.agreement.id, clause=each.clause.id, onward=each.clause.onward) for each in given]
    reached = {each.agreement.id for each in (*direct.whole, *direct.copies)}
    judged = []
    for each in permits:
        if not each.agreement.custodian(question.holder, rules.register, question.valid_at, question.known_at):
            fact = onward.fact(question.holder, traits, grounds, reached | {each.agreement.id})
            each = each if fact.holds else msgspec.structs.replace(each, wrong=(*each.wrong, fact))
        judged.append(each)
    return judged


def _given(question: Question, traits: Traits, rules: Rules) -> list[Tried]:
    """What gave the item to its holder: clauses of the body that is asked in, or else, where it came through another, of those."""
    asked = msgspec.structs.replace(question, recipient=question.holder, holder=traits.origin, across="")
    bodies = sorted({body for agreement in rules.agreements for body in agreement.spans} - {question.body})
    for door in ((question.body,), bodies):
        held = [weigh(msgspec.structs.replace(asked, body=body), traits, rules) for body in door]
        if any(each.whole for each in held):
            return [ground for each in held for ground in (*each.whole, *each.copies)]
    return []


def tried(question: Question, traits: Traits, rules: Rules) -> list[Tried]:
    """Every clause of every governing agreement, as if the item's origin released it: permits of the question's body, and every forbid.

    A prohibition between two parties holds through whatever door one of them comes, so those of other bodies count. What a protocol between
    bodies permits also has to be what may cross (`onward.crossing`).
    """
    found = []
    for agreement in rules.governing(traits.origin, question.recipient, question.valid_at, question.known_at):
        ours = applies(agreement, question)
        shared, case = _case(question, traits, rules, agreement)
        for clause in agreement.clauses:
            if not ours and clause.effect == "permit":
                continue
            tests = [*shared, agreement.reservation(clause, traits.origin, question.recipient), *facts(clause, case)]
            if clause.effect == "permit" and agreement.bodies:
                tests.append(onward.crossing(question.recipient, traits))
            if clause.effect == "permit" and traits.under is not None:
                tests.append(Fact(fact="shared under", expected=traits.under, actual=agreement.id, holds=agreement.id == traits.under))
            wrong = tuple(fact for fact in tests if not fact.holds)
            found.append(Tried(agreement=agreement, clause=clause, wrong=wrong))
    return found


def applies(agreement: Agreement, question: Question) -> bool:
    """Whether an agreement's permits count in a question: it works in the body that is asked in, and in the one that is gone across to."""
    return question.body in agreement.spans and (not question.across or question.across in agreement.bodies)


def _case(question: Question, traits: Traits, rules: Rules, agreement: Agreement) -> tuple[list[Fact], Case]:
    """The facts all clauses of an agreement share, and the case its clauses are tested on."""
    register, at, known = rules.register, question.valid_at, question.known_at
    producer = {"producer"} if question.recipient in traits.about else set()
    case = Case(
        bodies=agreement.spans,
        purposes=common(question.purposes, traits),
        valid_at=at,
        traits=traits,
        origin=Actor(side="origin", party=traits.origin, roles=frozenset({agreement.role(traits.origin)})),
        recipient=Actor(side="recipient", party=question.recipient, roles=frozenset({agreement.role(question.recipient), *producer})),
        agreement_purposes=agreement.purposes,
        standing=lambda party, body: register.standing(party, body, at, known),
    )
    return agreement.facts(traits.origin, question.recipient, register, at, known), case


def _narrowest(each: Tried) -> tuple[int, int, str, int]:
    """The clause that names recipients, then origins, most closely governs; of equals that of the lower agreement id, then the earlier."""
    recipients, origins = each.clause.specificity
    return -recipients, -origins, each.agreement.id, each.agreement.clauses.index(each.clause)


def unapproved(question: Question, traits: Traits, rules: Rules) -> tuple[str, ...]:
    """What has yet to be approved for the item to go to the recipient by some clause: that clause (`agreement@version/clause`), or H3.

    The governing clause's first; a clause whose last request was turned down is among them, since another may be made, and none that takes
    all that another takes and more. Nothing where the whole item may go without, or some clause forbids it.
    """
    weighed = weigh(question, traits, rules)
    if weighed.whole or weighed.forbidding:
        return ()
    turned_down = [each for each in weighed.failed if {fact.fact for fact in each.wrong} == {APPROVAL}]
    asking = sorted((*weighed.pending, *turned_down), key=_narrowest)
    takes = [[missing.ref for missing in _consents(each, question, traits, rules)] for each in asking]
    least = [refs for refs in takes if not any(set(other) < set(refs) for other in takes)]
    return tuple(dict.fromkeys(ref for refs in least for ref in refs))


class _Missing(msgspec.Struct, frozen=True):
    """A consent that has not been given: under which clause or H3, the failed test, and whether it was refused."""

    ref: str
    fact: Fact
    refused: bool


def _consents(each: Tried, question: Question, traits: Traits, rules: Rules) -> list[_Missing]:
    """Each consent that is still missing: the clause's own, and for H3 the origin's."""
    wanted = [(each.ref, each.clause.approval), (H3, rules.procedure(H3) if "H3" in traits.handling else None)]
    found = [_consent(ref, procedure, question, traits, rules) for ref, procedure in wanted if procedure]
    return [missing for missing in found if missing]


def _consent(ref: str, procedure: Procedure, question: Question, traits: Traits, rules: Rules) -> _Missing | None:
    """None when a request about the item is granted; else how the last one stands."""
    states = []
    for id_ in traits.approvals:
        request = rules.approvals.get(id_)
        if request and request.clause == ref and request.origin == traits.origin and question.recipient in request.recipients:
            found = rules.state(request, question.valid_at, question.known_at)
            states += [(request.requested, id_, found)] if found else []
    if any(found.granted for _, _, found in states):
        return None
    last = max(states)[2] if states else None
    actual = (last.words or last.name) if last else "not requested"
    fact = Fact(fact=APPROVAL, expected=asked(ref, procedure), actual=actual, holds=False)
    return _Missing(ref, fact, last is not None and last.name in ("objected", "revoked"))


def asked(ref: str, procedure: Procedure) -> str:
    """What a procedure asks for, in words."""
    words = {
        "origin": "the origin's consent",
        "two-persons": "two persons of the origin",
        "sponsors": f"{procedure.sponsors} sponsors and no objection within {procedure.window}",
        "silence": f"no objection within {procedure.window}",
    }[procedure.kind]
    return f"{words} (H3)" if ref == H3 else words

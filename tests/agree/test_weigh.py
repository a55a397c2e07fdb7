"""What weighs how much: the order of clauses, approvals, prohibitions of another body, and what was shared under one agreement."""

from __future__ import annotations

import msgspec
import pytest

from comity.agree.agreement import read
from comity.agree.approval import Act, Approval, Person
from comity.agree.decide import Decision, Rules, awaited, decide
from comity.agree.rules import H3
from comity.agree.sieve import Sieve
from comity.agree.weigh import tried, weigh
from comity.terms.party import Register, Standing
from comity.terms.traits import Traits
from tests.agree.oracle import oracle
from tests.agree.treaty import HEAD, MEMBERS, PARTIES, ask, day, item, register

ANNA, BULAT = Person(party="KZ", id="anna"), Person(party="KZ", id="bulat")
PROFILE = '[profile.p]\nremove = ["description"]\n'
NARROW = MEMBERS.replace("art-4.2", "art-9.9").replace('to = { standing = ["member"] }', 'to = { party = ["UZ"] }')


def rules(*clauses: str, approvals: tuple[Approval, ...] = (), others: tuple[str, ...] = ()) -> Rules:
    texts = [PROFILE + HEAD + "".join(clauses) + PARTIES, *others]
    known = register(KZ="member", UZ="member", IR="observer")
    abroad = [Standing(party=party, body="cica", standing="member", since=day(1)) for party in ("KZ", "UZ")]
    return Rules([read(text) for text in texts], Register([*known.standings, *abroad]), approvals)


def with_key(clause: str, line: str) -> str:
    return clause.replace('effect = "permit"', f'effect = "permit"\n{line}')


def answer(world: Rules, traits: Traits | None = None) -> Decision:
    question, traits = ask("UZ", holder="KZ"), traits or item(approvals=("r",))
    decision = decide(question, traits, world)
    assert decision.effect == oracle(question, traits, world)
    assert Sieve(question, world).permits(traits) is decision.permits
    return decision


def request(clause: str, *acts: Act, **other: object) -> Approval:
    base = Approval(id="r", clause=clause, origin="KZ", recipients=("UZ",), requested=day(10, 10), by=ANNA, acts=acts)
    return msgspec.structs.replace(base, **other)


YES = Act(kind="approve", by=ANNA, at=day(10, 11))
ALSO = Act(kind="approve", by=BULAT, at=day(10, 12))
NO = Act(kind="object", by=ANNA, at=day(10, 11))
BOTH = with_key(MEMBERS, 'approval = { procedure = "two-persons" }')


@pytest.mark.parametrize(
    ("request_", "effect", "rule", "actual"),
    [
        (None, "approve", "approval", "not requested"),
        (request("example-ict@1/art-4.2"), "approve", "approval", "requested"),
        (request("example-ict@1/art-4.2", YES), "approve", "approval", "1 of 2"),
        (request("example-ict@1/art-4.2", YES, ALSO), "permit", "clause", ""),
        (request("example-ict@1/art-4.2", NO), "deny", "no-clause", "KZ objected"),
        (request("example-ict@1/art-4.2", YES, ALSO, recipients=("IR",)), "approve", "approval", "not requested"),
        (request("example-ict@1/art-4.2", YES, ALSO, origin="UZ"), "approve", "approval", "not requested"),
        (request("example-ict@2/art-4.2", YES, ALSO), "approve", "approval", "not requested"),
        (request("example-ict@1/art-4.2", YES, ALSO, id="another"), "approve", "approval", "not requested"),
        (request("example-ict@1/art-4.2", YES, ALSO, requested=day(12)), "approve", "approval", "not requested"),
    ],
)
def test_a_clause_that_asks_for_approval(request_: Approval | None, effect: str, rule: str, actual: str) -> None:
    decision = answer(rules(BOTH, approvals=(request_,) if request_ else ()))
    assert (decision.effect, decision.rule) == (effect, rule)
    assert [fact.actual for fact in decision.reasons[0].facts] == ([actual] if actual else [])


def test_of_several_requests_a_grant_counts_and_else_the_last() -> None:
    refused = request("example-ict@1/art-4.2", NO)
    newer = request("example-ict@1/art-4.2", id="s", requested=day(10, 20))
    both = item(approvals=("r", "s"))
    assert answer(rules(BOTH, approvals=(refused, newer)), both).effect == "approve"
    older = msgspec.structs.replace(newer, requested=day(10, 1))
    assert answer(rules(BOTH, approvals=(refused, older)), both).effect == "deny"
    granted = msgspec.structs.replace(older, acts=(YES, ALSO))
    assert answer(rules(BOTH, approvals=(refused, granted)), both).effect == "permit"


def test_what_needs_no_approval_does_not_wait() -> None:
    decision = answer(rules(BOTH, NARROW))
    assert (decision.effect, [reason.clause for reason in decision.reasons]) == ("permit", ["art-9.9"])


def test_h3_asks_the_origin_whatever_the_clause() -> None:
    marked = item(handling=("H3",), approvals=("r",))
    waiting = answer(rules(MEMBERS), marked)
    assert waiting.effect == "approve"
    assert waiting.reasons[0].facts[0].expected == "the origin's consent (H3)"
    assert answer(rules(MEMBERS, approvals=(request(H3, YES),)), marked).effect == "permit"
    assert answer(rules(MEMBERS, approvals=(request(H3, NO),)), marked).effect == "deny"
    assert answer(rules(MEMBERS, approvals=(request(H3, YES),)), item(handling=("H0",))).effect == "permit"
    once = answer(rules(BOTH, approvals=(request(H3, YES),)), marked)
    assert [fact.expected for fact in once.reasons[0].facts] == ["two persons of the origin"]
    two = (request(H3, YES), request("example-ict@1/art-4.2", YES, ALSO, id="s"))
    assert answer(rules(BOTH, approvals=two), item(handling=("H3",), approvals=("r", "s"))).effect == "permit"


def asking(world: Rules, traits: Traits | None = None, recipient: str = "UZ") -> tuple[str, ...]:
    return awaited(ask(recipient, holder="KZ"), traits or item(approvals=("r",)), world)


def test_what_has_yet_to_be_approved() -> None:
    clause = "example-ict@1/art-4.2"
    assert asking(rules(BOTH)) == (clause,)
    assert asking(rules(BOTH, approvals=(request(clause, YES),))) == (clause,)
    assert asking(rules(BOTH, approvals=(request(clause, YES, ALSO),))) == ()
    assert asking(rules(BOTH, approvals=(request(clause, NO),))) == (clause,)  # one may ask again
    assert asking(rules(BOTH, NARROW)) == ()  # it goes without
    assert asking(rules(MEMBERS)) == ()
    assert asking(rules(BOTH), recipient="KZ") == ()  # its own
    assert asking(rules(BOTH), item(gate="quarantine")) == ()
    assert asking(rules(BOTH), item(tlp="red", to=("UZ",))) == ()  # beyond the ceiling: approval would not help
    assert asking(rules(BOTH, '[[clause]]\nid = "ban"\ntext = "None."\neffect = "forbid"\n')) == ()
    marked = item(handling=("H3",))
    assert asking(rules(MEMBERS), marked) == (H3,)
    assert asking(rules(BOTH), marked) == (clause, H3)
    assert asking(rules(BOTH, NARROW), marked) == (H3,)  # the narrow clause takes no more than that
    assert asking(rules(BOTH, with_key(NARROW, 'approval = { procedure = "origin" }')), marked) == ("example-ict@1/art-9.9", H3, clause)


def test_the_whole_of_what_goes_as_a_copy_may_be_asked_for() -> None:
    world = rules(BOTH, with_key(NARROW, 'redact = "p"'))
    assert answer(world).effect == "redact"
    assert asking(world) == asking(world, item(profile="any", approvals=("r",))) == ("example-ict@1/art-4.2",)


def test_a_permit_of_the_whole_goes_before_one_of_a_copy() -> None:
    copies = with_key(NARROW, 'redact = "p"')
    decision = answer(rules(MEMBERS, copies.replace('duty = ["report-sightings"]', 'duty = ["feedback"]')))
    assert (decision.effect, [reason.clause for reason in decision.reasons]) == ("permit", ["art-4.2", "art-9.9"])
    assert decision.profile is None
    assert decision.duties == ("feedback", "report-sightings")  # both permit, so both bind
    alone = answer(rules(copies))
    assert (alone.effect, alone.rule, alone.profile and alone.profile.remove) == ("redact", "clause", ("description",))
    assert answer(rules(with_key(BOTH, 'redact = "p"'))).profile == alone.profile


def test_the_narrower_clause_governs_then_the_lower_agreement_then_the_earlier_clause() -> None:
    same = (HEAD + MEMBERS + PARTIES).replace("example-ict", "abc-ict")
    decision = answer(rules(MEMBERS, MEMBERS.replace("art-4.2", "art-4.1"), NARROW, others=(same,)))
    assert [(reason.agreement, reason.clause) for reason in decision.reasons] == [
        ("example-ict", "art-9.9"),
        ("abc-ict", "art-4.2"),
        ("example-ict", "art-4.2"),
        ("example-ict", "art-4.1"),
    ]
    by_origin = MEMBERS.replace("art-4.2", "art-4.9").replace('from = { standing = ["member"] }', 'from = { party = ["KZ"] }')
    assert answer(rules(MEMBERS, by_origin)).reasons[0].clause == "art-4.9"


def test_obligations_of_all_that_permit_bind_together() -> None:
    other = (HEAD + MEMBERS + PARTIES).replace("example-ict", "data").replace("P1Y", "P30D").replace('"parties"', '"none"')
    decision = answer(rules(MEMBERS, others=(other.replace('"report-sightings"', '"feedback within P7D"'),)))
    assert decision.retains == ("P1Y", "P30D")
    assert decision.expires(day(11)) == day(12)
    assert decision.onward == "none"
    assert decision.duties == ("feedback within P7D", "report-sightings")


BAN = '[[clause]]\nid = "ban"\ntext = "None."\neffect = "forbid"\n'
FOREIGN = HEAD.replace('"sco"', '"cica"').replace("example-ict", "other").replace("per-party", "all") + BAN


def test_a_prohibition_of_another_body_holds_here_a_permit_does_not() -> None:
    assert answer(rules(MEMBERS, others=(FOREIGN,))).rule == "forbidden"
    assert answer(rules(MEMBERS, others=(FOREIGN + 'to = { party = ["IR"] }\n',))).effect == "permit"
    assert answer(rules(MEMBERS, others=(FOREIGN + 'purposes = ["statistics"]\n',))).effect == "permit"
    abroad = FOREIGN.replace('"forbid"', '"permit"') + 'to = { party = ["UZ"] }\ntypes = ["indicator"]\n'
    assert answer(rules(others=(abroad,))).effect == "deny"
    ended = FOREIGN.replace("in_force = 2021-09-17", "in_force = 2021-09-17\nuntil = 2021-10-01")
    assert answer(rules(MEMBERS, others=(ended,))).effect == "permit"


def test_what_was_shared_under_one_agreement_is_permitted_by_that_one_alone() -> None:
    other = (HEAD + MEMBERS + PARTIES).replace("example-ict", "data")
    decision = answer(rules(MEMBERS, others=(other,)), item(under="data"))
    assert [reason.agreement for reason in decision.reasons] == ["data"]
    refused = answer(rules(MEMBERS), item(under="data"))
    assert [(fact.fact, fact.expected, fact.actual) for fact in refused.reasons[0].facts] == [("shared under", "data", "example-ict")]
    assert answer(rules(MEMBERS, BAN), item(under="data")).rule == "forbidden"  # a prohibition asks nobody


def test_a_reservation_works_both_ways() -> None:
    for party in ("KZ", "UZ"):
        text = (HEAD + MEMBERS + PARTIES).replace(f"[party.{party}]", f'[party.{party}]\nreservations = ["art-4.2"]')
        refused = answer(Rules([read(text)], register(KZ="member", UZ="member")))
        assert [fact.actual for fact in refused.reasons[0].facts] == [f"made by {party}"]
    third = (HEAD + MEMBERS + PARTIES).replace("[party.IR]", '[party.IR]\nreservations = ["art-4.2"]')
    assert answer(Rules([read(third)], register(KZ="member", UZ="member"))).effect == "permit"
    lifted = (HEAD + MEMBERS + BAN + PARTIES).replace("[party.UZ]", '[party.UZ]\nreservations = ["ban"]')
    assert answer(Rules([read(lifted)], register(KZ="member", UZ="member"))).effect == "permit"


def test_h1_takes_away_judicial_use() -> None:
    text = (HEAD + MEMBERS + PARTIES).replace('"statistics"]', '"criminal-investigation"]')
    world = Rules([read(text)], register(KZ="member", UZ="member"))
    both = ("criminal-investigation", "network-defence")
    court = ask("UZ", "criminal-investigation", holder="KZ")
    assert decide(court, item(purposes=both), world).effect == "permit"
    barred = decide(court, item(purposes=both, handling=("H1",)), world)
    assert (barred.effect, barred.rule) == ("deny", "handling")
    assert decide(ask("UZ", *both, holder="KZ"), item(purposes=both, handling=("H1",)), world).effect == "permit"
    only = MEMBERS.replace("retain", 'purposes = ["criminal-investigation"]\nretain')
    world = Rules([read(text.replace(MEMBERS, only))], register(KZ="member", UZ="member"))
    assert decide(ask("UZ", *both, holder="KZ"), item(purposes=both, handling=("H1",)), world).rule == "no-clause"


def test_tried_is_what_the_origin_itself_would_do() -> None:
    world = rules(MEMBERS)
    found = tried(ask("UZ", holder="IR"), item(), world)
    assert [(each.ref, each.wrong) for each in found] == [("example-ict@1/art-4.2", ())]
    held = weigh(ask("UZ", holder="IR"), item(tlp="green"), world)
    assert [fact.fact for fact in held.failed[0].wrong] == ["onward transfer"]

"""From one body into another: nobody is given more than the first hub decides, over any number of hubs, and words only become stricter (P4)."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import samples
from comity.agree import onward, sieve
from comity.agree.accord import Agreement
from comity.agree.agreement import read as read_agreement
from comity.agree.crossing import maps, parties, protocols, speaks_for
from comity.agree.decide import Question, Rules, decide
from comity.agree.life import Signatory
from comity.agree.mapping import WordMap, Words, read
from comity.agree.sieve import permits
from comity.terms import pap, tlp
from comity.terms.party import Register, Standing
from comity.terms.traits import Traits
from tests.agree.oracle import Oracle
from tests.agree.treaty import day
from tests.agree.worlds import MOMENTS, clause, item, one, purposes, seldom, signatory, some

BODIES = ("sco", "cica", "third")
HUBS = {"sco": "HUB", "cica": "HUB-2", "third": "HUB-3"}
PARTIES = ("KZ", "UZ", "IR", *HUBS.values())
SAMPLE = read_agreement(samples.read("hub-protocol-sample.toml").decode())


def stands(party: str, body: str, standing: str = "member") -> Standing:
    return Standing(party=party, body=body, standing=standing, since=day(6, 15, 2001))


REGISTER = Register(
    [
        stands("KZ", "sco"),
        stands("KZ", "cica"),
        stands("UZ", "sco"),
        stands("KR", "cica"),
        stands("MN", "sco", "observer"),
        stands("MN", "cica"),
    ]
)
RULES = Rules([SAMPLE], REGISTER)


def ask(recipient: str, body: str = "sco", across: str = "cica", holder: str = "SCO-CENTRE") -> Question:
    return Question(recipient=recipient, body=body, across=across, purposes=("network-defence",), holder=holder, valid_at=day(11, 2))


def said(origin: str = "KZ", **other: object) -> Traits:
    return Traits(**{"type": "indicator", "origin": origin, "purposes": ("network-defence",), "tlp": "green", **other})


@pytest.mark.parametrize(
    ("recipient", "traits", "clauses"),
    [
        ("KR", said(), ["art-1"]),
        ("MN", said(), ["art-1"]),
        ("UZ", said(), ["art-2"]),  # no party of the CICA here: as a member of the SCO from KZ as a member of the CICA
        ("KR", said(tlp="amber"), []),
        ("KR", said(tlp="amber", to=("KR",)), ["art-1"]),
        ("KR", said(tlp="amber", to=("MN",)), []),
        ("KR", said(handling=("H2",)), []),
        ("KR", said(handling=("H2",), to=("KR",)), ["art-1"]),
        ("KR", said(type="report"), []),
        ("KR", said(threat=("attribution",)), []),
        ("KR", said(origin="MN"), []),  # an observer of the SCO and a member of the CICA, as KR is
        ("UZ", said(origin="MN"), ["art-2"]),
    ],
)
def test_what_the_sample_lets_go_across(recipient: str, traits: Traits, clauses: list[str]) -> None:
    decision = decide(ask(recipient), traits, RULES)
    assert [reason.clause for reason in decision.reasons if decision.permits] == clauses
    assert permits(ask(recipient), traits, RULES) is bool(clauses)


def test_agreements_of_one_body_permit_nothing_across() -> None:
    own = read_agreement(samples.read("sco-ict-sample.toml").decode())
    register = Register([*REGISTER.standings, stands("UZ", "cica")])
    world = Rules([own, SAMPLE], register)
    home, across = (decide(ask("UZ", across=each), said(), world) for each in ("", "cica"))
    assert {reason.agreement for reason in home.reasons} == {"sco-ict-sample", "hub-protocol-sample"}
    assert {reason.agreement for reason in across.reasons} == {"hub-protocol-sample"}


def test_why_amber_does_not_cross_by_itself() -> None:
    reasons = decide(ask("KR"), said(tlp="amber"), RULES).reasons
    (fact,) = next(reason.facts for reason in reasons if reason.clause == "art-1")
    assert (fact.fact, fact.expected, fact.actual) == ("crossing", "addressed to KR, or TLP at most green and no H1-H3", "TLP amber")


def test_the_hub_of_the_other_body_decides_among_those_named() -> None:
    arrived = said(received_from="SCO-CENTRE", to=("KR",))
    there = {code: decide(ask(code, "cica", "", "CICA-SECRETARIAT"), arrived, RULES).effect for code in ("KR", "MN", "CICA-SECRETARIAT")}
    assert there == {"KR": "permit", "MN": "deny", "CICA-SECRETARIAT": "deny"}


def test_which_hub_forwards() -> None:
    at = day(11, 2)
    assert [each.id for each in protocols(RULES, "sco", "cica", "CICA-SECRETARIAT", at)] == ["hub-protocol-sample"]
    assert protocols(RULES, "sco", "cica", "KR", at) == []
    assert protocols(RULES, "sco", "third", "CICA-SECRETARIAT", at) == []
    assert protocols(RULES, "sco", "sco", "CICA-SECRETARIAT", at) == []
    assert protocols(RULES, "sco", "cica", "CICA-SECRETARIAT", day(10, 31)) == []
    assert [each.of for each in maps([SAMPLE], "cica")] == ["cica"]


def test_who_may_speak_for_whom() -> None:
    at = day(11, 2)
    assert speaks_for(RULES, "SCO-CENTRE", "KZ", "sco", at)
    assert not speaks_for(RULES, "SCO-CENTRE", "KR", "sco", at)
    assert not speaks_for(RULES, "UZ", "KZ", "sco", at)
    assert speaks_for(RULES, "KR", "KR", "sco", at)
    left = Rules([SAMPLE], Register([*REGISTER.standings, Standing(party="UZ", body="sco", standing="withdrawn", since=day(11))]))
    assert [speaks_for(left, "SCO-CENTRE", "UZ", "sco", at, ended=ended) for ended in (False, True)] == [False, True]
    assert not speaks_for(left, "SCO-CENTRE", "KR", "sco", at, ended=True)


def test_who_is_suspended_in_one_body_is_not_bound_and_who_left_one_is_by_the_other() -> None:
    def bound(*standings: Standing) -> str:
        return SAMPLE.hindrance("XX", Register(standings), day(11, 2))

    assert bound(stands("XX", "cica")) == ""
    assert bound(stands("XX", "cica"), stands("XX", "sco", "suspended")) == "suspended in sco"
    assert bound(stands("XX", "cica"), stands("XX", "sco", "withdrawn")) == ""
    assert bound(stands("XX", "sco", "withdrawn")) == "withdrawn in sco"
    assert bound() == "no standing in sco or cica and not a party"


# P4, over random agreements of three bodies and protocols between them.


def texts(dice: Random) -> list[Agreement]:
    made = []
    for id_, bodies in (("one", ()), ("two", ("sco", "cica")), ("three", ("cica", "third")), ("four", ("sco", "cica", "third"))):
        if dice.random() < 0.8:
            made.append(
                Agreement(
                    id=id_, version=1, title="", body=one(dice, BODIES), bodies=bodies, purposes=purposes(dice), in_force=day(1),
                    clauses=tuple(clause(dice, f"c{number}", ("permit", "permit", "forbid")) for number in range(dice.randint(1, 4))),
                    parties=(
                        *(signatory(dice, party) for party in some(dice, ("KZ", "UZ", "IR"), 0, 2)),
                        *(Signatory(party=hub, role="centre", in_force=day(1)) for hub in HUBS.values()),
                    ),
                    maps=tuple(each for each in (word_map(dice, body) for body in bodies) if not list(each.widenings())),
                )
            )  # fmt: skip
    return made


def word_map(dice: Random, body: str) -> WordMap:
    return WordMap(
        of=body,
        tlp=seldom(dice, 0.4, lambda: {one(dice, tlp.LEVELS): one(dice, tlp.LEVELS)}, {}),
        pap=seldom(dice, 0.4, lambda: {one(dice, pap.LEVELS): one(dice, pap.LEVELS)}, {}),
        handling=seldom(dice, 0.3, lambda: {one(dice, ("H0", "H1", "no-court")): one(dice, ("H1", "H2"))}, {}),
    )


def world(dice: Random) -> Rules:
    standings = [
        Standing(party=party, body=body, standing=one(dice, ("member", "observer"), ("suspended",), 0.1), since=one(dice, MOMENTS[:2]))
        for party in PARTIES
        for body in BODIES
        if dice.random() < 0.6
    ]
    return Rules(texts(dice), Register(standings))


def crossed(rules: Rules, traits: Traits, body: str, other: str, question: Question) -> Traits | None:
    """An item as it comes to the other body's hub; None where it does not."""
    between = protocols(rules, body, other, HUBS[other], question.valid_at)
    to = [
        party
        for party in parties(rules.register, other, question.valid_at)
        if between and party != traits.origin and permits(_for(question, party, body, other), traits, rules)
    ]
    words = read(Words(tlp=traits.tlp, pap=traits.pap, handling=traits.handling, purposes=traits.purposes), maps(between, body))
    if not to or not words.purposes:
        return None
    said = {name: getattr(words, name) for name in words.__struct_fields__}
    return msgspec.structs.replace(traits, received_from=HUBS[body], to=tuple(to), approvals=(), **said)


def _for(question: Question, party: str, body: str, across: str = "") -> Question:
    return msgspec.structs.replace(question, recipient=party, body=body, across=across, holder=HUBS[body])


def judge(dice: Random) -> int:
    """One world and item: every party that any hub serves is one that the first hub's decision permits. How many were served."""
    rules, traits = world(dice), msgspec.structs.replace(item(dice), origin=one(dice, ("KZ", "UZ", "IR")), received_from=None)
    question = Question(recipient="", body="", purposes=purposes(dice), holder="", valid_at=one(dice, MOMENTS))
    served = 0
    for path in (("sco", "cica"), ("cica", "third"), ("sco", "cica", "third"), ("cica", "sco", "third"), ("sco", "cica", "sco")):
        first, second = path[:2]
        allowed = {
            party
            for party in PARTIES
            if Oracle(rules, question.valid_at, None).effect(_for(question, party, first, second), traits) == "permit"
        }
        held: Traits | None = traits
        for body, other in pairwise(path):
            held = crossed(rules, held, body, other, question) if held else None
        if held is None:
            continue
        last = path[-1]
        receive = {party for party in PARTIES if permits(_for(question, party, last), held, rules)} - {traits.origin}
        served += len(receive)
        if traits.type != "marking-definition":
            assert receive <= allowed, (path, receive - allowed)
            assert traits.to is None or receive <= set(traits.to)
            assert traits.to is not None or onward.automatic(traits)
        assert tlp.RANK[held.tlp] >= tlp.RANK[traits.tlp]
        assert set(traits.handling) <= set(held.handling)
        assert set(held.purposes) <= set(traits.purposes)
    return served


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_p4_no_hub_gives_more_than_the_first_decides(dice: Random) -> None:
    judge(dice)


def test_the_random_hubs_do_serve_somebody() -> None:
    assert sum(judge(Random(seed)) for seed in range(100)) > 10


def test_caught_amber_crosses_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (onward, sieve):
        monkeypatch.setattr(module, "automatic", lambda traits: True)
    with pytest.raises(AssertionError):
        for seed in range(3_000):
            judge(Random(seed))

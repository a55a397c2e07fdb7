"""The parties, dates and texts that the tests of `agree` speak of, random worlds of them, and a brute-force oracle."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

from hypothesis import strategies as st

from comity.agree.accord import Agreement, Signatory
from comity.agree.agreement import read
from comity.agree.clauses import Clause, Selector
from comity.agree.decide import Question, Rules
from comity.terms.party import Register, Standing
from comity.terms.stix import GROUPS, PUBLIC_TYPES
from comity.terms.tlp import LEVELS
from comity.terms.traits import Traits

HEAD = """\
[agreement]
id = "example-ict"
version = 1
title = "Agreement on exchange of technical threat information"
illustrative = true
body = "sco"
purposes = ["network-defence", "statistics"]
in_force = 2021-09-17
entry = "per-party"
"""
MEMBERS = """
[[clause]]
id = "art-4.2"
text = "Members receive technical indicators up to TLP:AMBER."
effect = "permit"
to = { standing = ["member"] }
from = { standing = ["member"] }
types = ["@threat", "@observables", "@links"]
tlp_max = "amber"
onward = "parties"
retain = "P1Y"
duty = ["report-sightings"]
"""
OBSERVERS = """
[[clause]]
id = "art-4.3"
text = "Observers receive indicators up to TLP:GREEN."
effect = "permit"
to = { standing = ["observer"] }
types = ["indicator", "@observables"]
tlp_max = "green"
purposes = ["network-defence"]
retain = "P6M"
"""
PRODUCERS = """
[[clause]]
id = "art-5"
text = "Sightings go back to the producer."
effect = "permit"
to = { role = ["producer"] }
types = ["sighting"]
tlp_max = "amber"
"""
CENTRE = """
[[clause]]
id = "art-6"
text = "The centre reads up to TLP:GREEN."
effect = "permit"
to = { role = ["centre"] }
types = ["@threat"]
tlp_max = "green"
"""
FORBID = """
[[clause]]
id = "art-9"
text = "Attribution is not exchanged."
effect = "forbid"
threat = ["attribution"]
"""
PARTIES = """
[party.KZ]
signed = 2021-09-17
in_force = 2021-10-01
[party.UZ]
in_force = 2021-10-01
[party.IR]
in_force = 2021-10-01
until = 2022-01-01
[party.RU]
signed = 2021-09-17
[party.HUB]
in_force = 2021-10-01
role = "centre"
"""
TREATY = HEAD + MEMBERS + OBSERVERS + PRODUCERS + CENTRE + FORBID + PARTIES


def day(month: int, number: int = 1, year: int = 2021) -> datetime:
    """A midnight."""
    return datetime(year, month, number, tzinfo=UTC)


def register(**standings: str) -> Register:
    """Standings in `sco` since 2001: `register(KZ="member")`."""
    return Register(Standing(party=party, body="sco", standing=word, since=day(6, 15, 2001)) for party, word in standings.items())


def rules(*texts: str) -> Rules:
    """The treaty (or other texts) among two members, an observer, a member not yet bound, and a suspended member."""
    known = register(KZ="member", UZ="member", IR="observer", RU="member", TJ="member", XX="suspended")
    return Rules((read(text) for text in texts or (TREATY,)), known)


def ask(recipient: str, *purposes: str, holder: str = "HUB", at: datetime | None = None) -> Question:
    """A question in `sco`, at the centre, on 2021-11-01 and for network defence unless said otherwise."""
    return Question(recipient=recipient, body="sco", purposes=purposes or ("network-defence",), holder=holder, valid_at=at or day(11))


def item(**other: Any) -> Traits:
    """An AMBER indicator of KZ for network defence, changed as told."""
    base = Traits(type="indicator", origin="KZ", purposes=("network-defence",), tlp="amber")
    return Traits(**{name: getattr(base, name) for name in base.__struct_fields__} | other)


# Random worlds. Small on purpose: collisions are what finds mistakes. Skewed to the usual, so that clauses do match.
T = TypeVar("T")


def _mostly(usual: st.SearchStrategy[T], rare: st.SearchStrategy[T], times: int = 5) -> st.SearchStrategy[T]:
    return st.sampled_from([usual] * times + [rare]).flatmap(lambda chosen: chosen)


def _some(words: st.SearchStrategy[str], least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(words, min_size=least, max_size=3, unique=True).map(tuple)


_NOTHING: st.SearchStrategy[tuple[str, ...]] = st.just(())
_PARTIES = st.sampled_from(["KZ", "UZ", "IR", "HUB"])
_BODIES = _mostly(st.just("sco"), st.just("cica"))
_THREATS = st.sampled_from(["phishing", "attribution"])
_PURPOSES = st.sampled_from(["network-defence", "statistics", "training"])
_DEFENCE = _mostly(st.just(("network-defence",)), _some(_PURPOSES))
_MOMENTS = st.sampled_from([day(1), day(2), day(3), day(4)])
_SELDOM = _mostly(st.none(), _MOMENTS, 9)


def _selectors(roles: list[str]) -> st.SearchStrategy[Selector]:
    return st.builds(
        Selector,
        standing=st.sampled_from([("member",), ("member", "observer"), (), ("observer",), ("suspended",)]),
        party=_mostly(_NOTHING, _some(_PARTIES)),
        role=_mostly(_NOTHING, _some(st.sampled_from(roles)), 2),
        body=_mostly(_NOTHING, _some(st.sampled_from(["sco", "cica"]))),
    )


def _clauses(effects: list[str]) -> st.SearchStrategy[Clause]:
    return st.builds(
        Clause,
        id=st.sampled_from(["a", "b", "c"]),
        text=st.just("A clause."),
        effect=st.sampled_from(effects),
        to=_mostly(_selectors(["centre", "party", "producer"]), st.none()),
        from_=_mostly(st.none(), _selectors(["centre", "party"]), 2),
        types=_mostly(st.just(("@threat", "@links")), _some(st.sampled_from(["@observables", "*", "indicator", "sighting", "x-odd"]))),
        threat=_mostly(_NOTHING, _some(_THREATS), 2),
        tlp_max=st.sampled_from(["red", "amber", None, *LEVELS]),
        purposes=_mostly(_NOTHING, _some(_PURPOSES)),
        since=_SELDOM,
        until=_SELDOM,
        onward=st.sampled_from(["none", "parties", "parties", "other-ict"]),
        retain=st.sampled_from([None, "P1Y", "P30D"]),
        duty=_some(st.sampled_from(["feedback", "report-sightings"])),
    )


clauses = _clauses(["permit", "permit", "permit", "forbid"])
permit_clauses = _clauses(["permit"])
_signatories = st.builds(
    Signatory,
    party=_PARTIES,
    in_force=_mostly(st.just(day(1)), _SELDOM),
    until=_SELDOM,
    role=st.sampled_from(["party", "party", "centre"]),
)


def _agreements(some: st.SearchStrategy[Clause]) -> st.SearchStrategy[Agreement]:
    return st.builds(
        Agreement,
        id=st.sampled_from(["ict", "data"]),
        version=st.integers(1, 3),
        title=st.just("Agreement"),
        body=_BODIES,
        purposes=_DEFENCE,
        in_force=_mostly(st.just(day(1)), _SELDOM),
        until=_SELDOM,
        entry=st.sampled_from(["all", "all", "per-party"]),
        clauses=st.lists(some, min_size=1, max_size=4).map(tuple),
        parties=st.lists(_signatories, max_size=4, unique_by=lambda s: s.party).map(tuple),
    )


_standings = st.builds(
    Standing,
    party=_PARTIES,
    body=st.sampled_from(["sco", "cica"]),
    standing=st.sampled_from(["member", "member", "member", "observer", "suspended", "withdrawn"]),
    since=st.sampled_from([day(1), day(1), day(2), day(3)]),
    until=_SELDOM,
    known=_SELDOM,
)


def _worlds(some: st.SearchStrategy[Clause]) -> st.SearchStrategy[Rules]:
    texts = st.lists(_agreements(some), min_size=1, max_size=3, unique_by=lambda a: a.ref)
    everybody = [Standing(party=party, body="sco", standing="member", since=day(1)) for party in ("KZ", "UZ", "HUB")]
    return st.builds(lambda found, held: Rules(found, Register([*everybody, *held])), texts, st.lists(_standings, max_size=4))


worlds = _worlds(clauses)
permit_worlds = _worlds(permit_clauses)
questions = st.builds(
    Question,
    recipient=st.sampled_from(["UZ", "UZ", "IR", "HUB"]),
    body=st.just("sco"),
    purposes=_DEFENCE,
    holder=st.sampled_from(["HUB", "KZ", "KZ", "UZ"]),
    valid_at=_MOMENTS,
    known_at=_SELDOM,
)
items = st.builds(
    Traits,
    type=_mostly(st.sampled_from(["indicator", "sighting"]), st.sampled_from(["domain-name", "x-odd", "marking-definition"]), 9),
    threat=_some(_THREATS),
    origin=_mostly(st.just("KZ"), _PARTIES),
    received_from=_mostly(st.none(), st.just("HUB")),
    purposes=_DEFENCE,
    tlp=st.sampled_from(["clear", *LEVELS]),
    handling=_mostly(_NOTHING, _some(st.sampled_from(["H0", "H1", "H3"]))),
    to=st.one_of(st.none(), st.just(("UZ", "IR")), _some(_PARTIES)),
    realm=_mostly(st.just("real"), st.just("exercise-1"), 9),
    gate=_mostly(st.just("open"), st.just("quarantine"), 9),
    about=_some(_PARTIES),
)


def oracle(question: Question, traits: Traits, rules: Rules) -> bool:
    """The answer by brute force, written from the design alone and not from the code under test."""
    at, recipient, holder = question.valid_at, question.recipient, question.holder

    def standing(party: str, body: str) -> str | None:
        found: Standing | None = None
        for claim in rules.register.standings:
            unknown = question.known_at is not None and claim.known is not None and claim.known > question.known_at
            if (claim.party, claim.body) != (party, body) or unknown or claim.since > at or (claim.until and claim.until <= at):
                continue
            early = datetime(1, 1, 1, tzinfo=UTC)
            if found is None or (claim.since, claim.known or early) >= (found.since, found.known or early):
                found = claim
        return found.standing if found else None

    def bound(agreement: Agreement, party: str) -> bool:
        held = standing(party, agreement.body)
        if held in ("suspended", "withdrawn") or agreement.in_force is None or agreement.in_force > at:
            return False
        if agreement.until and agreement.until <= at:
            return False
        own = [s for s in agreement.parties if s.party == party]
        if not own:
            return agreement.entry == "all" and held is not None
        begun = own[0].in_force <= at if own[0].in_force else agreement.entry == "all"
        return begun and not (own[0].until and own[0].until <= at)

    def roles(agreement: Agreement, party: str) -> set[str]:
        return {"centre" if any(s.party == party and s.role == "centre" for s in agreement.parties) else "party"}

    def selected(agreement: Agreement, selector: Selector | None, party: str, held: set[str]) -> bool:
        if selector is None:
            return True
        there = {standing(party, body) for body in selector.body or (agreement.body,)}
        return (
            (not selector.party or party in selector.party)
            and (not selector.role or bool(held & set(selector.role)))
            and (not selector.standing or bool(there & set(selector.standing)))
            and (not selector.body or bool(there - {None, "suspended", "withdrawn"}))
        )

    def matches(agreement: Agreement, clause: Clause) -> bool:
        types = {member for name in clause.types for member in GROUPS.get(name, {name})}
        permit = clause.effect == "permit"
        if permit and (clause.to in (None, Selector()) or not clause.types):
            return False
        held = roles(agreement, recipient) | ({"producer"} if recipient in traits.about else set())
        if permit and "centre" in roles(agreement, recipient) and not (clause.to and (clause.to.role or clause.to.party)):
            return False  # the centre reads what a permit names it for
        purposes = set(question.purposes) & set(traits.purposes) & set(clause.purposes or agreement.purposes)
        passes_on = holder != traits.origin and not (bound(agreement, holder) and "centre" in roles(agreement, holder))
        may_pass = clause.onward == "parties" and traits.tlp in ("clear", "green") and not {"H1", "H2", "H3"} & set(traits.handling)
        return (
            bound(agreement, traits.origin)
            and bound(agreement, recipient)
            and not (clause.since and clause.since > at)
            and not (clause.until and clause.until <= at)
            and selected(agreement, clause.from_, traits.origin, roles(agreement, traits.origin))
            and selected(agreement, clause.to, recipient, held)
            and (not clause.types or "*" in clause.types or traits.type in types)
            and (not clause.threat or bool(set(clause.threat) & set(traits.threat)))
            and (clause.tlp_max is None or LEVELS.index(traits.tlp) <= LEVELS.index(clause.tlp_max))
            and bool(purposes)
            and (not permit or not passes_on or may_pass)
        )

    governing: dict[str, Agreement] = {}
    for agreement in sorted(rules.agreements, key=lambda a: a.version):
        if agreement.in_force and agreement.in_force <= at:
            governing[agreement.id] = agreement
    ours = [agreement for agreement in governing.values() if agreement.body == question.body]
    if recipient == traits.origin:
        return True
    custody = any(bound(agreement, holder) and "centre" in roles(agreement, holder) for agreement in ours)
    if (recipient == holder and traits.received_from and not custody) or (traits.type in PUBLIC_TYPES and traits.gate == "open"):
        return True
    addressed = recipient in traits.to if traits.to is not None else traits.tlp != "red"
    if traits.gate != "open" or traits.realm != "real" or not addressed:
        return False
    found = {clause.effect for agreement in ours for clause in agreement.clauses if matches(agreement, clause)}
    return found == {"permit"}

"""Two worlds that differ only in what one party may not see, and everything that party can do in them.

A story is a list of steps: what others submit, what the onlooker does, what becomes of standings. It is played twice: with all that
others submit, and without whatever the onlooker may see at no step of it. Both transcripts of what the onlooker is told must be equal,
once each stamp is replaced by its rank among those it saw. Which items it may see is worked out here from the rules as people read
them, not by the code under test.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from comity.clock import micros, stamp
from comity.clock import parse as parse_moment
from comity.intake.govern import add_standing
from comity.intake.withdraw import withdraw
from comity.release.select import Query
from comity.terms.party import Standing
from comity.terms.stix import sco_id
from tests.consortium import MEMBERS, Body, Member, Ticking, sdo

#: Sightings go to the producers of what was sighted and to nobody else; the rest by standing, up to AMBER or GREEN.
RULES = (
    MEMBERS.replace('"@links"]\ntlp_max = "amber"', '"relationship"]\ntlp_max = "amber"')
    .replace('"@links"]\ntlp_max = "green"', '"relationship"]\ntlp_max = "green"')
    .replace(
        "[party.SCO-CENTRE]",
        """[[clause]]
id = "back"
text = "Sightings return to the producer."
effect = "permit"
to = { role = ["producer"] }
types = ["sighting"]
tlp_max = "amber"

[party.SCO-CENTRE]""",
    )
)
ONLOOKER = "IR"
#: XX has no standing: what it submits reaches nobody.
OTHERS = ("KZ", "UZ", "TJ", "XX")
CEILINGS = {"member": 2, "observer": 1}
TLPS = ("clear", "green", "amber", "amber+strict", "red")
KINDS = ("indicator", "indicator", "malware", "report", "report", "relationship", "sighting", "domain-name", "identity")
STEP = timedelta(seconds=10)


def object_id(number: int) -> str:
    """The id of one of the story's objects; a domain name's follows from its value, so anyone can guess it."""
    if KINDS[number] == "domain-name":
        return sco_id({"type": "domain-name", "value": f"host{number}.example.com"})
    return f"{KINDS[number]}--00000000-0000-4000-8000-{number:012d}"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One object as one party submits it; `refs` are numbers of objects, `word` makes its content its own."""

    origin: str
    number: int
    version: int
    word: str
    refs: tuple[int, ...] = ()
    tlp: str = "green"
    to: tuple[str, ...] | None = None
    purposes: tuple[str, ...] = ("network-defence",)
    expires: bool = False

    @property
    def kind(self) -> str:
        return KINDS[self.number]

    @property
    def quarantined(self) -> bool:
        return self.kind == "identity"

    def as_object(self) -> dict[str, Any]:
        id_, refs = object_id(self.number), [object_id(ref) for ref in self.refs]
        if self.kind == "domain-name":
            value = f"host{self.number}.example.com"
            return {"type": "domain-name", "spec_version": "2.1", "id": id_, "value": value, "x_word": self.word}
        links: dict[str, Any] = {}
        if self.kind == "report":
            links = {"object_refs": refs}
        elif self.kind == "relationship":
            links = {"relationship_type": "related-to", "source_ref": refs[0], "target_ref": refs[1]}
        elif self.kind == "sighting":
            links = {"sighting_of_ref": refs[0]}
        elif self.kind == "malware" and refs:
            links = {"x_related_refs": refs}
        elif self.kind == "identity":
            links = {"identity_class": "individual"}
        return sdo(self.kind, id=id_, modified=f"2021-10-02T00:00:0{self.version}.000Z", description=self.word, **links)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: others' bundles, or one of their own objects withdrawn, or changed standings, or one thing the onlooker does."""

    bundles: tuple[tuple[Claim, ...], ...] = ()
    withdraw: tuple[str, int] | None = None
    standing: tuple[str, str, int] | None = None
    act: tuple[Any, ...] = ()


@dataclass
class Story:
    """The steps, and what may be seen of them."""

    steps: list[Step] = field(default_factory=list)

    def hidden(self) -> set[Claim]:
        """Others' claims that the onlooker may see at no step, even if nothing were ever withdrawn."""
        shown: set[Claim] = set()
        there: list[Claim] = []
        held = {party: [(0, "observer" if party == ONLOOKER else "member")] for party in (ONLOOKER, "KZ", "UZ", "TJ")}
        for at, step in enumerate(self.steps):
            there += [claim for bundle in step.bundles for claim in bundle]
            there += step.act[1] if step.act[:1] == ("submit",) else ()
            if step.standing:
                party, standing, delay = step.standing
                held[party].append((at + delay, standing))
            now = {}
            for party, given in held.items():
                now[party] = max((since, n, standing) for n, (since, standing) in enumerate(given) if since <= at)[2]
            shown |= _visible(there, now)
        return {claim for step in self.steps for bundle in step.bundles for claim in bundle} - shown


def _visible(claims: list[Claim], standings: dict[str, str]) -> set[Claim]:
    """The greatest set of permitted claims that name only what is in the set; the onlooker's own need not."""
    seen = {claim for claim in claims if _permitted(claim, claims, standings)}
    while True:
        there = {claim.number for claim in seen}
        kept = {claim for claim in seen if claim.origin == ONLOOKER or there.issuperset(claim.refs)}
        if kept == seen:
            return seen
        seen = kept


def _permitted(claim: Claim, claims: list[Claim], standings: dict[str, str]) -> bool:
    if claim.origin == ONLOOKER:
        return True
    if claim.quarantined or standings.get(claim.origin) not in CEILINGS or standings[ONLOOKER] not in CEILINGS:
        return False
    if claim.tlp == "red" if claim.to is None else ONLOOKER not in claim.to:
        return False
    if "network-defence" not in claim.purposes:
        return False
    if claim.kind == "sighting":
        produced = any(other.origin == ONLOOKER and other.number == claim.refs[0] for other in claims)
        return produced and TLPS.index(claim.tlp) <= 2
    return TLPS.index(claim.tlp) <= CEILINGS[standings[ONLOOKER]]


def tell(random: Random, length: int = 12) -> Story:
    """A story of some steps, by chance."""
    words = itertools.count()
    used: dict[tuple[str, int, int], Claim] = {}
    steps: list[Step] = []
    for _ in range(random.randint(3, length)):
        lot = random.random()
        if lot < 0.5:
            made = [_claim(random, random.choice(OTHERS), words) for _ in range(random.randint(1, 5))]
            # One origin's own copies of one version would hide each other by their own fault, and a later one takes back what went further.
            new = [claim for claim in made if claim.kind == "domain-name" or fits(used, claim)]
            steps.append(Step(bundles=tuple(tuple(group) for _, group in itertools.groupby(new, key=_sender))))
        elif lot < 0.65:
            who = random.choice((ONLOOKER, ONLOOKER, ONLOOKER, "KZ"))
            steps.append(Step(standing=(who, random.choice(("member", "member", "observer", "suspended")), random.choice((0, 0, 2)))))
        else:
            steps.append(Step(act=_act(random, words)))
    steps += [Step(act=("poll", 3)), Step(act=("walk", 2, {})), Step(act=("walk", 100, {"versions": ("all",)}))]
    return Story(steps)


def fits(used: dict[tuple[str, int, int], Claim], claim: Claim) -> bool:
    """Whether a claim stands beside its origin's earlier ones, which are `used`, without taking back or hiding any; then it is used too."""
    return _widens(used, claim) and used.setdefault((claim.origin, claim.number, claim.version), claim) is claim


def _widens(used: dict[tuple[str, int, int], Claim], claim: Claim) -> bool:
    """Whether a claim goes as far as earlier versions of the object do, and no further than later ones."""
    for other in used.values():
        if (other.origin, other.number) == (claim.origin, claim.number):
            early, late = sorted((other, claim), key=lambda each: each.version)
            if TLPS.index(early.tlp) < TLPS.index(late.tlp) or not set(early.purposes) <= set(late.purposes):
                return False
            if late.to is not None and (early.to is None or not set(early.to) <= set(late.to)):
                return False
    return True


def _claim(random: Random, origin: str, words: Iterator[int]) -> Claim:
    number = random.randrange(len(KINDS))
    count = {"report": random.randint(1, 3), "relationship": 2, "sighting": 1, "malware": random.choice((0, 0, 1))}.get(KINDS[number], 0)
    targets = {"sighting": (0, 1, 2, 3, 4), "relationship": (0, 1, 2, 3, 4, 7)}.get(KINDS[number], tuple(range(8)))
    return Claim(
        origin=origin,
        number=number,
        version=random.randint(1, 3),
        word=f"word {next(words)}",
        refs=tuple(random.sample(targets, count)),
        tlp=random.choice((*TLPS, "green", "amber", "amber")),
        to=random.choice((None, None, None, (ONLOOKER,), ("TJ",), ())),
        purposes=random.choice((("network-defence",), ("network-defence",), ("statistics",))),
        expires=random.random() < 0.1,
    )


def _sender(claim: Claim) -> tuple[Any, ...]:
    """Claims that one submission can carry."""
    return claim.origin, claim.tlp, claim.to or (), claim.to is None, claim.purposes, claim.expires


def _act(random: Random, words: Iterator[int]) -> tuple[Any, ...]:
    number = random.randrange(len(KINDS))
    versions = random.choice((("last",), ("first",), ("all",), ("2021-10-02T00:00:02Z",), ("first", "last")))
    lot = random.choice((0, 0, 1, 1, 1, 1, 2, 3, 4))
    if lot == 0:
        claims = [_claim(random, ONLOOKER, words) for _ in range(random.randint(1, 3))]
        repeated = [random.choice(claims)] if random.random() < 0.5 else []
        return ("submit", tuple(claims + repeated))
    if lot == 1:
        return ("poll", random.randint(1, 4))
    if lot == 2:
        return ("object", object_id(number), versions)
    query: dict[str, Any] = {"versions": versions}
    if random.random() < 0.3:
        query["types"] = frozenset(random.sample(KINDS, 2))
    if random.random() < 0.3:
        query["ids"] = tuple(object_id(n) for n in random.sample(range(len(KINDS)), 2))
    if random.random() < 0.3:
        query["own"] = False
    if random.random() < 0.2:
        query["spec_versions"] = frozenset({"2.0"})
    if lot == 3:
        return ("from", random.random(), random.randint(1, 4), query)
    return ("walk", random.randint(1, 4), query)


class Told(Ticking):
    """A clock that stands still until the next step."""

    def __call__(self) -> datetime:
        return self.at


class Onlooker:
    """What one party does and is told, straight at the desk. `transcript` holds all of it, with stamps as they are."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.member = Member(body, ONLOOKER)
        self.transcript: list[Any] = []
        self.stamps: list[str] = []
        self.cursor = 0

    def act(self, act: tuple[Any, ...]) -> None:
        kind, *rest = act
        self.transcript.append((kind, getattr(self, f"_{kind}")(*rest)))

    def _submit(self, claims: tuple[Claim, ...]) -> list[Any]:
        outcomes = self.member.submits(*(claim.as_object() for claim in claims))
        return [(o.outcome, o.position, o.id, o.type, o.version, o.why) for o in outcomes]

    def _poll(self, limit: int) -> list[Any]:
        found, self.cursor = self._pages(self.cursor, limit, {"versions": ("all",)})
        return found

    def _walk(self, limit: int, query: dict[str, Any]) -> list[Any]:
        return self._pages(0, limit, query)[0]

    def _from(self, share: float, limit: int, query: dict[str, Any]) -> list[Any]:
        seen = sorted(set(self.stamps))
        after = micros(parse_moment(seen[int(share * len(seen))])) if seen else 0
        return self._pages(after, limit, query)[0]

    def _pages(self, after: int, limit: int, query: dict[str, Any]) -> tuple[list[Any], int]:
        told: list[Any] = []
        for _ in range(200):
            page = self.member.page(after=after, limit=limit, **query)
            rows = zip(page.found, page.bodies, strict=True)
            told.append(([(stamp(at), row.id, row.version, row.spec, body) for (at, row), body in rows], page.more))
            self.stamps += [stamp(at) for at, _ in page.found]
            after = page.found[-1][0] if page.found else after
            if not page.more or not page.found:
                return told, after
        raise AssertionError("paging does not end")

    def _object(self, id_: str, versions: tuple[str, ...]) -> Any:
        page = self.body.desk.object(self.member.reader, Query(ids=(id_,), versions=versions))
        return [(stamp(at), row.version, body) for (at, row), body in zip(page.found, page.bodies, strict=True)], page.more


def play(story: Story, hidden: set[Claim], store: str, eyes: type[Onlooker] = Onlooker) -> Onlooker:
    """Play a story without the hidden claims; what the onlooker was told."""
    clock = Told()
    body = Body(RULES, store=store, clock=clock)
    for party in ("KZ", "UZ", "TJ"):
        body.member(party)
    body.observer(ONLOOKER)
    onlooker = eyes(body)
    for step in story.steps:
        clock.at += STEP
        for bundle in step.bundles:
            told = [claim for claim in bundle if claim not in hidden]
            if told:
                options = {"expires": clock.at + 3 * STEP} if told[0].expires else {}
                outcomes = Member(body, told[0].origin).submits(
                    *(claim.as_object() for claim in told), tlp=told[0].tlp, to=told[0].to, purposes=told[0].purposes, **options
                )
                assert not {outcome.outcome for outcome in outcomes} - {"accepted", "quarantined"}, outcomes
        if step.withdraw:
            origin, number = step.withdraw
            withdraw(body.world, origin, object_id(number))
        if step.standing:
            party, standing, delay = step.standing
            since = clock.at + delay * STEP
            add_standing(body.world, Standing(party=party, body="sco", standing=standing, since=since, source=str(clock.at)), by="test")
        if step.act:
            onlooker.act(step.act)
    body.world.store.close()
    return onlooker


_STAMP = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def ranked(transcript: list[Any]) -> str:
    """A transcript with every stamp replaced by its rank among those in it."""
    text = repr(transcript)
    ranks = {moment: f"<{rank}>" for rank, moment in enumerate(sorted(set(_STAMP.findall(text))))}
    return _STAMP.sub(lambda found: ranks[found.group()], text)


def told_apart(story: Story, stores: tuple[str, str] = ("memory:", "memory:"), eyes: type[Onlooker] = Onlooker) -> str:
    """How the onlooker can tell the two worlds apart; empty if it cannot."""
    hidden = story.hidden()
    with_all, without = (ranked(play(story, gone, store, eyes).transcript) for gone, store in zip((set(), hidden), stores, strict=True))
    if with_all == without:
        return ""
    at = next(n for n, (a, b) in enumerate(itertools.zip_longest(with_all, without)) if a != b)
    around = slice(max(0, at - 300), at + 300)
    return f"with what is hidden:\n  {with_all[around]}\nwithout it:\n  {without[around]}"

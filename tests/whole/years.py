"""A body as it goes on, and beside it what by the oracle each party may have of it.

`Tale` is a whole node in memory (or SQLite) to which things happen: agreements, standings, submissions, withdrawals, a clock that goes on or
is set back. It writes down what it did in the plainest form, and works out from that alone, with `tests.agree.oracle`, which bytes a
party should be given. Nothing here asks the node what it thinks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import msgspec

from comity.agree.accord import Agreement
from comity.agree.agreement import read
from comity.agree.approval import Approval, Person
from comity.agree.decide import Question, Rules
from comity.errors import Conflict, Denied, NotFound, SenderFault
from comity.intake import approve
from comity.intake.govern import add_agreement, add_standing
from comity.intake.submit import Submitter, submit
from comity.intake.withdraw import withdraw
from comity.ledger.journal import Opening, read_entry
from comity.release.desk import Page
from comity.release.select import Query
from comity.release.sight import Reader
from comity.terms.party import Register, Standing
from comity.terms.traits import Traits
from tests.agree.oracle import Oracle
from tests.consortium import START, Body, drafts, sdo

CENTRE = "SCO-CENTRE"
PARTIES = ("KZ", "UZ", "TJ", "IR")
PURPOSES = ("network-defence",)
HEAD = """[agreement]
id = "{id}"
version = {version}
title = "{id}"
body = "sco"
purposes = ["network-defence"]
in_force = {since}
[party.SCO-CENTRE]
role = "centre"
"""
TLPS = ("clear", "green", "green", "amber", "amber", "amber+strict", "red")
#: Ids that everybody may claim; all have the same `modified`.
IDS = tuple(f"indicator--00000000-0000-4000-8000-{number:012d}" for number in range(6))


def toml(id_: str, version: int, since: datetime, clauses: dict[str, dict[str, str]]) -> str:
    """A version of an agreement as text; a clause is key -> value in TOML."""
    text = HEAD.format(id=id_, version=version, since=since.isoformat())
    for name, keys in clauses.items():
        text += f'[[clause]]\nid = "{name}"\ntext = "A clause."\n' + "".join(f"{key} = {value}\n" for key, value in keys.items())
    return text


def clause(dice: Random, at: datetime) -> dict[str, str]:
    """A clause by chance: mostly a permit."""
    if dice.random() < 0.2:
        return {"effect": '"forbid"', **dice.choice(({"threat": '["attribution"]'}, {"to": '{ party = ["TJ"] }'}, {"types": '["report"]'}))}
    made = {
        "effect": '"permit"',
        "to": dice.choice(
            ('{ standing = ["member"] }', '{ standing = ["member"] }', '{ standing = ["member", "observer"] }', '{ party = ["UZ", "IR"] }',
             '{ role = ["producer"] }', '{ role = ["centre"] }')
        ),
        "types": dice.choice(('["@threat", "@observables", "@links"]', '["*"]', '["indicator"]', '["report", "sighting"]')),
        "tlp_max": dice.choice(('"green"', '"amber"', '"amber"', '"red"')),
        "onward": dice.choice(('"parties"', '"parties"', '"none"')),
    }  # fmt: skip
    if dice.random() < 0.2:
        made["from"] = dice.choice(('{ standing = ["member"] }', '{ party = ["KZ", "UZ"] }'))
    if dice.random() < 0.2:
        made["handling"] = '["H0", "H2"]'
    if dice.random() < 0.15:
        made["approval"] = dice.choice(
            ('{ procedure = "origin" }', '{ procedure = "two-persons" }', '{ procedure = "silence", window = "P5D" }')
        )
    if dice.random() < 0.2:
        made[dice.choice(("since", "until"))] = (at + timedelta(days=dice.choice((-3, 3, 20)))).isoformat()
    return made


#: What the body begins with.
OPEN = {
    "members": {"effect": '"permit"', "to": '{ standing = ["member"] }', "types": '["*"]', "tlp_max": '"amber"', "onward": '"parties"'},
    "observers": {"effect": '"permit"', "to": '{ standing = ["observer"] }', "types": '["indicator", "report"]', "tlp_max": '"green"'},
}


@dataclass(eq=False)
class Sent:
    """One object as one party sent it. `after` and `before`: between which sizes of the log it was there."""

    raw: bytes
    id: str
    traits: Traits
    by: Submitter
    refs: tuple[str, ...]
    after: int
    before: int | None = None

    def there(self, size: int) -> bool:
        return self.after < size and (self.before is None or size < self.before)


@dataclass
class Told:
    """One page that somebody was given of what others sent."""

    party: str
    leaf: int
    bodies: frozenset[bytes]


@dataclass
class Walk:
    """Paging that goes on while other things happen. `always` was to be seen all along, `ever` at some time, `ruled` counts the rules."""

    reader: Reader
    always: set[bytes]
    ever: set[bytes]
    after: int = 0
    found: list[bytes] = field(default_factory=list)
    ruled: int = 0


class Tale:
    """A node, what happened to it, and what should follow."""

    def __init__(self, store: str = "memory:", party: str = CENTRE) -> None:
        self.body, self.party = Body(None, store, party=party), party
        self.sent: list[Sent] = []
        self.told: list[Told] = []
        self.agreements: list[Agreement] = []
        self.register: list[Standing] = []
        self.approvals: dict[str, Approval] = {}
        self.governed: list[tuple[int, Rules]] = [(0, Rules())]
        self.clauses: dict[str, dict[str, dict[str, str]]] = {}
        self.words = 0

    def now(self) -> datetime:
        return self.body.clock.at

    def size(self) -> int:
        return self.body.world.store.head().size

    # What happens

    def agree(self, id_: str, clauses: dict[str, dict[str, str]], since: datetime = START - timedelta(days=300)) -> str:
        version = 1 + max((a.version for a in self.agreements if a.id == id_), default=0)
        text = toml(id_, version, since, clauses)
        add_agreement(self.body.world, text, "test.toml", by="test")
        self.clauses[id_] = clauses
        self.agreements.append(read(text))
        self._ruled()
        return text

    def stands(self, party: str, word: str, since: datetime | None = None) -> Standing:
        number = timedelta(microseconds=len(self.register))
        made = Standing(party=party, body="sco", standing=word, since=(since or self.now()).replace(microsecond=0), source=str(number))
        add_standing(self.body.world, made, by="test")
        self.register.append(msgspec.structs.replace(made, known=START + number))
        self._ruled()
        return made

    def _ruled(self) -> None:
        self.governed.append((self.size(), Rules(self.agreements, Register(self.register), self.approvals.values())))

    def asks(self, sent: Sent, recipient: str, person: str) -> None:
        """The origin asks that somebody be given what it sent; where nothing awaits approval it is told so."""
        (item,) = [row.item for row in self.body.world.store.by_id([sent.id]) if row.origin == sent.traits.origin]
        try:
            made = approve.ask(self.body.world, [item], [recipient], Person(party=sent.traits.origin, id=person))
        except SenderFault:
            return
        self.approvals |= {each.id: each for each in made}
        sent.traits = msgspec.structs.replace(sent.traits, approvals=tuple(sorted({*sent.traits.approvals, *(each.id for each in made)})))
        self._ruled()

    def acts(self, id_: str, kind: str, party: str, person: str) -> None:
        """A person does something about a request, or is told why not."""
        try:
            self.approvals[id_] = approve.act(self.body.world, id_, kind, Person(party=party, id=person))
        except (Conflict, Denied, NotFound, SenderFault):
            return
        self._ruled()

    def submits(self, party: str, obj: dict[str, Any], **said: Any) -> Sent | None:
        """None where the party has already sent something else under this id."""
        if any((each.traits.origin, each.id, each.before) == (party, obj["id"], None) for each in self.sent):
            return None
        raw, refs = msgspec.json.encode(obj), tuple(obj.get("object_refs", ())) + tuple(filter(None, [obj.get("sighting_of_ref")]))
        by = Submitter(party=party, **{"named": True, **said})
        about = set()
        if obj["type"] == "sighting":
            seen = [each for each in self.sent if each.id in refs and each.there(self.size() + 1)]
            about = {each.traits.origin for each in seen if self.permits(party, each.traits, self.size(), self.now())}
        traits = Traits(
            type=obj["type"], threat=tuple(obj.get("indicator_types", ())), origin=party, purposes=by.purposes, tlp=by.tlp,
            handling=by.handling, to=by.to, about=tuple(sorted(about)), received_from=by.received_from,
            gate="counted" if obj["type"] == "sighting" and not by.named else "open",
        )  # fmt: skip
        (outcome,) = submit(self.body.world, drafts([obj]), by)
        assert outcome.outcome == "accepted", outcome
        made = Sent(raw=raw, id=obj["id"], traits=traits, by=by, refs=refs, after=self.size() - 1)
        self.sent.append(made)
        return made

    def repeats(self, sent: Sent) -> None:
        """The same comes again, which changes nothing."""
        before = self.size()
        (outcome,) = submit(self.body.world, drafts([msgspec.json.decode(sent.raw)]), sent.by)
        assert outcome.outcome == "duplicate", outcome
        assert self.size() == before

    def withdraws(self, party: str, id_: str) -> None:
        gone = [each for each in self.sent if (each.traits.origin, each.id, each.before) == (party, id_, None)]
        assert len(withdraw(self.body.world, party, id_)) == len(gone)
        for each in gone:
            each.before = self.size()

    def object(self, dice: Random, type_: str, refs: Sequence[str] = ()) -> dict[str, Any]:
        """An object by chance."""
        self.words += 1
        more: dict[str, Any] = {"description": f"word {self.words}"}
        if type_ == "indicator":
            more |= {"id": dice.choice(IDS)} | ({"indicator_types": ["attribution"]} if dice.random() < 0.2 else {})
        elif type_ == "report":
            more["object_refs"] = list(refs)
        elif type_ == "sighting":
            more["sighting_of_ref"] = refs[0]
        return sdo(type_, **more)

    # What should follow

    def rules(self, size: int) -> Rules:
        """The rules as they were when the log had so many entries."""
        return [rules for at, rules in self.governed if at <= size][-1]

    def permits(self, party: str, traits: Traits, size: int, at: datetime) -> bool:
        question = Question(recipient=party, body="sco", purposes=PURPOSES, holder=self.party, valid_at=at)
        return Oracle(self.rules(size), at, None).effect(question, traits) == "permit"

    def visible(self, party: str, size: int | None = None, at: datetime | None = None) -> set[bytes]:
        """The bytes that the party may have: permitted, and naming only what it may have too; its own need not."""
        size, at = self.size() if size is None else size, at or self.now()
        return {each.raw for each in self.sent if each.there(size + 1) and self._shown(party, each, size, at)}

    def _shown(self, party: str, each: Sent, size: int, at: datetime) -> bool:
        if not self.permits(party, each.traits, size, at):
            return False
        if each.traits.origin == party:
            return True
        # Somebody's claim of each that it names, there at some time since it came itself, must be shown.
        since = [other for other in self.sent if other.after <= size and (other.before is None or other.before > each.after)]
        return all(any(other.id == ref and self._shown(party, other, size, at) for other in since) for ref in each.refs)

    # What is given

    def reader(self, party: str, client: str = "") -> Reader:
        return Reader(party=party, body="sco", purposes=PURPOSES, client=client)

    def page(self, reader: Reader, **query: Any) -> Page:
        """One page, which must be no more than its reader may have, and on record."""
        page = self.body.desk.page(reader, Query(versions=("all",), copies=True, **query))
        self.sound(reader.party, page)
        return page

    def sound(self, party: str, page: Page) -> None:
        given, stamps = set(page.bodies), [at for at, _ in page.found]
        assert given <= self.visible(party), "more than it may have"
        assert sorted(set(stamps)) == stamps
        theirs = frozenset(each.raw for each in self.sent if each.raw in given and each.traits.origin != party)
        if theirs and party != self.party:
            assert page.receipt is not None
            self.told.append(Told(party=party, leaf=page.receipt.index, bodies=theirs))
        else:
            assert page.receipt is None

    def reads(self, party: str, limit: int = 100, client: str = "") -> set[bytes]:
        """All that the party is given now."""
        found, reader, after = list[bytes](), self.reader(party, client), 0
        while True:
            page = self.page(reader, after=after, limit=limit)
            found += page.bodies
            if not page.more:
                assert len(set(found)) == len(found), "something twice"
                return set(found)
            after = page.found[-1][0]

    def replayed(self) -> int:
        """The log again: each disclosure is of what was given, by clauses that were in force then. How many there are."""
        told = {each.leaf: each for each in self.told}
        bodies = {_sha(each.raw): each.raw for each in self.sent}
        for leaf in self.body.world.store.leaves():
            entry = read_entry(leaf.entry)
            if entry.kind != "disclose":
                continue
            assert leaf.index in told, "on record and not given"
            given = told.pop(leaf.index)
            assert entry.party == given.party
            assert {bodies.get(sha) for sha in Opening(records=leaf.opening).hashes() if sha} == given.bodies
            assert given.bodies <= self.visible(given.party, leaf.index, entry.at)
            self._cited(entry.agreements, leaf.index, entry.at)
        assert not told, "given and not on record"
        return len(self.told)

    def _cited(self, cited: Iterable[str], size: int, at: datetime) -> None:
        rules, cited = self.rules(size), tuple(cited)
        assert cited
        for each in cited:
            ref, name = each.split("/")
            made = [(a, c) for a in rules.agreements for c in a.clauses if (f"{a.id}@{a.version}", c.id) == (ref, name)]
            assert any(c.effect == "permit" and a.holds(at) and c.holds(at) for a, c in made), each


def _sha(raw: bytes) -> bytes:
    from hashlib import sha256

    return sha256(raw).digest()

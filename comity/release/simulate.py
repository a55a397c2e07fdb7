"""What would change if another text governed: the items of some days, each party, both texts, judged at one moment. Nothing is written.

    1. rows    the trait rows of what came in, with how many items each has       Store.arrivals
    2. before  what each party may see of them under the rules held               Sight, as for every page
    3. after   the same with the text in place of all versions of its agreement   agree.trial
    4. shifts  where the two differ: party, type, clause, what a copy leaves out

A copy that lacks some of what its original names counts as one that names nothing: what it still names stands in the objects alone.

Nobody is told of an object, and no count depends on what the asker may not see. The node's own people count all that it holds. Any other
party counts what it is told of by `why`: who receives its own items, and what it receives itself of what it sees; by the items' own
facts alone (see `release.account`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from comity.agree.accord import Agreement
from comity.agree.clauses import covered
from comity.agree.decide import Decision, Rules, decide
from comity.agree.trial import trial
from comity.clock import micros
from comity.errors import SenderFault
from comity.release.account import agreements
from comity.release.desk import Desk
from comity.release.explain import parties
from comity.release.shifts import gains, sentences
from comity.release.sight import Conditions, Reader, Sight
from comity.terms.stix import OWN_TYPES
from comity.terms.tlp import LEVELS, RANK
from comity.terms.traits import Traits
from comity.wire import Shift, Simulation

#: How much one simulation for another party may be: its pairs of trait row and party, times the text's clauses. Some ten seconds' work.
MOST = 2_000_000


def simulate(
    desk: Desk, text: Agreement, since: datetime, *, on: datetime | None = None, body: str | None = None,
    purposes: tuple[str, ...] = (), asker: Reader | None = None, watch: Callable[[int, int], None] = lambda _done, _of: None,
) -> Simulation:  # fmt: skip
    """Who would have received more or less of what came in from `since` on. Without `asker` for the node's own people.

    `body` is the agreement's own unless given, `purposes` network defence or else what the agreement is for. Not counted are registers
    and agreements, which are the rules, and redacted copies, which are what becomes of an item. `watch` is told how many parties are done,
    of how many; what it raises ends this. Raises SenderFault for too much.
    """
    world = desk.world
    now = world.clock()
    alone = asker is not None and asker.party != world.settings.party
    readable = {each.id for each in agreements(desk, asker.party)} if asker is not None and alone else None
    tried = trial(world.rulebook.current()[1], text, now, on, readable)
    slug, asked = body or text.body, purposes or tried.purposes
    # 1.
    conditions = Conditions(world.store)
    rows = {row: count for row, count in world.store.arrivals(micros(since), micros(now)).items() if _traffic(conditions[row].base)}
    if asker is not None and alone:
        mine = desk.sight(asker)
        rows = {row: count for row, count in rows.items() if mine.sees(row)}
    named = {section.party for section in text.parties if slug in text.spans}
    found = _Shifts(None if readable is None else readable | {text.id})
    concerned = sorted({*parties(desk, slug), *named})
    if asker is not None and alone:
        own = sum(conditions[row].base.origin == asker.party for row in rows)
        if ((own + 1) * len(concerned) + len(rows)) * (1 + len(text.clauses)) > MOST:
            raise SenderFault("that is too much for one simulation", next="over fewer days, or a text with fewer parties or clauses")
    for done, party in enumerate(concerned):
        watch(done, len(concerned))
        reader = Reader(party=party, body=slug, purposes=asked)
        # 2. and 3.
        before, after = (
            _Side(Sight(conditions, reader, world.settings.party, rules, tried.at), alone=alone) for rules in (tried.before, tried.after)
        )
        for row, count in rows.items():
            if not alone or asker is None or asker.party in (party, conditions[row].base.origin):
                # 4.
                found.compare(party, conditions[row].base, count, before.answer(row), after.answer(row))
    shifts = found.shifts()
    return Simulation(
        agreement=text.ref, body=slug, purposes=asked, since=since, on=tried.at, counted=sum(rows.values()), assumed=tried.assumed,
        items=shifts, sentences=tuple(sentences(shifts)),
    )  # fmt: skip


def _traffic(facts: Traits) -> bool:
    return facts.type not in OWN_TYPES and facts.profile is None


class _Answer(msgspec.Struct, frozen=True):
    """What one side says about one trait row; the reasons are worked out only where the sides differ."""

    effect: str
    withheld: tuple[str, ...]
    side: _Side
    row: int


class _Side:
    """One party under one set of rules."""

    def __init__(self, sight: Sight, *, alone: bool) -> None:
        self._sight = sight
        self._alone = alone
        self._sees = sight.permits if alone else sight.sees
        self._waiting = _Waiting(sight.rules)
        self._decisions: dict[Traits, Decision] = {}

    def answer(self, row: int) -> _Answer:
        """`permit`, `redact`, `approve` or `deny`. Decided in full only where something between may come of it."""
        if self._sees(row):
            return _Answer("permit", (), self, row)
        if self._sight.permits(row):  # what it names is not visible
            return _Answer("deny", (), self, row)
        if profile := self._sight.copy(row):
            shown = self._alone or any(map(_names, profile.remove)) or self._sight.sees_named(row)
            return _Answer("redact", profile.remove, self, row) if shown else _Answer("deny", (), self, row)
        if not self._waiting.possible(self._sight.traits(row)):
            return _Answer("deny", (), self, row)
        decision = self.decision(row)
        return _Answer(decision.effect, decision.profile.remove if decision.profile else (), self, row)

    def decision(self, row: int) -> Decision:
        """The decision on the items' own facts."""
        facts = self._sight.traits(row)
        known = self._decisions.get(facts)
        if known is None:
            known = self._decisions[facts] = decide(self._sight.question, facts, self._sight.rules)
        return known

    def clause(self, answer: _Answer, readable: set[str] | None) -> str:
        """The clause that decides, if one does and the asker may read its agreement."""
        decision = self.decision(answer.row)
        decides = decision.effect == answer.effect and decision.rule in ("clause", "approval", "forbidden")
        first = decision.reasons[0]
        return f"{first.ref}/{first.clause}" if decides and (readable is None or first.agreement in readable) else ""


def _names(path: str) -> bool:
    """Whether a property names other objects that must be visible besides (`terms.stix.references`)."""
    return path.endswith(("_ref", "_refs")) and path not in ("created_by_ref", "object_marking_refs")


class _Waiting:
    """Whether something that awaits approval could come of some rules."""

    def __init__(self, rules: Rules) -> None:
        clauses = (clause for agreement in rules.agreements for clause in agreement.clauses)
        self._clauses = [clause for clause in clauses if clause.effect == "permit" and clause.approval]
        self._known: dict[tuple[str, str], bool] = {}

    def possible(self, facts: Traits) -> bool:
        """Whether it could for items with these facts; true says nothing."""
        known = self._known.get((facts.kind, facts.tlp))
        if known is None:
            known = self._known[facts.kind, facts.tlp] = any(
                ((types := covered(clause.types)) is None or facts.kind in types) and RANK[facts.tlp] <= RANK[clause.tlp_max or LEVELS[-1]]
                for clause in self._clauses
            )
        return known or "H3" in facts.handling


class _Shifts:
    """Counts where two sides differ."""

    def __init__(self, readable: set[str] | None) -> None:
        self._readable = readable
        self._found: dict[Shift, tuple[int, str]] = {}

    def compare(self, party: str, facts: Traits, count: int, before: _Answer, after: _Answer) -> None:
        """Note `count` items if what becomes of them differs."""
        if (before.effect, before.withheld) == (after.effect, after.withheld):
            return
        key = Shift(
            party=party, type=facts.kind, items=0, tlp="", before=before.effect, after=after.effect,  # type: ignore[arg-type]
            clause_before=before.side.clause(before, self._readable), clause=after.side.clause(after, self._readable),
            withheld_before=before.withheld, withheld=after.withheld,
        )  # fmt: skip
        items, tlp = self._found.get(key, (0, facts.tlp))
        self._found[key] = (items + count, max(tlp, facts.tlp, key=RANK.__getitem__))

    def shifts(self) -> tuple[Shift, ...]:
        """By party; then what it would receive more, then less; then by type."""
        made = (msgspec.structs.replace(key, items=items, tlp=tlp) for key, (items, tlp) in self._found.items())
        return tuple(sorted(made, key=lambda each: (each.party, not gains(each), each.type, each.clause, each.clause_before)))

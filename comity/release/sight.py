"""What a reader may see now: `agree.decide` over trait rows, never over items (architecture.md, idea 3)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from comity.agree.decide import Decision, Question, Rules, Sieve, decide
from comity.agree.redact import Profile
from comity.store import Store
from comity.store.conditions import Condition, met, read_condition, write_condition
from comity.terms.item import DERIVED_FROM
from comity.terms.traits import Traits


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks: a party, within a body, for purposes. `key` names it in the store.

    `client` tells several clients of one party apart (a token's id): each has a cursor of its own. `across` is another body where the party
    is the hub, and reads for its parties (`release.across`).
    """

    party: str
    body: str
    purposes: tuple[str, ...]
    client: str = ""
    across: str = ""

    @property
    def key(self) -> str:
        """The reader's name in the store: party, body, sorted purposes, client, and the body it goes across to, if it does."""
        across = f"|{self.across}" if self.across else ""
        return f"{self.party}|{self.body}|{','.join(sorted(self.purposes))}|{self.client}{across}"


class Conditions:
    """The store's trait rows, read once each; they never change."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rows: list[Condition] = []

    def refresh(self) -> int:
        """Read the rows that are new; how many there are."""
        for row, body in self._store.trait_rows(len(self._rows)):
            if row == len(self._rows) + 1:  # another thread may have read them first
                self._rows.append(read_condition(body))
        return len(self._rows)

    def __getitem__(self, row: int) -> Condition:
        if row > len(self._rows):
            self.refresh()
        return self._rows[row - 1]


class Sight:
    """One reader's view under one state of the rules at one moment. Answers are remembered: make a new one when the rules change."""

    def __init__(
        self, conditions: Conditions, reader: Reader, holder: str, rules: Rules, at: datetime, known: datetime | None = None
    ) -> None:
        self.reader = reader
        self.rules = rules
        self.question = Question(
            recipient=reader.party, body=reader.body, purposes=reader.purposes, holder=holder, valid_at=at, known_at=known,
            across=reader.across,
        )  # fmt: skip
        self._conditions = conditions
        self._sieve = Sieve(self.question, rules)
        self._bases: dict[int, bool] = {}
        self._rows: dict[int, bool] = {}
        self._spared: dict[int, bool] = {}
        self._grounds: dict[int, tuple[str, ...]] = {}
        self._came: dict[int, tuple[str, ...]] = {}
        self._homes: list[int] = []
        self._own: dict[str, list[int]] = {}
        #: The rows whose items go to the reader as redacted copies, with their profiles; grows with `homes`.
        self.copied: dict[int, Profile] = {}
        self._known = 0

    def sees(self, row: int) -> bool:
        """Whether items of a trait row are visible: the item's own facts, and (unless it is the reader's own) all it names."""
        known = self._rows.get(row)
        if known is None:
            condition = self._conditions[row]
            known = self._rows[row] = self._permits(row, condition) and (self.direct(row) or self.sees_named(row))
        return known

    def sees_named(self, row: int) -> bool:
        """Whether all that a trait row's items name is visible."""
        return met(self._conditions[row].needs, self.permits, self.direct)

    def spared(self, row: int) -> bool:
        """Whether items of a trait row are redacted copies of what the reader may have whole: it gets them by name alone."""
        base = self._conditions[row].base
        if base.profile is None or base.profile == DERIVED_FROM:
            return False
        known = self._spared.get(row)
        if known is None:
            known = self._spared[row] = self._sieve.permits(msgspec.structs.replace(base, profile=None))
        return known

    def meets(self, row: int) -> bool:
        """Whether items of a trait row stand in what the reader reads: they are visible, and not spared."""
        return self.sees(row) and not self.spared(row)

    def copy(self, row: int) -> Profile | None:
        """The profile under which items of a trait row go to the reader as redacted copies, going by their own facts; None: none does."""
        return self._sieve.copy(self._conditions[row].base)

    def direct(self, row: int) -> bool:
        """Whether the reader sees these items without asking any agreement: its own, or received by this very node."""
        base = self._conditions[row].base
        return base.origin == self.reader.party or (base.received_from is not None and self._sieve.reads_received)

    def _permits(self, row: int, condition: Condition) -> bool:
        known = self._bases.get(row)
        if known is None:
            known = self._bases[row] = self._sieve.permits(condition.base)
        return known

    def permits(self, row: int) -> bool:
        """Whether the facts of a trait row's items alone let the reader have them, whatever they name."""
        return self._permits(row, self._conditions[row])

    def homes(self) -> list[int]:
        """The rows that the reader meets whose items are not its own, ascending; grows as rows appear."""
        count = self._conditions.refresh()
        for row in range(self._known + 1, count + 1):
            base = self._conditions[row].base
            if base.origin == self.reader.party:
                self._own.setdefault(base.type, []).append(row)
                continue
            if self.sees(row):
                if not self.spared(row):
                    self._homes.append(row)
            elif profile := self.copy(row):
                self.copied[row] = profile
        self._known = count
        return self._homes

    def own(self, types: Iterable[str] | None = None) -> list[int]:
        """The rows whose items are the reader's own, and of these types if given."""
        self.homes()
        return [row for type_ in sorted(self._own if types is None else types) for row in self._own.get(type_, ())]

    def decision(self, base: int, supposed: Traits | None = None) -> Decision:
        """The full decision, with reasons, about a base row; with `supposed` as if its items had these facts."""
        return decide(self.question, supposed or self._conditions[base].base, self.rules)

    def grounds(self, base: int) -> tuple[str, ...]:
        """`agreement@version/clause` of what permits items of a base row; empty for the reader's own."""
        known = self._grounds.get(base)
        if known is None:
            known = self._grounds[base] = cited(self.decision(base))
        return known

    def came(self, base: int) -> tuple[str, ...]:
        """As `grounds`; for what a peer gave this node, by what that peer may give it under the agreements held here.

        A centre that gave what is not its own is itself an `agreement@version`: it passes on for the parties.
        """
        known = self._came.get(base)
        if known is None:
            known = self._came[base] = self._given(self.traits(base)) or self.grounds(base)
        return known

    def _given(self, facts: Traits) -> tuple[str, ...]:
        giver, asked, register = facts.received_from, self.question, self.rules.register
        if giver is None or facts.origin == asked.recipient or not self._sieve.reads_received:
            return ()
        given = decide(msgspec.structs.replace(asked, holder=giver), facts, self.rules)
        if given.permits:
            return cited(given)
        return tuple(
            each.ref
            for each in self.rules.governing(giver, asked.recipient, asked.valid_at, asked.known_at)
            if each.body == asked.body
            and each.custodian(giver, register, asked.valid_at, asked.known_at)
            and each.binds(asked.recipient, register, asked.valid_at, asked.known_at)
        )

    def traits(self, base: int) -> Traits:
        """The facts of a trait row."""
        return self._conditions[base].base

    def facts(self, row: int) -> bytes:
        """The facts of a trait row as bytes to sort by: the same in every store."""
        return write_condition(self._conditions[row].base)

    def names(self, row: int) -> bool:
        """Whether items of a trait row name others."""
        return bool(self._conditions[row].needs.groups)

    def type_of(self, row: int) -> str:
        """The STIX type of a trait row's items."""
        return self._conditions[row].base.type


def cited(decision: Decision) -> tuple[str, ...]:
    """`agreement@version/clause` of each of a decision's reasons."""
    return tuple(f"{reason.ref}/{reason.clause}" for reason in decision.reasons)

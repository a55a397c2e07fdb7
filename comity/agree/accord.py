"""The agreement as a value: whom it binds and when, and which of its versions governs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

import msgspec

from comity.agree.clauses import Clause, Fact
from comity.agree.life import Signatory
from comity.agree.limits import Budget, Cap
from comity.agree.mapping import WordMap
from comity.agree.redact import Profile
from comity.agree.wording import day
from comity.terms.party import ENDED, Register

#: `per-party`: a party is bound from the `in_force` of its own section. `all`: whoever has a standing in the body, or a section.
ENTRIES = ("all", "per-party")
#: What an agreement is: one of a body's own, or a protocol between two or more bodies.
KINDS = ("agreement", "protocol")


class Agreement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of an agreement, in force over [in_force, until); without `in_force` it is a draft and binds nobody.

    `notice` is the ISO 8601 duration after which a withdrawal has effect. From `transition` on, earlier versions bind nobody, also not
    those that this one does not bind. `text` is the source it was read from, as text; `known` when this node learnt it (None: always).
    A protocol works in all its `bodies`, of which `body` is the first, and `maps` say how the words of each are read; else both are empty.
    """

    id: str
    version: int
    title: str
    body: str
    purposes: tuple[str, ...] = ()
    illustrative: bool = False
    in_force: datetime | None = None
    until: datetime | None = None
    entry: str = "all"
    notice: str | None = None
    transition: datetime | None = None
    clauses: tuple[Clause, ...] = ()
    parties: tuple[Signatory, ...] = ()
    profiles: tuple[Profile, ...] = ()
    caps: tuple[Cap, ...] = ()
    budgets: tuple[Budget, ...] = ()
    bodies: tuple[str, ...] = ()
    maps: tuple[WordMap, ...] = ()
    text: str = ""
    known: datetime | None = None

    @property
    def ref(self) -> str:
        """`id@version`."""
        return f"{self.id}@{self.version}"

    @property
    def kind(self) -> str:
        """`protocol` between bodies, or `agreement` of one."""
        return "protocol" if self.bodies else "agreement"

    @property
    def spans(self) -> tuple[str, ...]:
        """The bodies in which it works: a protocol's, or its own."""
        return self.bodies or (self.body,)

    @property
    def sha256(self) -> str:
        """SHA-256 of the text in UTF-8, hexadecimal: what a party signs (`acts`)."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def lines(self) -> dict[str, int]:
        """Clause id -> the line it begins on."""
        return {clause.id: clause.line for clause in self.clauses}

    @property
    def awaits_parties(self) -> bool:
        """Whether it is still open whom it binds: `per-party`, and no party but a centre has a date."""
        return self.entry == "per-party" and not any(each.in_force for each in self.parties if each.role != "centre")

    def signatory(self, party: str) -> Signatory | None:
        """A party's own section, None if it has none."""
        return next((s for s in self.parties if s.party == party), None)

    def profile(self, name: str) -> Profile | None:
        """A redaction profile by its name."""
        return next((profile for profile in self.profiles if profile.name == name), None)

    def role(self, party: str) -> str:
        """`centre` or `party`."""
        section = self.signatory(party)
        return section.role if section else "party"

    def holds(self, valid_at: datetime) -> bool:
        """Whether the agreement itself is in force at a moment."""
        return self.in_force is not None and self.in_force <= valid_at and (self.until is None or valid_at < self.until)

    def entered(self, party: str, at: datetime) -> bool:
        """Whether this version has come into force for a party, whether or not it still is: from then on no earlier one governs for it."""
        section, required = self.signatory(party), self.entry == "per-party"
        begun = self.in_force is not None and self.in_force <= at
        return begun and (section.entered(at, required=required) if section else not required)

    def reservation(self, clause: Clause, origin: str, recipient: str) -> Fact:
        """The test that neither side excluded the clause for itself: a reservation works both ways."""
        made = [party for party in (origin, recipient) if (section := self.signatory(party)) and clause.id in section.reservations]
        return Fact(fact="reservation", expected="none", actual=f"made by {' and '.join(made)}" if made else "none", holds=not made)

    def hindrance(self, party: str, register: Register, valid_at: datetime, known_at: datetime | None = None) -> str:
        """Why a party is not bound at a moment; empty when it is."""
        if not self.holds(valid_at):
            return f"not in force: it needs {self._term()}" if self.in_force is None else f"in force {self._term()}"
        return self._hindrance(party, self._standings(party, register, valid_at, known_at), valid_at)

    def binds(self, party: str, register: Register, valid_at: datetime, known_at: datetime | None = None) -> bool:
        """Whether a party is bound at a moment. A party suspended or withdrawn in the agreement's body never is.

        A protocol does not bind who is suspended in any of its bodies, nor who is withdrawn from one and has no standing in the others.

        The dates of the party's own section always narrow, whatever `entry` says.
        """
        return not self.hindrance(party, register, valid_at, known_at)

    def custodian(self, party: str, register: Register, valid_at: datetime, known_at: datetime | None = None) -> bool:
        """Whether a party is the agreement's centre, and bound by it, at a moment (model.md, Who)."""
        return self.role(party) == "centre" and self.binds(party, register, valid_at, known_at)

    def facts(self, origin: str, recipient: str, register: Register, valid_at: datetime, known_at: datetime | None = None) -> list[Fact]:
        """The three tests every clause of this agreement shares: in force, in force for the origin and for the recipient."""
        found = [Fact(fact="agreement in force", expected=self._term(), actual=day(valid_at), holds=self.holds(valid_at))]
        for side, party in (("origin", origin), ("recipient", recipient)):
            hindrance = self._hindrance(party, self._standings(party, register, valid_at, known_at), valid_at)
            found.append(
                Fact(
                    fact=f"in force for {side}",
                    expected=f"{party} bound by {self.id}",
                    actual=hindrance or "bound",
                    holds=hindrance == "",
                )
            )
        return found

    def _standings(self, party: str, register: Register, valid_at: datetime, known_at: datetime | None) -> dict[str, str]:
        """Body -> the party's standing there, of the bodies it spans where it has one."""
        held = {body: register.standing(party, body, valid_at, known_at) for body in self.spans}
        return {body: standing for body, standing in held.items() if standing is not None}

    def _hindrance(self, party: str, held: dict[str, str], valid_at: datetime) -> str:
        """Why a party with these standings is not bound while the agreement is in force; empty when it is."""
        section, personal = self.signatory(party), self.entry == "per-party"
        live = any(standing not in ENDED for standing in held.values())
        for body, standing in held.items():
            if standing == "suspended" or (standing in ENDED and not live):
                return f"{standing} in {body}"
        if section is None:
            if personal:
                return "not a party"
            return "" if live else f"no standing in {' or '.join(self.spans)} and not a party"
        return section.hindrance(valid_at, self.notice, required=personal or not (live or section.named))

    def _term(self) -> str:
        if self.in_force is None:
            return "a date of entry into force (this is a draft)"
        return f"from {day(self.in_force)}" + (f" until {day(self.until)}" if self.until else "")


def current(agreements: Iterable[Agreement], valid_at: datetime) -> tuple[Agreement, ...]:
    """Of each agreement, the newest version whose `in_force` has come, ordered by id.

    Between two parties an earlier one may still govern: `Rules.governing`.
    """
    newest: dict[str, Agreement] = {}
    for agreement in agreements:
        if agreement.in_force is not None and agreement.in_force <= valid_at:
            held = newest.get(agreement.id)
            if held is None or held.version < agreement.version:
                newest[agreement.id] = agreement
    return tuple(newest[id_] for id_ in sorted(newest))

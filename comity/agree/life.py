"""One party's life under an agreement: signature, ratification, entry into force, reservations, suspension, withdrawal.

The words are those of the law of treaties: a reservation works both ways, a withdrawal has effect after its notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import msgspec

from comity.agree import duration
from comity.agree.wording import day

#: On whose word a step stands: what the agreement's text says of it, what its administrator recorded, what the party's own key signed.
Word = Literal["text", "administrator", "signature"]
TEXT: Word = "text"
ADMINISTRATOR: Word = "administrator"
SIGNATURE: Word = "signature"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened between a party and an agreement, and on whose `word` this stands (`TEXT`, `ADMINISTRATOR`, `SIGNATURE`).

    `step` is `signed`, `ratified`, `in force`, `reserves` (a `clause`), `suspended` or `gave notice`; `until` is when that ends (None: it
    does not, or there is no end to it).
    """

    step: str
    on: datetime | None = None
    until: datetime | None = None
    clause: str = ""
    word: Word = TEXT


class Suspension(msgspec.Struct, frozen=True, kw_only=True):
    """The agreement does not work for the party over [since, until); `until` None: until further notice."""

    since: datetime
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether the suspension lasts at a moment."""
        return self.since <= at and (self.until is None or at < self.until)


class Signatory(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One `[party.XX]` section, or what acts made of it: the steps this party took. It is bound over [in_force, until).

    `reservations` are ids of clauses that do not work between it and anybody. `withdrawal` is the day it gave notice; the
    agreement's `notice` says how long it stays bound. `standing` is what the text declares ("" where it says nothing). No decision
    reads it: the register says who has which standing. It is used only where there is no register: by `comity preview`,
    `comity agreement lint` and `comity agreement diff`. `named`: the text itself has the section; one that only acts made does not alone
    make a party where the text binds everybody with a standing. `words` are the steps that do not stand on the text's word, `reserved`
    when acts made which reservations.
    """

    party: str
    signed: datetime | None = None
    ratified: datetime | None = None
    in_force: datetime | None = None
    until: datetime | None = None
    reservations: tuple[str, ...] = ()
    suspended: tuple[Suspension, ...] = ()
    withdrawal: datetime | None = None
    role: str = "party"
    standing: str = ""
    authority: str = ""
    line: int = 0
    named: bool = True
    words: tuple[tuple[str, Word], ...] = ()
    reserved: tuple[tuple[str, datetime], ...] = ()

    def word(self, step: str) -> Word:
        """On whose word a step stands: a field's name, `reserves CLAUSE` or `suspended DAY`."""
        return dict(self.words).get(step, TEXT)

    def steps(self, notice: str | None) -> list[Step]:
        """All its steps, in the order in which they are usually taken."""
        dated = (("signed", self.signed, None), ("ratified", self.ratified, None), ("in_force", self.in_force, self.until))
        found = [Step(step=name.replace("_", " "), on=on, until=until, word=self.word(name)) for name, on, until in dated if on]
        made = dict(self.reserved)
        found += [Step(step="reserves", on=made.get(each), clause=each, word=self.word(f"reserves {each}")) for each in self.reservations]
        found += [
            Step(step="suspended", on=each.since, until=each.until, word=self.word(f"suspended {day(each.since)}"))
            for each in self.suspended
        ]
        if self.withdrawal:
            found.append(Step(step="gave notice", on=self.withdrawal, until=self.end(notice), word=self.word("withdrawal")))
        return found

    def end(self, notice: str | None) -> datetime | None:
        """The moment it stops being bound: `until`, or its withdrawal with the agreement's period of notice, whichever is first."""
        left = self.withdrawal
        if left is not None and notice:
            left = duration.after(left, notice)
        return min((moment for moment in (self.until, left) if moment is not None), default=None)

    def entered(self, at: datetime, *, required: bool) -> bool:
        """Whether its own entry into force has come; without a date it has, unless one is `required`."""
        return not required if self.in_force is None else self.in_force <= at

    def hindrance(self, at: datetime, notice: str | None, *, required: bool) -> str:
        """Why the agreement does not bind it while in force as a whole; empty when it does."""
        if self.in_force is None and required:
            return "signed but not ratified" if self.signed and not self.ratified else "not yet in force for it"
        if self.in_force is not None and at < self.in_force:
            return f"in force for it from {day(self.in_force)}"
        end = self.end(notice)
        if end is not None and end <= at:
            return f"{'ended' if end == self.until else 'withdrawn'} for it on {day(end)}"
        for suspension in self.suspended:
            if suspension.holds(at):
                return "suspended for it" + (f" until {day(suspension.until)}" if suspension.until else "")
        return ""

    def moments(self, notice: str | None) -> Iterator[datetime | None]:
        """Every moment at which it may come to be bound, or cease to."""
        yield self.in_force
        yield self.end(notice)
        for suspension in self.suspended:
            yield suspension.since
            yield suspension.until

"""An agreement's text as if it governed already, beside the rules as they are: what trying a change before it is signed starts from."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import msgspec

from comity.agree.accord import Agreement
from comity.agree.life import Signatory
from comity.agree.rules import Rules
from comity.agree.wording import joined, moment
from comity.terms.party import Register


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """Two sets of rules that differ in one text alone, both to be judged at `at`; `assumed` says what was taken to be so.

    `before` are the rules held, `after` the same with the text in place of every version of the agreement of its id.
    """

    agreement: Agreement
    at: datetime
    before: Rules
    after: Rules
    assumed: tuple[str, ...] = ()

    @property
    def purposes(self) -> tuple[str, ...]:
        """What is asked for where nobody says: network defence, or else what the agreement is for."""
        stated = self.agreement.purposes
        return ("network-defence",) if not stated or "network-defence" in stated else stated


def trial(
    rules: Rules, text: Agreement, now: datetime, on: datetime | None = None, readable: Collection[str] | None = None
) -> Trial:  # fmt: skip
    """Try a text against the rules held: at `on`, by default once all that it begins has begun, and not before `now`.

    Who is a party is taken over from earlier versions that whoever asks may read (`readable` agreement ids; None: all). A text that is
    held counts with the acts of its parties; one that has yet to come into force is not compared with itself.
    """
    text = next((each for each in rules.agreements if each.ref == text.ref and each.text == text.text), text)
    at = on or max([now, *_beginnings(text)])
    earlier = [
        each for each in rules.agreements if each.id == text.id and each.ref != text.ref and (readable is None or each.id in readable)
    ]
    taken, assumed = _as_if_in_force(text, earlier, rules.register, at)
    compared = [each for each in rules.agreements if each.ref != text.ref or (each.in_force is not None and each.in_force <= now)]
    after = [each for each in rules.agreements if each.id != text.id]
    return Trial(agreement=taken, at=at, before=_with(rules, compared), after=_with(rules, [*after, taken]), assumed=assumed)


def _with(rules: Rules, agreements: list[Agreement]) -> Rules:
    return Rules(agreements, rules.register, rules.approvals.values())


def _beginnings(text: Agreement) -> list[datetime]:
    starts = [text.in_force, *(section.in_force for section in text.parties), *(clause.since for clause in text.clauses)]
    return [each for each in starts if each is not None]


def _as_if_in_force(text: Agreement, earlier: list[Agreement], register: Register, at: datetime) -> tuple[Agreement, tuple[str, ...]]:
    """The text with the dates that nobody can know before it is signed, and what was assumed.

    Where no party has a date, all that it names have one, and those of the newest earlier version besides; where neither names any but
    the centre, everybody who has a standing in its body. Where some have a date, whom it leaves behind is said.
    """
    said = []
    if text.in_force is None:
        said.append(f"{text.ref} is a draft: it is taken as in force from {moment(at)}")
        text = msgspec.structs.replace(text, in_force=at)
    if text.awaits_parties:
        before = max(earlier, key=lambda each: each.version, default=text)
        named = [*text.parties, *(section for section in before.parties if text.signatory(section.party) is None)]
        if all(section.role == "centre" for section in named):
            held = {section.party for section in named}
            standing = sorted({code for body in text.spans for code in register.parties(body) if register.standing(code, body, at)})
            named += [Signatory(party=code) for code in standing if code not in held]
        own = {section.party for section in text.parties}
        parties = tuple(
            msgspec.structs.replace(section, in_force=section.in_force or at)
            if section.party in own
            else Signatory(party=section.party, role=section.role, in_force=at)
            for section in named
        )
        said.append(f"no party has a date yet: it is taken as in force for {joined([section.party for section in parties])}")
        reserved = [
            f"{joined(section.reservations)} by {section.party}" for section in named if section.reservations and section.party not in own
        ]
        if reserved:
            said.append(f"reservations made to {before.ref} are not carried over: {joined(reserved)}")
        text = msgspec.structs.replace(text, parties=parties)
    elif text.entry == "per-party" and earlier and not (text.transition and text.transition <= at):
        before = max(earlier, key=lambda each: each.version)
        late = [each.party for each in before.parties if before.entered(each.party, at) and not text.entered(each.party, at)]
        if late:
            said.append(f"{text.ref} is not in force for {joined(late)} and is tried alone: until it is, {before.ref} goes on for them")
    return text, tuple(said)

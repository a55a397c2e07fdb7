"""What an act of a party would change, before it is done: whom each version binds, before and after it, at the moment it takes effect."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from comity.agree.accord import Agreement
from comity.agree.acts import Deed
from comity.agree.rules import Rules
from comity.agree.status import statuses
from comity.agree.steps import check


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A party under one version: why that does not bind it before the act and after it; empty where it does."""

    ref: str
    party: str
    before: str
    after: str


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from an act `at` a moment: who is bound otherwise than before, and between whom the version then works.

    `partners` are the parties with which the one that acts is bound by this version; `clauses` those that it has not reserved.
    """

    at: datetime
    turns: tuple[Turn, ...]
    partners: tuple[str, ...]
    clauses: tuple[str, ...]

    @property
    def mark(self) -> str:
        """The same for two looks that come to the same."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()


def outlook(rules: Rules, deed: Deed) -> Outlook:
    """Look ahead. Raises Conflict or AgreementFault for an act that the party cannot do, as recording it would.

    1. the act is checked against the text as all earlier acts have made it  2. it is added to the rules  3. both are asked whom they bind
    """
    # 1.
    held = _of(rules, deed.ref)
    check(held, deed)
    # 2.
    after = Rules(rules.agreements, rules.register, rules.approvals.values(), [deed])
    made = _of(after, deed.ref)
    at = _effective(made, deed)
    # 3.
    turns = []
    for version in rules.versions(made.id):
        now = {each.party: each.why for each in statuses(version, rules, at)}
        then = {each.party: each.why for each in statuses(_of(after, version.ref), after, at)}
        turns += [
            Turn(ref=version.ref, party=party, before=now.get(party, "not a party"), after=why)
            for party, why in then.items()
            if now.get(party, "not a party") != why
        ]
    bound = {each.party for each in statuses(made, after, at) if each.bound}
    partners = sorted(bound - {deed.party}) if deed.party in bound else []
    section = made.signatory(deed.party)
    reserved = section.reservations if section else ()
    return Outlook(
        at=at, turns=tuple(turns),
        partners=tuple(party for party in partners if after.governs(made, (deed.party, party), at)),
        clauses=tuple(clause.id for clause in made.clauses if clause.id not in reserved),
    )  # fmt: skip


def _effective(made: Agreement, deed: Deed) -> datetime:
    """When the act takes effect: a ratification with entry into force, a withdrawal with the end of its notice."""
    section = made.signatory(deed.party)
    end = section.end(made.notice) if section and deed.act == "withdraw" else None
    return max(deed.on, end or deed.in_force or deed.on)


def _of(rules: Rules, ref: str) -> Agreement:
    return next(each for each in rules.agreements if each.ref == ref)

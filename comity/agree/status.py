"""Where each party of an agreement stands at a moment: bound or why not, and every step it took, each with on whose word."""

from __future__ import annotations

from datetime import datetime

import msgspec

from comity.agree.accord import Agreement
from comity.agree.life import ADMINISTRATOR, SIGNATURE, TEXT, Step
from comity.agree.rules import Rules

#: On whose word a step stands, for people.
WORDS = {TEXT: "the text", ADMINISTRATOR: "administrator, unsigned", SIGNATURE: "own signature"}


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """One party's. `why` it is not bound is empty when it is; `standing` is that of the register, empty for none."""

    party: str
    role: str
    standing: str
    why: str
    authority: str
    steps: tuple[Step, ...]

    @property
    def bound(self) -> bool:
        """Whether the agreement binds the party."""
        return not self.why


def statuses(agreement: Agreement, rules: Rules, at: datetime, known: datetime | None = None) -> list[Status]:
    """Of every party that a section or an act names, and, where the text binds all, of everybody with a standing; by code.

    The agreement is as `Rules.known` gives it, the register as it was `known` at a moment (None: now). A party is not bound by a version
    that no longer governs between it and anybody whom that version binds.
    """
    codes, register = {section.party for section in agreement.parties}, rules.register
    if agreement.entry == "all":
        codes |= {code for body in agreement.spans for code in register.parties(body) if register.standing(code, body, at, known)}
    why = {code: agreement.hindrance(code, register, at, known) for code in sorted(codes)}
    newer = [each for each in rules.versions(agreement.id, known) if each.version > agreement.version]
    # Which version governs depends on which of these each side has entered: one of the parties that entered the same stands for all.
    alike = {tuple(each.version for each in newer if each.entered(code, at)): code for code, hindrance in why.items() if not hindrance}
    for code, hindrance in why.items():
        if not hindrance and not any(rules.governs(agreement, (code, other), at, known) for other in alike.values()):
            why[code] = "a newer version has taken its place"
    return [_status(agreement, rules, code, at, known, hindrance) for code, hindrance in why.items()]


def _status(agreement: Agreement, rules: Rules, code: str, at: datetime, known: datetime | None, why: str) -> Status:
    section = agreement.signatory(code)
    return Status(
        party=code,
        role=agreement.role(code),
        standing=next(filter(None, (rules.register.standing(code, body, at, known) for body in agreement.spans)), ""),
        why=why,
        authority=section.authority if section else "",
        steps=tuple(section.steps(agreement.notice)) if section else (),
    )

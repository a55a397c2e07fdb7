"""Where each party of an agreement stands at a moment: bound or why not, and every step it took, each with on whose word."""

from __future__ import annotations

from datetime import datetime

import msgspec

from comity.agree.accord import Agreement
from comity.agree.life import ADMINISTRATOR, SIGNATURE, TEXT, Step
from comity.terms.party import Register

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


def statuses(agreement: Agreement, register: Register, at: datetime, known: datetime | None = None) -> list[Status]:
    """Of every party that a section or an act names, and, where the text binds all, of everybody with a standing; by code.

    The register is as it was `known` at a moment (None: now).
    """
    codes = {section.party for section in agreement.parties}
    if agreement.entry == "all":
        codes |= {code for code in register.parties(agreement.body) if register.standing(code, agreement.body, at, known)}
    return [_status(agreement, register, code, at, known) for code in sorted(codes)]


def _status(agreement: Agreement, register: Register, code: str, at: datetime, known: datetime | None) -> Status:
    section = agreement.signatory(code)
    return Status(
        party=code,
        role=agreement.role(code),
        standing=register.standing(code, agreement.body, at, known) or "",
        why=agreement.hindrance(code, register, at, known),
        authority=section.authority if section else "",
        steps=tuple(section.steps(agreement.notice)) if section else (),
    )

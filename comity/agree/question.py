"""What is asked and what is answered: Question, Decision and its Reasons."""

from __future__ import annotations

from datetime import datetime

import msgspec

from comity.agree import duration, duties
from comity.agree.clauses import Fact
from comity.agree.redact import Profile

#: The `agreement` of a reason that no agreement gives: the numbered steps themselves.
BUILT_IN = "built-in"
#: From the widest to the strictest: the item as it is, a copy without some fields, nothing until approved, nothing.
EFFECTS = ("permit", "redact", "approve", "deny")


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """May `recipient` see an item that the node of `holder` holds, in `body`, for `purposes`?

    `across` names another body where the item would go to its hub, on its way to the recipient: then only a protocol between the two bodies
    can permit it. Asked as of `valid_at`, with register, agreements and approvals as they were known at `known_at` (None: as known now).
    """

    recipient: str
    body: str
    purposes: tuple[str, ...]
    holder: str
    valid_at: datetime
    known_at: datetime | None = None
    across: str = ""


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One clause and what it did. For a clause that did not match, `facts` are the tests that failed; else what approval it awaits.

    `agreement` is its id, `version` its version; for the numbered steps they are `BUILT_IN` and 0, and `clause` the rule.
    """

    agreement: str
    clause: str
    text: str
    effect: str
    facts: tuple[Fact, ...] = ()
    version: int = 0

    @property
    def ref(self) -> str:
        """`id@version`, or `built-in`."""
        return f"{self.agreement}@{self.version}" if self.version else self.agreement


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer: `effect` is one of `EFFECTS`; `rule` the slug of the step that decided. The first of `reasons` governs.

    A release binds the recipient to all `duties` of the permitting clauses, to passing on only as all of them and G10 allow (`onward`), and
    to every one of their `retains` (ISO 8601 durations from receipt). `profile` says what a redacted copy leaves out.
    """

    effect: str
    rule: str
    reasons: tuple[Reason, ...] = ()
    duties: tuple[str, ...] = ()
    onward: str = "none"
    retains: tuple[str, ...] = ()
    profile: Profile | None = None

    @property
    def permits(self) -> bool:
        """Whether the item may be released as it is."""
        return self.effect == "permit"

    @property
    def governing(self) -> Reason | None:
        """The clause by which the item is released, or would be once approved; None for a refusal or a built-in rule."""
        return self.reasons[0] if self.rule in ("clause", "approval") and self.effect != "deny" else None

    @property
    def retain(self) -> str | None:
        """The shortest of `retains`, for people; None: no clause says."""
        return duration.shortest(self.retains)

    def expires(self, received: datetime) -> datetime | None:
        """When a recipient that received the item at a moment must have erased it: the earliest that any permitting clause says."""
        return min((duration.after(received, retain) for retain in self.retains), default=None)

    def due(self, received: datetime) -> dict[str, datetime | None]:
        """Duty -> its earliest deadline for who received the item at a moment; None where the occasion sets it."""
        found: dict[str, datetime | None] = {}
        for duty in map(duties.read, self.duties):
            moments = [moment for moment in (found.get(duty.name), duty.due(received)) if moment is not None]
            found[duty.name] = min(moments, default=None)
        return found

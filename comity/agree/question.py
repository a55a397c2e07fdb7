"""What is asked and what is answered: Question, Decision and its Reasons."""

from __future__ import annotations

from datetime import datetime

import msgspec

from comity.agree.clauses import Fact

#: The `agreement` of a reason that no agreement gives: the numbered steps themselves.
BUILT_IN = "built-in"


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """May `recipient` see an item that the node of `holder` holds, in `body`, for `purposes`?

    Asked as of `valid_at`, with the register as it was known at `known_at` (None: as known now).
    """

    recipient: str
    body: str
    purposes: tuple[str, ...]
    holder: str
    valid_at: datetime
    known_at: datetime | None = None


class Reason(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One clause and what it did. For a clause that did not match, `facts` are the tests that failed.

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
    """The answer: `effect` is `permit`, `redact` or `deny`; `rule` the slug of the step that decided.

    A release binds the recipient to all `duties` of the permitting clauses, to the strictest of their `onward` and to the
    shortest of their `retain` (ISO 8601 duration from receipt; None: no clause says).
    """

    effect: str
    rule: str
    reasons: tuple[Reason, ...] = ()
    duties: tuple[str, ...] = ()
    onward: str = "none"
    retain: str | None = None

    @property
    def permits(self) -> bool:
        """Whether anything may be released at all, whole or redacted."""
        return self.effect != "deny"

"""Values of the JSON API about what goes over links: whether an object arrived, and what became of one that was taken back."""

from __future__ import annotations

from typing import Literal

import msgspec

from comity.wire import Moment

#: How far an object has come: the decision is no; it waits for an exchange; the link is down, or its node takes no parcels; it was given,
#: and not confirmed; its node refused it, took it in, erased it, keeps it though it was taken back; its client fetched it, or did not.
ArrivalState = Literal[
    "denied", "waiting", "link down", "unconfirmed", "refused", "arrived", "deleted", "kept", "fetched", "not fetched"
]  # fmt: skip
#: What became of an object that was taken back, at a party that had it.
RecallState = Literal["deleted", "kept", "told", "silent", "cannot be told"]


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """How far a version of an origin's object has come on its way to a party, and why no further.

    `at` is when that was so, or since when (null: not known). `over` is the party over whose node it goes, if it is another.
    `proven`: the party's own signature says it, by a key that is known here.
    """

    id: str
    version: str
    origin: str
    party: str
    state: ArrivalState
    why: str
    at: Moment | None
    over: str | None
    proven: bool


class RecallAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One party that had received the object: what it did, or since when it is silent."""

    party: str
    state: RecallState
    why: str
    at: Moment | None
    proven: bool


class RecallStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an object that its origin took back."""

    recall: str
    id: str
    version: str
    origin: str
    cause: str
    reason: str
    at: Moment
    parties: tuple[RecallAnswer, ...]


class RecallStatuses(msgspec.Struct, frozen=True, kw_only=True):
    """All of them for one object, the earliest first."""

    items: tuple[RecallStatus, ...]
    more: bool

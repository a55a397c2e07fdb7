"""What the log says of past disclosures of an object version: to whom, when, by which clauses, in which entry."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from comity.ledger.given import ABOUT, given
from comity.ledger.journal import Entry
from comity.release.desk import Desk
from comity.release.sight import Reader
from comity.wire import Disclosed


def past(desk: Desk, hashes: Collection[bytes], since: int = 0, base: int | None = None) -> dict[str, list[Disclosed]]:
    """Party -> the disclosures to it of any of the objects with these SHA-256 hashes, oldest first, from log entry `since` on.

    Several hashes are the original and its redacted copies. The log commits to bytes: where two origins sent the very same bytes, whoever
    received the one counts as having received the other. What the node's own party read is no disclosure (model.md, How it is recorded).
    An entry cites the clauses of a whole page; `base`, the original's facts, leaves those by which it was given itself.
    """
    found: dict[str, list[Disclosed]] = {}
    for index, entry, _ in given(desk.world.store.leaves(since), hashes):
        told = Disclosed(entry=index, at=entry.at, agreements=entry.agreements if base is None else _cited(desk, entry, base))
        found.setdefault(str(entry.party), []).append(told)
    return found


def fetched(desk: Desk, hashes: Collection[bytes], party: str, since: int = 0) -> datetime | None:
    """When any of the objects with these hashes last went to a party itself, not only something of it, by log entries from `since` on."""
    entries = (entry for _, entry, _ in given(desk.world.store.leaves(since), hashes) if entry.party == party)
    return max((entry.at for entry in entries if ABOUT not in entry.detail), default=None)


def _cited(desk: Desk, entry: Entry, base: int) -> tuple[str, ...]:
    """Those of the clauses that an entry cites by which items of a base row were released, as it was decided then.

    All of them where that cannot be told any more: an approval was revoked since.
    """
    body, purposes = entry.detail.get("body"), entry.detail.get("purposes")
    if len(entry.agreements) < 2 or not isinstance(body, str) or not isinstance(purposes, list):
        return entry.agreements
    reader = Reader(party=str(entry.party), body=body, purposes=tuple(map(str, purposes)))
    then = desk.sight(reader, entry.at, entry.at).grounds(base)
    return tuple(name for name in entry.agreements if name in then) or entry.agreements

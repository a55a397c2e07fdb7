"""What the log says of past disclosures of an object version: to whom, when, by which clauses, in which entry."""

from __future__ import annotations

from collections.abc import Collection

from comity.ledger.given import given
from comity.release.desk import Desk
from comity.wire import Disclosed


def past(desk: Desk, hashes: Collection[bytes], since: int = 0) -> dict[str, list[Disclosed]]:
    """Party -> the disclosures to it of any of the objects with these SHA-256 hashes, oldest first, from log entry `since` on.

    Several hashes are the original and its redacted copies. The log commits to bytes: where two origins sent the very same bytes, whoever
    received the one counts as having received the other. What the node's own party read is no disclosure (model.md, How it is recorded).
    """
    found: dict[str, list[Disclosed]] = {}
    for index, entry, _ in given(desk.world.store.leaves(since), hashes):
        told = Disclosed(entry=index, at=entry.at, agreements=entry.agreements)
        found.setdefault(str(entry.party), []).append(told)
    return found

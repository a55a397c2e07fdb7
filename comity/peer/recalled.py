"""What became of an object that was taken back, at each party that had received it: it says that it erased it, or why it keeps it; it was
told and need not answer; it has not answered since a moment (null: it was never heard from); or there is no way to tell it.
"""

from __future__ import annotations

from comity.admin.tokens import tokens
from comity.clock import from_micros, micros
from comity.errors import NotFound
from comity.intake.withdraw import Recall, recalls, recipients
from comity.peer import book, receipts
from comity.peer import partner as partners
from comity.store import tombstones
from comity.wire_links import RecallAnswer, RecallState, RecallStatus
from comity.world import World


def status(world: World, recall: Recall) -> list[RecallAnswer]:
    """Each party that had received the object, by code; parties behind a centre as far as their receipts say that they had it."""
    sha, taken = bytes.fromhex(recall.sha), micros(recall.at)
    again = [each.at for each in recalls(world) if (each.party, each.sha) == (recall.party, recall.sha) and each.at > recall.at]
    until = micros(min(again)) if again else None
    had = receipts.about(world, recall.party, sha, until=until)
    # What a node says later of the same bytes holds as well; and that it has erased them, if it said so before this notice came to it.
    said = {party: kept for party, kept in had.items() if kept.confirmed.receipt.outcome == "deleted" and kept.heard >= recall.arrival}
    said |= receipts.about(world, recall.party, sha, taken, gone=True) | receipts.about(world, recall.party, sha, taken, until, gone=True)
    parties = {*recipients(world, [recall])[recall.name], *had, *said} - {recall.party, world.settings.party}
    return [_answered(world, recall, party, said.get(party), had.get(party)) for party in sorted(parties)]


def _answered(world: World, recall: Recall, party: str, said: receipts.Kept | None, had: receipts.Kept | None) -> RecallAnswer:
    """`said` is what it said of the recall, `had` the last that was heard of it there."""
    if said:
        receipt = said.confirmed.receipt
        state: RecallState = "deleted" if receipt.outcome == "deleted" else "kept"
        return RecallAnswer(party=party, state=state, why=receipt.why, at=receipt.at, proven=said.proven)
    if told := tombstones.told(world.store, party, recall.name):
        return RecallAnswer(party=party, state="told", why="", at=told, proven=False)
    links = [link for link in book.peers(world) if link.kind == "comity" and link.party == party]
    if links:
        heard = max(partners.state(world, link.name).heard for link in links)
        return RecallAnswer(party=party, state="silent", why="", at=from_micros(heard) if heard else None, proven=False)
    if had:
        receipt, at = had.confirmed.receipt, from_micros(had.heard)
        if receipt.outcome == "told":
            return RecallAnswer(
                party=party, state="told", why=f"by {receipt.party}" + (receipt.why and f": {receipt.why}"), at=receipt.at, proven=False
            )
        why = f"it fetched it from {receipt.party}, and has not read on since" if receipt.of else "it had it over a centre"
        return RecallAnswer(party=party, state="silent", why=why, at=at, proven=False)
    if any(token.party == party and "taxii:read" in token.scopes and token.expires > world.clock() for token in tokens(world)):
        return RecallAnswer(party=party, state="silent", why="it fetched the object, and has not read on since", at=None, proven=False)
    why = "it fetched the object, and has neither a linked node nor a token for TAXII here"
    return RecallAnswer(party=party, state="cannot be told", why=why, at=None, proven=False)


def statuses(world: World, party: str, name: str) -> list[RecallStatus]:
    """Every recall of an object id, or the one that goes by a name, as far as it is a party's own; for the node's own party all.

    Raises NotFound.
    """
    found = [recall for recall in recalls(world, name) if party in (recall.party, world.settings.party)]
    if not found:
        raise NotFound(f"nothing of yours was withdrawn here under {name}")
    return [
        RecallStatus(
            recall=each.name, id=each.id, version=each.version, origin=each.party, cause=each.cause, reason=each.reason, at=each.at,
            parties=tuple(status(world, each)),
        )
        for each in found
    ]  # fmt: skip

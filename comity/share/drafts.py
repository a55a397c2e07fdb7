"""What people are about to share: drafts of theirs alone, kept here so that they survive sign-out and restart.

A draft has a version that counts up. Whoever saves says which version they read; if somebody was quicker, as the same person in another
tab, nothing is overwritten.

Crash story: each save is one commit; "saved" is said after it.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

import msgspec

from comity.admin.users import DRAFTS, User
from comity.errors import Conflict, NotFound, SenderFault
from comity.store.protocol import Tx
from comity.terms.item import Outcome
from comity.world import World

#: Drafts of one person, and characters of one.
MOST, LONGEST = 100, 1 << 20
_ABSENT = "there is no such draft of yours"


class Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a draft says, as it was typed. `text` is anything that `comity add` takes; `ids` are one's own objects to share anew.

    `title` and `about` make a report of all of it. `to` None leaves the audience to the agreement.
    """

    title: str = ""
    about: str = ""
    text: str = ""
    ids: tuple[str, ...] = ()
    tlp: str = "amber"
    pap: str | None = None
    purposes: tuple[str, ...] = ("network-defence",)
    handling: tuple[str, ...] = ()
    to: tuple[str, ...] | None = None


class Draft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A draft of a person who was entered at `since`. `sent` holds what became of its objects, once it was sent; then it stays as it is."""

    id: str
    user: str
    since: datetime
    version: int
    changed: datetime
    said: Said
    sent: tuple[Outcome, ...] | None = None


class Overtaken(Conflict):
    """Somebody saved the draft meanwhile: `draft` is what it says now."""

    def __init__(self, draft: Draft) -> None:
        super().__init__("this draft was changed meanwhile", next="compare the two, and save the one that you want")
        self.draft = draft


def begin(world: World, user: User, said: Said) -> Draft:
    """A new draft. Raises SenderFault for one too many, or too long."""
    _check(said)
    with world.store.write() as tx:
        if len(of(world, user)) >= MOST:
            raise SenderFault(f"you have {MOST} drafts", next="discard those that you do not need")
        id_ = secrets.token_hex(6)
        return _keep(tx, Draft(id=id_, user=user.name, since=user.created, version=1, changed=world.clock(), said=said))


def save(world: World, user: User, id_: str, version: int, said: Said) -> Draft:
    """Change a draft. Raises NotFound, Overtaken, SenderFault for one that is too long, Conflict for one that was sent."""
    _check(said)
    with world.store.write() as tx:
        before = current(world, user, id_, version)
        return _keep(tx, _next(world, before, said=said))


def current(world: World, user: User, id_: str, version: int) -> Draft:
    """A draft that has not been sent, in the version that somebody read. Raises NotFound, Overtaken, Conflict for one that was sent."""
    return _unsent(find(world, user, id_), version)


def close(world: World, tx: Tx, draft: Draft, sent: tuple[Outcome, ...]) -> Draft:
    """Note that a draft was sent, within the critical section of the sending.

    Raises NotFound, Overtaken, Conflict where the draft was discarded (as with its person), changed or sent meanwhile.
    """
    found = _held(world, draft.id)
    if found is None or (found.user, found.since) != (draft.user, draft.since):
        raise NotFound(_ABSENT)
    return _keep(tx, _next(world, _unsent(found, draft.version), sent=sent))


def discard(world: World, user: User, id_: str) -> None:
    """Remove a draft. Raises NotFound."""
    with world.store.write() as tx:
        find(world, user, id_)
        tx.put_private(DRAFTS, id_, None)


def forget(world: World, before: datetime) -> int:
    """Remove drafts that nobody has changed since a moment, and those sent of whose objects none is here any more; how many (G11)."""
    kept = [msgspec.json.decode(value, type=Draft) for _, value in world.store.privates(DRAFTS)]
    over = [each for each in kept if each.changed < before or (each.sent and not _here(world, each.sent))]
    if over:
        with world.store.write() as tx:
            for each in over:
                tx.put_private(DRAFTS, each.id, None)
    return len(over)


def _here(world: World, sent: tuple[Outcome, ...]) -> bool:
    return bool(world.store.by_id([each.id for each in sent if each.id]))


def find(world: World, user: User, id_: str) -> Draft:
    """One draft of a person. Raises NotFound: others' are not there."""
    found = _held(world, id_)
    if found is None or (found.user, found.since) != (user.name, user.created):
        raise NotFound(_ABSENT)
    return found


def of(world: World, user: User) -> list[Draft]:
    """A person's drafts: those not sent first, then those changed last."""
    kept = [msgspec.json.decode(value, type=Draft) for _, value in world.store.privates(DRAFTS)]
    mine = [each for each in kept if (each.user, each.since) == (user.name, user.created)]
    return sorted(sorted(mine, key=lambda each: each.changed, reverse=True), key=lambda each: each.sent is not None)


def _held(world: World, id_: str) -> Draft | None:
    stored = world.store.private(DRAFTS, id_)
    return msgspec.json.decode(stored, type=Draft) if stored is not None else None


def _unsent(found: Draft, version: int) -> Draft:
    if found.sent is not None:
        raise Conflict("this draft has been sent", next="begin another")
    if found.version != version:
        raise Overtaken(found)
    return found


def _check(said: Said) -> None:
    if sum(map(len, (said.title, said.about, said.text, *said.ids))) > LONGEST:
        raise SenderFault(f"a draft has at most {LONGEST} characters", next="share it in parts, or with comity add")


def _next(world: World, before: Draft, **changes: Any) -> Draft:
    return msgspec.structs.replace(before, version=before.version + 1, changed=world.clock(), **changes)


def _keep(tx: Tx, draft: Draft) -> Draft:
    tx.put_private(DRAFTS, draft.id, msgspec.json.encode(draft))
    return draft

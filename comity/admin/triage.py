"""What a party's people made of what arrived: accepted, filed, disputed; and who sees to what. The node's own business, never an item.

A note is about an object as it stood at a stamp: what comes later under the same id is new again. Nothing of it is told to other parties;
a dispute is told to the producer as an opinion, which is an item (`match.feedback`).

Crash story: one step of one person, about any number of objects, is one commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from weakref import WeakKeyDictionary

import msgspec

from comity.admin import users
from comity.errors import NotFound, SenderFault
from comity.store.protocol import Store
from comity.world import World

#: What may be made of an arrival; `new` is none of them yet.
STATES = ("accepted", "filed", "disputed")
NEW = "new"
#: The counter that every step advances, and a purge of what was noted.
CHANGED = "triage"
#: Objects in one step.
MOST = 1_000
#: Characters of a reason.
LONGEST = 2_000


class Note(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was made of one object: `state` as of the `stamp` at which it was seen, by whom and when; and whom it is assigned to."""

    state: str = NEW
    stamp: int = 0
    why: str = ""
    by: str
    at: datetime
    assignee: str = ""

    def stands(self, stamp: int) -> str:
        """The state of the object as it came at a stamp."""
        return self.state if stamp <= self.stamp else NEW


#: Party -> its notes, with the counter as it stood when they were read.
_READ: WeakKeyDictionary[Store, dict[str, tuple[int, Sequence[tuple[str, Note]]]]] = WeakKeyDictionary()


def space(party: str) -> str:
    """The private space of a party's notes, by object id."""
    return f"triage|{party}"


def note(world: World, party: str, id_: str) -> Note | None:
    """What a party's people noted of an object."""
    raw = world.store.private(space(party), id_)
    return msgspec.json.decode(raw, type=Note) if raw is not None else None


def notes(world: World, party: str) -> Sequence[tuple[str, Note]]:
    """Object id and note, for all that a party's people noted. Read anew only after a step: in years they come to tens of thousands."""
    count, known = world.store.counter(CHANGED), _READ.setdefault(world.store, {})
    if party not in known or known[party][0] != count:
        decoder = msgspec.json.Decoder(Note)
        known[party] = (count, [(id_, decoder.decode(raw)) for id_, raw in world.store.privates(space(party))])
    return known[party][1]


def decide(
    world: World, user: users.User, objects: Mapping[str, int], state: str, *, since: datetime, why: str = ""
) -> dict[str, Note]:  # fmt: skip
    """Give objects (id -> stamp) a state. Those of which somebody else noted something else after `since` are left alone and given back.

    `since` is when the person's page was drawn: nobody's word is overwritten unseen. Raises SenderFault.
    """
    if state not in (*STATES, NEW):
        raise SenderFault(f"{state!r} is not a state", next="one of " + ", ".join((*STATES, NEW)))
    if len(why) > LONGEST:
        raise SenderFault(f"the reason has more than {LONGEST} characters", next="say it shorter")
    at = world.clock()

    def change(id_: str, before: Note | None) -> Note:
        return Note(state=state, stamp=objects[id_], why=why, by=user.name, at=at, assignee=before.assignee if before else "")

    return _step(world, user, objects, since, lambda each: each.state != state, change)


def assign(world: World, user: users.User, objects: Mapping[str, int], to: str, *, since: datetime) -> dict[str, Note]:
    """Let somebody of the person's party see to objects, or (empty) nobody. As `decide`; NotFound for a stranger's name."""
    if to and users.find(world, to).party != user.party:
        raise NotFound(f"there is no {to} here")
    at = world.clock()

    def change(id_: str, before: Note | None) -> Note:
        known = before or Note(by=user.name, at=at)
        return msgspec.structs.replace(known, by=user.name, at=at, assignee=to)

    return _step(world, user, objects, since, lambda each: each.assignee not in ("", to), change)


def colleagues(world: World, party: str) -> list[str]:
    """The names of a party's people."""
    return [each.name for each in users.users(world) if each.party == party]


def _step(
    world: World, user: users.User, ids: Iterable[str], since: datetime, differs: Callable[[Note], bool],
    change: Callable[[str, Note | None], Note],
) -> dict[str, Note]:  # fmt: skip
    """Write a note for each id, but where another person's newer one differs; those are given back."""
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > MOST:
        raise SenderFault(f"these are more than {MOST} objects", next="choose fewer at a time")
    left: dict[str, Note] = {}
    with world.store.write() as tx:
        for id_ in wanted:
            before = note(world, user.party, id_)
            if before is not None and before.by != user.name and before.at > since and differs(before):
                left[id_] = before
            else:
                tx.put_private(space(user.party), id_, msgspec.json.encode(change(id_, before)))
        if len(left) < len(wanted):
            tx.bump(CHANGED)
    return left

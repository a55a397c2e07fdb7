"""What must hold before an item is shown: its own facts, and a web of what else must be visible. Pure; the body of a trait row.

A web has one group per object that is named, directly or by others, and in a group one alternative per party's claim of that object: the
base row it was submitted under, and the groups that it needs in turn. Groups that ask for the same are one, so that items which look
alike share a row whatever the ids are. A group without alternatives is an object that nobody sent: it is met by nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from comity.terms.traits import Traits

#: A web of more alternatives than this counts as never met, as does one that takes more work to fold (objects times rounds): hostile
#: webs of references cost their sender, not the node.
PARTS = 20_000
WORK = 500_000


class Alternative(msgspec.Struct, frozen=True, order=True, array_like=True, omit_defaults=True):
    """One way to meet a group: what a base row says, and the groups (numbers in the web) that must be met besides."""

    row: int
    needs: tuple[int, ...] = ()


#: At least one of its alternatives must be met.
Group = tuple[Alternative, ...]


class Needs(msgspec.Struct, frozen=True, array_like=True):
    """The groups that must be met, as numbers in the web of all groups that they lead to."""

    groups: tuple[int, ...]
    web: tuple[Group, ...]


#: Nothing else is asked for.
NOTHING = Needs((), ())
#: Asks for what nobody sent: met by nobody.
NEVER = Needs((0,), ((),))


class Condition(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a trait row: the facts of the item itself, and what else must be visible."""

    base: Traits
    needs: Needs = NOTHING


_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Condition).decode


def write_condition(base: Traits, needs: Needs = NOTHING) -> bytes:
    """A trait row's body; equal conditions give equal bytes."""
    return _encode(Condition(base, needs))


def read_condition(body: bytes) -> Condition:
    """The inverse of `write_condition`. Raises msgspec.MsgspecError."""
    return _decode(body)


#: A claim as `fold` takes it: its base row and the ids it names.
Node = tuple[int, tuple[str, ...]]


def fold(refs: Sequence[str], claims: Mapping[str, Sequence[Node]]) -> Needs:
    """What naming these objects asks for, given the claims of each object that they lead to (absent: nobody's).

    1. All groups count as alike; 2. those whose alternatives differ are told apart, until no more are; 3. each sort becomes one group.
    Numbers come from sorted contents alone, so neither ids nor the order of arrival show in the result.
    """
    # 1.
    sort = dict.fromkeys([*refs, *claims, *(ref for nodes in claims.values() for _, named in nodes for ref in named)], 0)
    count = min(1, len(sort))
    # 2.
    for _ in range(2 + WORK // max(1, len(sort))):
        looks = {id_: (sort[id_], _alternatives(claims.get(id_, ()), sort)) for id_ in sort}
        ranks = {look: rank for rank, look in enumerate(sorted(set(looks.values())))}
        sort = {id_: ranks[look] for id_, look in looks.items()}
        if len(ranks) == count:
            break
        count = len(ranks)
    else:
        return NEVER
    # 3.
    web: list[Group] = [()] * count
    for id_, number in sort.items():
        web[number] = tuple(Alternative(row, needs) for row, needs in _alternatives(claims.get(id_, ()), sort))
    groups = tuple(sorted({sort[ref] for ref in refs}))
    if any(not web[number] for number in groups) or sum(map(len, web)) > PARTS:
        return NEVER
    return Needs(groups, tuple(web))


def _alternatives(nodes: Sequence[Node], sort: Mapping[str, int]) -> tuple[tuple[int, tuple[int, ...]], ...]:
    return tuple(sorted({(row, tuple(sorted({sort[ref] for ref in named}))) for row, named in nodes}))


def met(needs: Needs, permits: Callable[[int], bool], direct: Callable[[int], bool]) -> bool:
    """Whether all groups are met by somebody to whom items of some base rows are permitted, and of some shown whatever they name.

    The greatest answer: objects that name each other are visible together unless something else hides one of them.
    """
    there = [any(permits(each.row) for each in group) for group in needs.web]
    changed = all(there[number] for number in needs.groups)
    while changed:
        changed = False
        for number, group in enumerate(needs.web):
            if there[number] and not any(permits(e.row) and (direct(e.row) or all(there[n] for n in e.needs)) for e in group):
                there[number] = False
                changed = True
    return all(there[number] for number in needs.groups)

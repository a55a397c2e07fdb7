"""Places for a graph that grows out of one object: what points at it stands to the left, what it points at to the right, column by column.

Each object stands once, beside the first that leads to it; every other tie is a line across. Places are in pixels, the object itself at
(0, 0); a row is `ROW` high, so that each name is a line of its own that can be read and pressed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

import msgspec

from comity.doors.web.pictures.pivot import Group, Pivot

#: Pixels of a row, of the line above a group, and from one column to the next.
ROW, HEAD, COLUMN = 26, 22, 270


class Place(msgspec.Struct, kw_only=True):
    """Where something stands: an object, a `group` that is only counted, or (`head`) the line above a group. `side` is -1, 0 or 1.

    `parent` is the object it stands beside.
    """

    x: float
    y: float
    side: int
    id: str = ""
    parent: str = ""
    group: Group | None = None
    head: bool = False


class _Branch(msgspec.Struct, kw_only=True):
    """What stands at one place, with the branches beside it."""

    place: Place
    height: float = 0.0
    children: list[_Branch] = []


def places(pivot: Pivot) -> list[Place]:
    """A place for every object, for the rest of every group, and for the line above each, in the order of reading."""
    placed = {pivot.root}
    trees = [_grown(pivot, pivot.root, placed)]
    trees += [_grown(pivot, id_, placed) for id_, node in pivot.nodes.items() if node.open and not _taken(placed, id_)]
    found: list[Place] = []
    top = 0.0
    for number, (root, left, right) in enumerate(trees):
        height = max(sum(branch.height for branch in side) for side in (left, right))
        middle = 0.0 if number == 0 else top + max(height, ROW) / 2
        root.y = middle
        found.append(root)
        for side in (left, right):
            found += _laid(side, middle - sum(branch.height for branch in side) / 2)
        top = max(top, middle + max(height, ROW) / 2 + HEAD)
    return found


def _taken(placed: set[str], id_: str) -> bool:
    if id_ in placed:
        return True
    placed.add(id_)
    return False


def _grown(pivot: Pivot, root: str, placed: set[str]) -> tuple[Place, list[_Branch], list[_Branch]]:
    """The place of an object and the branches to its left and right."""
    sides: tuple[list[_Branch], list[_Branch]] = ([], [])
    for outward in (False, True):
        side = 1 if outward else -1
        for branch in _branches(pivot, root, placed, side, 1, outward):
            sides[outward].append(branch)
    return Place(x=0, y=0, side=0, id=root), *sides


def _branches(pivot: Pivot, parent: str, placed: set[str], side: int, depth: int, outward: bool | None = None) -> Iterator[_Branch]:
    """What stands beside an object, group by group: the line above, its objects with what stands beside them, and the rest's number."""
    groups = [group for group in pivot.groups if group.of == parent and outward in (None, group.outward)]
    for group in groups:
        mine = [id_ for id_ in group.drawn if id_ in pivot.nodes and not _taken(placed, id_)]
        if not mine and not group.rest:
            continue
        x = side * depth * COLUMN
        yield _Branch(place=Place(x=x, y=0, side=side, parent=parent, group=group, head=True), height=HEAD)
        for id_ in mine:
            beside = list(_branches(pivot, id_, placed, side, depth + 1)) if pivot.nodes[id_].open else []
            height = max(ROW, sum(branch.height for branch in beside))
            yield _Branch(place=Place(x=x, y=0, side=side, id=id_, parent=parent), height=height, children=beside)
        if group.rest:
            yield _Branch(place=Place(x=x, y=0, side=side, parent=parent, group=group), height=ROW)


def _laid(branches: Sequence[_Branch], top: float) -> Iterator[Place]:
    """Branches below each other from a height on, each in the middle of what stands beside it."""
    for branch, below in zip_longest(branches, branches[1:]):
        branch.place.y = top + branch.height / 2
        if branch.place.head and below is not None:  # right above the first of its group
            branch.place.y = top + branch.height + (below.height - ROW - HEAD) / 2
        yield branch.place
        yield from _laid(branch.children, top + (branch.height - sum(child.height for child in branch.children)) / 2)
        top += branch.height

"""A graph around one object: what is drawn, what is only counted, and which of the drawn have more around them.

    1. open    the object and those that the address opens, as far as they are visible
    2. group   what is around each, by relationship, direction and type, what came last first
    3. draw    of each group a few, and what the address asks for by name; of the rest their number. `LIMIT` in all
    4. look on what is around each that is drawn and not open: ties among the drawn, and how many more there are

Everything is about what the reader may see, so that no number tells of anything else. What is drawn is given by the desk, on record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from comity.doors.web.items import ends_named, heading, parsed
from comity.release import views
from comity.release.around import Around, around
from comity.release.desk import Desk
from comity.release.sight import Reader

#: Nodes and groups drawn at most; of one group; objects opened; and how many around one that is not open are counted.
LIMIT, SHARE, OPENED, COUNTED = 300, 10, 40, 50


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """What is around an object in one way: `drawn` one by one, `rest` only counted. `more`: there are more than could be counted."""

    of: str
    outward: bool
    label: str
    type: str
    drawn: tuple[str, ...]
    rest: int
    more: bool


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """One object. `beyond` is how many visible objects around it are not drawn, `more` if there are more still."""

    id: str
    type: str
    heading: dict[str, str]
    obj: dict[str, Any]
    open: bool
    beyond: int
    more: bool


class Pivot(msgspec.Struct, frozen=True, kw_only=True):
    """The graph. `ties` are (source, target, label, relationship id or ""); `left` is how many groups found no room."""

    root: str
    nodes: dict[str, Drawn]
    groups: list[Group]
    ties: list[tuple[str, str, str, str]]
    left: int


def pivot(desk: Desk, reader: Reader, root: str, opened: Sequence[str], named: Sequence[str]) -> Pivot:
    """The graph of what the reader sees around `root` and the `opened`, with those `named` drawn one by one. `root` must be visible."""
    # 1.
    found = around(desk, reader, list(dict.fromkeys([root, *opened]))[:OPENED])
    # 2. and 3.
    wanted = {*found, *named}
    ids: dict[str, None] = dict.fromkeys(found)
    groups: list[Group] = []
    left = 0
    for id_, what in found.items():
        for (outward, label, type_), others in _grouped(what).items():
            chosen = [other for other in others if other in wanted or other in ids]
            chosen += [other for other in others if other not in wanted and other not in ids][: max(0, SHARE - len(chosen))]
            room = LIMIT - len(ids) - sum(group.rest > 0 for group in groups) - 1
            new = [other for other in chosen if other not in ids]
            if room < 0:
                left += 1
                continue
            dropped = set(new[room:])
            chosen = [other for other in chosen if other not in dropped]
            ids.update(dict.fromkeys(chosen))
            rest = len(others) - len(chosen)
            groups.append(
                Group(of=id_, outward=outward, label=label, type=type_, drawn=tuple(chosen), rest=rest, more=what.more and rest > 0)
            )  # fmt: skip
    return _looked_on(desk, reader, root, ids, found, groups, left)


def members(desk: Desk, reader: Reader, id_: str, key: tuple[bool, str, str]) -> tuple[list[str], bool]:
    """Those of a group (outward, label, type) around one object, and whether there may be more than could be counted.

    Nothing for an object that is not visible.
    """
    found = around(desk, reader, [id_]).get(id_)
    return (_grouped(found).get(key, []), found.more) if found else ([], False)


def _grouped(what: Around) -> dict[tuple[bool, str, str], list[str]]:
    """(outward, label, type) -> the objects, what came last first; an object that is tied in several ways stands in the first."""
    groups: dict[tuple[bool, str, str], list[str]] = {}
    known: set[str] = set()
    for tie in what.ties:
        if tie.other not in known:
            known.add(tie.other)
            groups.setdefault((tie.outward, tie.label, tie.type), []).append(tie.other)
    return {key: others[::-1] for key, others in sorted(groups.items(), key=lambda group: (group[0][0], group[0][2], group[0][1]))}


def _looked_on(
    desk: Desk, reader: Reader, root: str, ids: Iterable[str], found: Mapping[str, Around], groups: list[Group], left: int
) -> Pivot:  # fmt: skip
    """Step 4."""
    drawn = list(ids)
    bodies = {id_: parsed(body) for id_, body in views.named(desk, reader, drawn).items()}
    called = ends_named(desk, reader, bodies)
    beside = around(desk, reader, [id_ for id_ in drawn if id_ not in found], COUNTED)
    nodes = {}
    for id_ in drawn:
        what = found.get(id_) or beside.get(id_)
        if id_ not in bodies or what is None:  # withdrawn meanwhile
            continue
        more = [other for other in what.others if other not in bodies]
        obj = bodies[id_]
        nodes[id_] = Drawn(
            id=id_, type=str(obj["type"]), heading=heading(obj, called), obj=obj, open=id_ in found,
            beyond=0 if id_ in found else len(more), more=what.more and id_ not in found,
        )  # fmt: skip
    ties = _ties({**found, **beside}, nodes)
    return Pivot(root=root, nodes=nodes, groups=groups, ties=ties, left=left)


def _ties(found: Mapping[str, Around], nodes: Mapping[str, Drawn]) -> list[tuple[str, str, str, str]]:
    """Each tie between two that are drawn, once. What simply names another is labelled by the property that does."""
    ties: dict[tuple[str, str, str], tuple[str, str, str, str]] = {}
    for id_, what in found.items():
        for tie in what.ties if id_ in nodes else ():
            if tie.other in nodes:
                source, target = (id_, tie.other) if tie.outward else (tie.other, id_)
                label = tie.label or property_of(nodes[source].obj, target)
                ties.setdefault((source, target, tie.via), (source, target, label, tie.via))
    return list(ties.values())


def property_of(obj: Mapping[str, Any], id_: str) -> str:
    """The name of the property by which an object names another; "" when it stands deeper."""
    for name, value in obj.items():
        if value == id_ or (isinstance(value, list) and id_ in value):
            return name
    return ""

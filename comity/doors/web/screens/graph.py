"""What stands around an object as a picture, as a table with the same numbers, and as files.

The address says all of it: `open` are the objects that are opened besides, `pin` those drawn one by one; undo is the browser's way back.
`of`, `label`, `type`, `way` and `from` list the members of one group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from comity.doors.web.items import names, titled
from comity.doors.web.page import File, Given, Page, Visit
from comity.doors.web.pictures.pivot import LIMIT, Pivot, members, pivot
from comity.doors.web.pictures.tree import COLUMN, ROW, Place, places
from comity.doors.web.render import TEMPLATES
from comity.doors.web.subject import subject
from comity.doors.web.words import Words
from comity.forms import stix_json
from comity.release import views

#: Members of a group on one page, and the most ids that an address names.
SIZE, NAMED = 100, 100
_english = Words("en")


def build(visit: Visit) -> dict[str, Any]:
    """The graph: `nodes`, `groups` that are only counted, `ties`, and the `table`, in which every one of them stands once.

    `rows` are the table, and the members of the group that is listed.
    """
    _, head = subject(visit)
    graph = _pivot(visit)
    stands = places(graph)
    nodes = _nodes(graph, stands)
    table = _rows(graph, visit.words)
    visit.one_of("view", ("table",))
    listing = _listing(visit) if visit.text("of") else None
    return {
        **head,
        "asked": {"open": _ids(visit, "open"), "pin": _ids(visit, "pin")},
        "limit": LIMIT,
        "left": graph.left,
        "nodes": nodes,
        "groups": _groups(graph, stands),
        "heads": _heads(graph, stands),
        "ties": [{"source": s, "target": t, "label": label, "via": via or None} for s, t, label, via in graph.ties],
        "table": table,
        "rows": [*table, *(_listed(listing, graph, table, visit.words) if listing else ())],
        "box": _box(stands),
        "listing": listing,
    }


def _ids(visit: Visit, name: str) -> list[str]:
    return list(dict.fromkeys(id_ for id_ in (visit.text(name) or "").split(",") if id_))[:NAMED]


def _pivot(visit: Visit) -> Pivot:
    return pivot(visit.desk, visit.reader, visit.part("id"), _ids(visit, "open"), _ids(visit, "pin"))


def _nodes(graph: Pivot, stands: list[Place]) -> list[dict[str, Any]]:
    """`toggle` is what `open` becomes when the node is opened, or closed with all that stands beside it."""
    above = {place.id: place.parent for place in stands if place.id}
    opened = [id_ for id_ in graph.nodes if graph.nodes[id_].open and id_ != graph.root]
    found = []
    for place in stands:
        if not place.id:
            continue
        node = graph.nodes[place.id]
        found.append(
            {
                "id": node.id,
                "type": node.type,
                "title": titled(_english, node.heading),
                "heading": node.heading,
                "open": node.open,
                "beyond": node.beyond,
                "more": node.more,
                "toggle": [id_ for id_ in opened if place.id not in _upwards(id_, above)] if node.open else [*opened, node.id],
                "parent": place.parent or None,
                "side": place.side,
                "x": place.x,
                "y": place.y,
            }
        )
    return found


def _upwards(id_: str, above: dict[str, str]) -> set[str]:
    """An object and all that lead to it."""
    found: set[str] = set()
    while id_ and id_ not in found:
        found.add(id_)
        id_ = above.get(id_, "")
    return found


def _groups(graph: Pivot, stands: list[Place]) -> list[dict[str, Any]]:
    """What is only counted, in which place."""
    return [
        {
            "of": place.group.of, "outward": place.group.outward, "label": place.group.label, "type": place.group.type,
            "count": place.group.rest, "more": place.group.more, "side": place.side, "x": place.x, "y": place.y,
        }
        for place in stands
        if place.group and not place.head
    ]  # fmt: skip


def _heads(graph: Pivot, stands: list[Place]) -> list[dict[str, Any]]:
    """The line above each group: what ties, of what type, how many are drawn and how many there are."""
    return [
        {
            "parent": place.parent, "outward": place.group.outward, "label": place.group.label, "type": place.group.type,
            "drawn": len(place.group.drawn), "count": len(place.group.drawn) + place.group.rest, "more": place.group.more,
            "side": place.side, "x": place.x, "y": place.y,
        }
        for place in stands
        if place.group and place.head
    ]  # fmt: skip


def _rows(graph: Pivot, words: Words) -> list[dict[str, Any]]:
    """The table: a row for each tie that is drawn, and one for what of each group is only counted (`to` is None there)."""
    called = {id_: titled(words, node.heading) for id_, node in graph.nodes.items()}
    rows = [
        {
            "from": source, "from_title": called[source], "label": label, "to": target, "to_title": called[target],
            "type": graph.nodes[source if target == graph.root else target].type, "via": via or None,
            "outward": True, "count": 1, "more": False,
        }
        for source, target, label, via in graph.ties
    ]  # fmt: skip
    rows += [
        {
            "from": group.of, "from_title": called.get(group.of, group.of), "label": group.label, "to": None, "to_title": None,
            "type": group.type, "via": None, "outward": group.outward, "count": group.rest, "more": group.more,
        }
        for group in graph.groups
        if group.rest
    ]  # fmt: skip
    return rows


def _box(stands: list[Place]) -> list[float]:
    """The picture's x, y, width and height."""
    left, right = (max([180, *(place.x * side + COLUMN - 18 for place in stands if place.side == side)]) for side in (-1, 1))
    top, bottom = min(place.y for place in stands) - ROW, max(place.y for place in stands) + ROW
    return [-left, top, left + right, bottom - top]


def _listing(visit: Visit) -> dict[str, Any]:
    """The members of one group, `SIZE` at a time."""
    of, label, type_, outward = (
        visit.text("of") or "",
        visit.text("label") or "",
        visit.text("type") or "",
        visit.one_of("way", ("in", "out")) != "in",
    )
    found, more = members(visit.desk, visit.reader, of, (outward, label, type_))
    first = visit.number("from") or 0
    wanted = found[first : first + SIZE]
    titles = names(visit, wanted)
    return {
        "of": of, "label": label, "type": type_, "outward": outward, "count": len(found), "more": more and bool(found), "from": first,
        "next": first + SIZE if first + SIZE < len(found) else None,
        "members": [{"id": id_, "title": titles[id_]} for id_ in wanted if id_ in titles],
    }  # fmt: skip


def _listed(listing: Mapping[str, Any], graph: Pivot, table: Sequence[Mapping[str, Any]], words: Words) -> Iterator[dict[str, Any]]:
    """The members on the page as rows of the table, those left out that stand in it."""
    of = listing["of"]
    known = {(row["from"], row["to"]) for row in table}
    title = titled(words, graph.nodes[of].heading) if of in graph.nodes else of
    for each in listing["members"]:
        ends = ((of, title), (each["id"], each["title"]))
        (source, source_title), (target, target_title) = ends if listing["outward"] else ends[::-1]
        if (source, target) not in known:
            yield {
                "from": source, "from_title": source_title, "label": listing["label"], "to": target, "to_title": target_title,
                "type": listing["type"], "via": None, "outward": True, "count": 1, "more": False,
            }  # fmt: skip


def svg(visit: Visit) -> Given:
    """The picture by itself, in colours for paper."""
    drawn = TEMPLATES.get_template("components/graph.svg").render({**build(visit), "t": visit.words, "alone": True})
    return Given(name="graph.svg", media="image/svg+xml", body=drawn.encode())


def bundle(visit: Visit) -> Given:
    """What is drawn, objects and relationships, as a STIX bundle of the received bytes."""
    subject(visit)
    graph = _pivot(visit)
    wanted = [*graph.nodes, *dict.fromkeys(via for *_, via in graph.ties if via)]
    bodies = views.named(visit.desk, visit.reader, wanted).values()
    return Given(name="graph.stix.json", media="application/stix+json;version=2.1", body=stix_json.bundle(bodies))


PAGES = (Page(path="/o/{id}/graph", template="screens/graph.html", build=build, rows="rows"),)
FILES = (File(path="/o/{id}/graph.svg", give=svg), File(path="/o/{id}/graph.stix.json", give=bundle))

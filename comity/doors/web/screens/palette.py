"""Going somewhere by name: what the command palette asks for, and without scripts a page of its own.

It answers at once however much there is: whole ids and values by their indexes, and what the node's registers name. What was open last
comes from the browser as ids; only what the reader may still see comes back.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from comity.doors.web.frame import in_force
from comity.doors.web.items import ends, heading, names, parsed
from comity.doors.web.page import Page, Visit
from comity.doors.web.screens.members import register_of
from comity.doors.web.show import address
from comity.release.finding import by_words
from comity.release.holdings import open_to_search
from comity.release.select import Query
from comity.terms.stix import AGREEMENT_TYPE, derived_id, is_id
from comity.terms.words import BEGUN

#: Answers at most, and recent ids that a browser may ask about.
MOST, RECENT = 20, 12
#: Objects found by words at most.
WORDED = 8
#: Characters of a question that are looked at.
_LONGEST = 500


def build(visit: Visit) -> dict[str, Any]:
    """`answers` to `q`: `to`, `kind` (party, agreement, search, or an object's type), and `title` or, for an object, `heading`."""
    q = (visit.text("q") or "")[:_LONGEST].strip()
    recent = tuple(id_ for id_ in visit.texts("recent")[:RECENT] if is_id(id_))
    answers = [*_objects(visit, q), *_parties(visit, q), *_agreements(visit, q)] if q else []
    known = {answer["to"] for answer in answers}
    wanted = q.casefold()
    answers += [one for one in _named(visit, recent) if one["to"] not in known and wanted in one["title"].casefold()]
    further = [{"to": f"/search?{urlencode({'q': q})}", "id": "", "kind": "search", "title": q, "heading": None}] if q else []
    return {"q": q, "answers": [*answers[:MOST], *further]}


def _objects(visit: Visit, q: str) -> list[dict[str, Any]]:
    """The object of an id, the objects that carry a value, or some that have the words. Persons are not looked up (G6)."""
    if is_id(q):
        return _named(visit, (q,))
    value = open_to_search(q)
    carrying = _answers(visit, Query(values=(value,), limit=MOST)) if value else []
    found, _ = by_words(visit.desk, visit.reader, q, WORDED) if len(q) >= BEGUN and not carrying else ([], False)
    return carrying or _named(visit, tuple(one.row.id for one in found))


def _named(visit: Visit, ids: tuple[str, ...]) -> list[dict[str, Any]]:
    """The objects of these ids that the reader may see, in this order."""
    found = {answer["id"]: answer for answer in _answers(visit, Query(ids=ids, limit=MOST))} if ids else {}
    return [found[id_] for id_ in ids if id_ in found]


def _answers(visit: Visit, query: Query) -> list[dict[str, Any]]:
    page = visit.desk.page(visit.reader, query)
    objects = {row.id: parsed(body) for (_, row), body in zip(page.found, page.bodies, strict=True)}
    called = names(visit, [end for obj in objects.values() for end in ends(obj)])
    answers = []
    for id_, obj in objects.items():
        parts = heading(obj, called)
        title = " ".join(text for key, text in parts.items() if key != "form")
        answers.append({"to": address(id_), "id": id_, "kind": str(obj["type"]), "title": title, "heading": parts})
    return answers


def _parties(visit: Visit, q: str) -> list[dict[str, Any]]:
    """The parties of the register that have the text in their code or name."""
    register, wanted, found = register_of(visit), q.casefold(), []
    names = register.names()
    for code in register.parties():
        if wanted in f"{code} {names.get(code, '')}".casefold():
            title = f"{code} {names.get(code, '')}".strip()
            found.append({"to": f"/members/{quote(code, safe='')}", "id": code, "kind": "party", "title": title, "heading": None})
    return found


def _agreements(visit: Visit, q: str) -> list[dict[str, Any]]:
    """The agreements in force that have the text in their id or title."""
    wanted, found = q.casefold(), []
    for each in in_force(visit):
        if wanted in f"{each.id} {each.title}".casefold():
            id_ = derived_id(AGREEMENT_TYPE, each.id, str(each.version))
            found.append(
                {"to": address(id_), "id": id_, "kind": "agreement", "title": f"{each.title} ({each.id}@{each.version})", "heading": None}
            )
    return found


PAGES = (Page(path="/palette", template="screens/palette.html", build=build, rows="answers"),)

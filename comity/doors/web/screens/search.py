"""Search: what do we know of this? One value, id or some words by address; up to 10,000 values by a list of one's own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from comity.admin import asked
from comity.clock import micros, parse
from comity.doors.web import columns
from comity.doors.web.items import names
from comity.doors.web.page import Act, Again, Done, Form, Page, Visit
from comity.doors.web.screens import inbox
from comity.doors.web.show import stamped
from comity.errors import SenderFault
from comity.release import arrivals, finding, holdings
from comity.release.arrivals import Narrow, Wanted
from comity.release.explain import parties
from comity.release.views import Seen
from comity.store.protocol import Row
from comity.terms.observable import guess
from comity.terms.stix import is_id
from comity.terms.tlp import LEVELS

#: Objects on a page of results; values on a page of a list; objects that are named for one value.
SIZE, VALUES, NAMED = 50, 100, 3
#: What the address may narrow the results by; `since` and `until` are moments of arrival.
FILTERS = ("type", "tlp", "origin", "since", "until")
#: Characters of a question.
LONGEST = 500
#: What may be shown of a list.
SHOWN = ("all", "known", "unknown", "unread")
_BETWEEN = re.compile(r"[,;]+")


def build(visit: Visit) -> dict[str, Any]:
    """What `q` finds: the objects that carry it if it is a value, the object if it is an id, and those that have its words."""
    q = (visit.text("q") or "")[:LONGEST].strip()
    values = parted(q)
    several = values if len(values) > 1 and all(guess(value) for value in values) else []
    value = guess(q) if not several else None
    filters = {name: visit.text(name) or "" for name in FILTERS}
    since, until, wrong = _period(filters)
    narrow = inbox.narrow_of({**filters, "whose": "all", "agreement": ""})

    def wanted(stamp: int, row: Row) -> bool:
        return since <= stamp < until

    seen, more = ([], False) if several or not q or wrong else _found(visit, q, narrow, wanted)
    counts = visit.tally.counts(visit.desk, visit.reader)
    return {
        "q": q,
        "filters": filters,
        "choices": {"type": list(counts.by_type), "origin": parties(visit.desk, visit.reader.body), "tlp": list(LEVELS)},
        "narrowed": any(filters.values()),
        "period": wrong,
        "value": {"kind": value[0], "value": value[1]} if value else None,
        "closed": value is not None and holdings.open_to_search(q) is None,
        "columns": columns.of(visit.request, inbox.READING),
        "items": inbox.rows(visit, seen),
        "more": more,
        "values": _told(visit, several, _known(visit, several)),
        "lists": [
            {"name": name, "at": stamped(micros(each.at)), "count": len(each.values), "first": each.values[0]}
            for name, each in asked.lists(visit.world, visit.user)
        ],
        "text": "",
        "wrong": "",
        "most": asked.MOST,
    }


def _period(filters: Mapping[str, str]) -> tuple[int, int, str]:
    """From which stamp on and before which the address asks, and what of it is no date."""
    found, wrong = {"since": 0, "until": 1 << 62}, ""
    for name in found:
        try:
            found[name] = micros(parse(filters[name])) if filters[name] else found[name]
        except ValueError:
            wrong = name
    return found["since"], found["until"], wrong


def _found(visit: Visit, q: str, narrow: Narrow, wanted: Wanted) -> tuple[list[Seen], bool]:
    """What carries the value or has the id comes first, then what has the words."""
    form = holdings.open_to_search(q)
    ids: Sequence[str] = (q,) if is_id(q) else ()
    more = False
    if form:
        ids = holdings.known(visit.desk, visit.reader, [form])[form]
        ids, more = ids[:SIZE], len(ids) > SIZE
    seen = arrivals.named(visit.desk, visit.reader, narrow, ids, wanted) if ids else []
    if ids and not form:
        return seen, more
    worded, others = finding.by_words(visit.desk, visit.reader, q, SIZE, narrow, wanted)
    first = {one.row.id for one in seen}
    return (seen + [one for one in worded if one.row.id not in first])[:SIZE], more or others


def build_list(visit: Visit) -> dict[str, Any]:
    """A list with what is known of each value. CSV and NDJSON have all of it. Raises NotFound for a list that is not the person's."""
    name = visit.part("list")
    kept = asked.kept(visit.world, visit.user, name)
    known = _known(visit, kept.values)
    states = {text: _state(ids) for text, ids in known.items()}
    show = visit.one_of("show", SHOWN) or SHOWN[0]
    chosen = [text for text in kept.values if show in ("all", states[text])]
    start = min(visit.number("from") or 0, len(chosen))
    whole = visit.request.url.path.endswith((".csv", ".ndjson"))
    part = chosen if whole else chosen[start : start + VALUES]
    counts = Counter(states.values())
    return {
        "list": name,
        "at": stamped(micros(kept.at)),
        "show": show,
        "counts": {"all": len(kept.values), **{state: counts[state] for state in SHOWN[1:]}},
        "from": start,
        "next": start + VALUES if start + VALUES < len(chosen) else None,
        "values": _told(visit, part, known, titles=not whole),
    }


def look_up(visit: Visit, form: Form) -> Done | Again:
    """Keep a pasted list under an address of its own."""
    text = form.text("values")
    try:
        name = asked.keep(visit.world, visit.user, parted(text))
    except SenderFault:
        count = len(set(parted(text)))
        data = {**build(visit), "text": text, "wrong": "search.too_many" if count else "search.no_values", "count": count}
        return Again(template="screens/search.html", data=data)
    return Done(to=f"/search/values/{name}")


def parted(text: str) -> list[str]:
    """The values in a text: one to a line, or with spaces, commas or semicolons between them, in quotes or not."""
    found = []
    for piece in text.split():
        piece = piece.strip("\"'`").rstrip(",;").strip("\"'`")
        parts = [piece] if guess(piece) else [part.strip("\"'`") for part in _BETWEEN.split(piece)]
        found += [part for part in parts if part]
    return found


#: Values as asked -> the ids of the objects that carry them; None for what cannot be looked up.
_Known = dict[str, list[str] | None]


def _known(visit: Visit, values: Sequence[str]) -> _Known:
    forms = {text: holdings.open_to_search(text) for text in values}
    known = holdings.known(visit.desk, visit.reader, [form for form in forms.values() if form])
    return {text: known[form] if form else None for text, form in forms.items()}


def _state(ids: list[str] | None) -> str:
    return "unread" if ids is None else "known" if ids else "unknown"


def _told(visit: Visit, values: Sequence[str], known: _Known, titles: bool = True) -> list[dict[str, Any]]:
    """Values as a page has them: as asked, their kind and normal form, whether known, and the objects that carry them."""
    forms = {text: guess(text) for text in values}
    ids = {text: known[text] or [] for text in values}
    called = names(visit, [id_ for each in ids.values() for id_ in each[:NAMED]]) if titles else {}
    return [
        {
            "asked": text,
            "kind": form[0] if form else None,
            "value": form[1] if form else None,
            "state": _state(known[text]),
            "objects": ids[text] if not titles else ids[text][:NAMED],
            "count": len(ids[text]),
            "titles": {id_: called[id_] for id_ in ids[text][:NAMED] if id_ in called},
        }
        for text, form in forms.items()
    ]


PAGES = (
    Page(path="/search", template="screens/search.html", build=build, rows="items", nav="search"),
    Page(path="/search/values/{list}", template="screens/search_values.html", build=build_list, rows="values"),
)
ACTS = (Act(path="/search/values", do=look_up),)

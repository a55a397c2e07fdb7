"""What an object is tied to, in both directions; and tying it to something else."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from comity.doors.web.items import ends_named, heading, parsed, titled
from comity.doors.web.once import Told
from comity.doors.web.page import Act, Again, Done, Form, Page, Visit
from comity.doors.web.screens.inbox import ACTING
from comity.doors.web.show import address
from comity.doors.web.subject import meant, subject
from comity.doors.web.words import Words
from comity.errors import Denied, NotFound, SenderFault
from comity.match.saying import LONGEST, TIES, Person, related
from comity.release import views
from comity.release.around import Tie, around
from comity.release.remarks import OPINIONS, SIGHTINGS
from comity.terms.values import observables

TEMPLATE = "screens/relations.html"
#: Ties on one page, and those that are looked at: of more, the page says so and the graph goes on.
SIZE, LOOKED = 50, 2_000
_english = Words("en")


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What the form of a new tie holds, and what is wrong with it."""

    other: str = ""
    kind: str = TIES[0]
    way: str = "out"
    text: str = ""
    wrong: str = ""
    next: str = ""


def build(visit: Visit) -> dict[str, Any]:
    """The ties that the address asks for. Raises NotFound for a hidden or absent object."""
    return _page(visit, Said())


def _page(visit: Visit, said: Said) -> dict[str, Any]:
    opened, head = subject(visit)
    id_ = opened.seen.row.id
    around_it = around(visit.desk, visit.reader, [id_], LOOKED)[id_]
    ties = [tie for tie in around_it.ties if tie.type not in SIGHTINGS | OPINIONS]
    way, label, type_ = (visit.text(name) for name in ("way", "label", "type"))
    kept = [
        tie
        for tie in ties
        if way in (None, _way(tie)) and label in (None, tie.label or _NAMED) and type_ in (None, tie.type)
    ]  # fmt: skip
    at = visit.number("at") or 0
    return {
        **head,
        "relations": _rows(visit, id_, head["title"], kept[at : at + SIZE]),
        "found": len(kept),
        "more": around_it.more,
        "looked": LOOKED,
        "at": at,
        "next": at + SIZE if at + SIZE < len(kept) else None,
        "asked": {"way": way, "label": label, "type": type_},
        "choices": {
            "way": dict(sorted(Counter(map(_way, ties)).items(), reverse=True)),
            "label": dict(sorted(Counter(tie.label or _NAMED for tie in ties).items())),
            "type": dict(sorted(Counter(tie.type for tie in ties).items())),
        },
        "said": msgspec.to_builtins(said),
        "kinds": list(TIES),
        "longest": LONGEST,
        "may": visit.user.role in ACTING,
    }


#: The label of a tie without a relationship: one of the two simply names the other.
_NAMED = "named"


def _way(tie: Tie) -> str:
    return "out" if tie.outward else "in"


def _rows(visit: Visit, id_: str, title: str, ties: list[Tie]) -> list[dict[str, Any]]:
    objects = {other: parsed(body) for other, body in views.named(visit.desk, visit.reader, [tie.other for tie in ties]).items()}
    names = {**ends_named(visit.desk, visit.reader, objects, visit.words), id_: title}
    rows = []
    for tie in ties:
        if tie.other not in objects:  # withdrawn meanwhile
            continue
        obj = objects[tie.other]
        called = heading(obj, names)
        rows.append(
            {
                "id": tie.other,
                "type": tie.type,
                "way": _way(tie),
                "label": tie.label or _NAMED,
                "via": tie.via or None,
                "title": titled(_english, called),
                "heading": called,
                "values": [{"kind": kind, "value": value} for kind, value in observables(obj)],
            }
        )
    return rows


def relate(visit: Visit, form: Form) -> Done | Again:
    """Tie the object to another one that the person names. What is wrong is said beside what was sent."""
    said = Said(**{name: form.text(name) for name in ("other", "kind", "way", "text")})
    id_, other = meant(visit)[0], said.other.rpartition("/o/")[2]
    source, target = (id_, other) if said.way == "out" else (other, id_)
    who = Person(reader=visit.reader, by=visit.user.name, role=visit.user.role)
    try:
        outcome = related(visit.desk, who, source, said.kind, target, said.text)
        if outcome.outcome == "rejected":
            raise SenderFault(outcome.why, next="")
    except (SenderFault, NotFound, Denied) as fault:
        return Again(template=TEMPLATE, data=_page(visit, msgspec.structs.replace(said, wrong=str(fault), next=fault.next)))
    return Done(to=f"{address(id_)}/relations", told=Told(word="relations.made", made=outcome.id or ""))


PAGES = (Page(path="/o/{id}/relations", template=TEMPLATE, build=build, rows="relations"),)
ACTS = (Act(path="/o/{id}/relations", do=relate, roles=ACTING),)

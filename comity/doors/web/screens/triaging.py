"""What can be done in the inbox: accept, file, dispute, take back, assign. A dispute is an opinion that goes to the producer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from comity.admin import triage
from comity.admin.triage import Note
from comity.clock import micros, parse
from comity.doors.web.items import ends_named, heading, parsed, titled
from comity.doors.web.once import Told
from comity.doors.web.page import Act, Again, Done, Form, Page, Visit
from comity.doors.web.screens import inbox
from comity.doors.web.screens.inbox import ACTING
from comity.doors.web.show import stamped
from comity.errors import NotFound, SenderFault
from comity.match.feedback import FALSE_POSITIVE, feedback
from comity.release import views
from comity.release.select import Query

#: What a button says -> the state that it gives.
STEPS = {"accept": "accepted", "file": "filed", "reopen": triage.NEW}
#: What may be said in a dispute (STIX 2.1 section 4.14.2).
OPINIONS = (FALSE_POSITIVE, "disagree")


def step(visit: Visit, form: Form) -> Done | Again:
    """Accept, file, take back, assign or go on to dispute what is chosen: `do` says which, for all `item`s, or `one` for its own row."""
    do, _, one = (form.text("one") or form.text("do")).partition(" ")
    if do == "dispute":
        named = [("item", each) for each in ([one] if one else form.texts("item"))]
        return Done(to=f"/inbox/dispute?{urlencode([*named, ('back', form.text('back'))])}")
    since = _moment(form.needed("drawn"))
    objects = inbox.with_below(visit, _visible(visit, _objects([one] if one else form.texts("item"))), dict(_asked_for(form)), since)
    if not objects:
        return Done(to=_back(form))
    if do == "assign":
        left = triage.assign(visit.world, visit.user, objects, form.text("to"), since=since)
    elif do in STEPS:
        left = triage.decide(visit.world, visit.user, objects, STEPS[do], since=since)
    else:
        raise SenderFault(f"{do!r} is nothing that can be done here", next="one of assign, " + ", ".join(STEPS))
    if left:
        return Again(template="screens/inbox_left.html", data=_left(visit, form, do, objects, left), status=409)
    return _done(form, "assigned" if do == "assign" else STEPS[do], len(objects))


def ask(visit: Visit) -> dict[str, Any]:
    """The form of a dispute about the items that the address names. Raises NotFound for what is not to be seen."""
    objects = _visible(visit, _objects(visit.texts("item")))
    return _asked(visit, objects, {"back": visit.text("back") or "", "why": "", "opinion": FALSE_POSITIVE}, [])


def dispute(visit: Visit, form: Form) -> Done | Again:
    """Tell the producers of what is chosen that it is wrong, and why."""
    objects = _visible(visit, _objects(form.texts("item")))
    said = {"back": form.text("back"), "why": form.text("why"), "opinion": form.text("opinion")}
    wrong = [] if objects else ["dispute.nothing"]
    if not said["why"]:
        wrong.append("dispute.no_reason")
    if len(said["why"]) > triage.LONGEST:
        wrong.append("dispute.long")
    if said["opinion"] not in OPINIONS:
        wrong.append("dispute.no_opinion")
    if wrong:
        return Again(template="screens/inbox_dispute.html", data=_asked(visit, objects, said, wrong))
    refused = {}
    for id_ in objects:
        outcome = feedback(visit.desk, id_, said["opinion"], said["why"], visit.user.name, reader=visit.reader, role=visit.user.role)
        if outcome.outcome == "rejected":
            refused[id_] = outcome.why
    taken = {id_: stamp for id_, stamp in objects.items() if id_ not in refused}
    # The opinion is out, whatever a colleague noted meanwhile.
    triage.decide(visit.world, visit.user, taken, "disputed", since=visit.world.clock(), why=said["why"])
    if refused:
        data = {**_asked(visit, {id_: objects[id_] for id_ in refused}, said, []), "refused": refused}
        return Again(template="screens/inbox_dispute.html", data=data)
    return _done(form, "disputed", len(taken))


def _asked(visit: Visit, objects: Mapping[str, int], said: Mapping[str, str], wrong: list[str]) -> dict[str, Any]:
    return {**said, "opinions": list(OPINIONS), "wrong": wrong, "refused": {}, "items": _titles(visit, objects)}


def _titles(visit: Visit, objects: Mapping[str, int]) -> list[dict[str, Any]]:
    found = {id_: parsed(body) for id_, body in views.named(visit.desk, visit.reader, objects).items()}
    called = ends_named(visit.desk, visit.reader, found, visit.words)
    return [
        {"id": id_, "arrived": stamped(stamp), "type": found[id_]["type"], "title": titled(visit.words, heading(found[id_], called))}
        for id_, stamp in objects.items()
        if id_ in found
    ]


def _objects(texts: list[str]) -> dict[str, int]:
    """Id -> stamp (microseconds), from `<moment> <id>`."""
    pairs = (text.partition(" ") for text in texts)
    return {id_: micros(_moment(moment)) for moment, _, id_ in pairs}


def _moment(text: str) -> datetime:
    """A moment that a page wrote into its form. Raises SenderFault."""
    try:
        return parse(text)
    except ValueError:
        raise SenderFault(f"{text!r} is no moment", next="send the form of the page as it is") from None


def _visible(visit: Visit, objects: dict[str, int]) -> dict[str, int]:
    """These objects, all of which the person may see. Raises NotFound."""
    if objects:
        query = Query(ids=tuple(objects), versions=("all",), limit=views.ample(visit.desk, list(objects)))
        seen = {row.id for row in visit.desk.seen(visit.reader, query)}
        if not objects.keys() <= seen:
            raise NotFound("there is no such object for you")
    return objects


def _left(visit: Visit, form: Form, do: str, objects: Mapping[str, int], left: Mapping[str, Note]) -> dict[str, Any]:
    """What somebody else was quicker with: both words side by side, and the way to insist."""
    items = _titles(visit, {id_: objects[id_] for id_ in left})
    return {
        "do": do,
        "to": form.text("to"),
        "back": form.text("back"),
        "drawn": stamped(micros(visit.world.clock())),
        "done": len(objects) - len(left),
        "items": [
            {**item, "state": note.state, "by": note.by, "since": stamped(micros(note.at)), "why": note.why, "assignee": note.assignee}
            for item in items
            for note in (left[item["id"]],)
        ],
    }


def _done(form: Form, did: str, count: int) -> Done:
    """Back to the inbox, which says what was made of how many."""
    return Done(to=_back(form), told=Told(word=f"inbox.did.{did}", count=count) if count else None)


def _back(form: Form) -> str:
    """The page of the inbox that the form came from."""
    asked = urlencode(_asked_for(form))
    return f"/inbox?{asked}" if asked else "/inbox"


def _asked_for(form: Form) -> list[tuple[str, str]]:
    """What the address of the page asks for that the form came from."""
    try:
        return parse_qsl(form.text("back"), max_num_fields=50)
    except ValueError:
        return []


PAGES = (Page(path="/inbox/dispute", template="screens/inbox_dispute.html", build=ask, rows="items", roles=ACTING),)
ACTS = (
    Act(path="/inbox/triage", do=step, roles=ACTING),
    Act(path="/inbox/dispute", do=dispute, roles=ACTING),
)

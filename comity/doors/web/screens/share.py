"""The sharing desk: drafts, exactly what would leave and to whom, and the second step that does it.

Everything that is shown before sending is a rehearsal of the sending itself (`share.rehearsal`); what comes to anything else by then is not
sent but shown again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec

from comity.doors.web.exchange import ahead
from comity.doors.web.items import names
from comity.doors.web.page import Act, Again, Done, Form, Page, Visit
from comity.doors.web.refusing import in_full
from comity.doors.web.rehearsed import NOTHING, told
from comity.errors import Fault, NotFound, SenderFault
from comity.forms.markings import PAP_LEVELS
from comity.intake.withdraw import Recall, held, naming, recalls, withdraw
from comity.release.explain import parties
from comity.release.views import opened
from comity.share import drafts, written
from comity.share.drafts import Draft, Overtaken, Said
from comity.share.rehearsal import Changed, Rehearsal, rehearse, send
from comity.terms.item import HANDLING, PURPOSES
from comity.terms.party import PEOPLE
from comity.terms.tlp import LEVELS

#: Objects that the withdrawing page offers to withdraw besides.
BESIDES = 20
#: Who shares: an auditor looks on, an administrator looks after the node.
SHARING = frozenset(PEOPLE) - {"auditor", "administrator"}
_EDIT, _PREVIEW = "screens/share_edit.html", "screens/share_preview.html"


def build(visit: Visit) -> dict[str, Any]:
    """The person's drafts, those not sent first. `ids` are objects that the address wants to begin a draft with."""
    return {"drafts": [_short(each) for each in drafts.of(visit.world, visit.user)], "ids": visit.texts("id")}


def build_draft(visit: Visit) -> dict[str, Any]:
    """One draft to go on with, or what became of it. Raises NotFound for what is not the person's own."""
    return _editing(visit, drafts.find(visit.world, visit.user, visit.part("draft")))


def build_preview(visit: Visit) -> dict[str, Any]:
    """Exactly what would leave, and to whom. Raises NotFound."""
    kept = drafts.find(visit.world, visit.user, visit.part("draft"))
    if kept.sent is not None:
        return {**_editing(visit, kept), "wrong": visit.words("share.sent_already"), **NOTHING}
    try:
        return _previewed(kept, _rehearsed(visit, kept))
    except Fault as fault:
        return {"draft": _whole(kept), "wrong": in_full(fault), **NOTHING}


def begin(visit: Visit, form: Form) -> Done:
    """A new draft, with objects or a text to begin from."""
    made = drafts.begin(visit.world, visit.user, Said(ids=tuple(form.texts("id")), text=form.text("text")))
    return Done(to=f"/share/{made.id}")


def save(visit: Visit, form: Form) -> Done | Again:
    """Keep what was typed; go on to the preview if that was asked for. Nothing that somebody else saved meanwhile is overwritten."""
    id_, said = visit.part("draft"), _said(form)
    try:
        saved = drafts.save(visit.world, visit.user, id_, _version(form), said)
    except Overtaken as overtaken:
        data = {
            **_editing(visit, overtaken.draft),
            "conflict": {"mine": _complete(said), "rows": _compared(overtaken.draft.said, said)},
        }
        return Again(template=_EDIT, data=data, status=409)
    except SenderFault as fault:
        kept = drafts.find(visit.world, visit.user, id_)
        return Again(template=_EDIT, data={**_editing(visit, msgspec.structs.replace(kept, said=said)), "wrong": in_full(fault)})
    return Done(to=f"/share/{saved.id}/preview" if form.text("then") == "preview" else f"/share/{saved.id}")


def carry_out(visit: Visit, form: Form) -> Done | Again:
    """The second step: send what the preview said, or show what it would be by now."""
    kept = drafts.current(visit.world, visit.user, visit.part("draft"), _version(form))
    if not form.text("sure"):
        return Again(template=_PREVIEW, data={**_previewed(kept, _rehearsed(visit, kept)), "wrong": visit.words("share.unsure")})
    by = written.submitter(kept, visit.user.party, visit.user.role)
    objects = written.objects(visit.desk, kept, visit.user.party)
    try:
        send(visit.desk, kept, objects, by, form.text("mark"))
    except Changed as changed:
        data = {**_previewed(kept, changed.found), "wrong": visit.words("share.changed_meanwhile")}
        return Again(template=_PREVIEW, data=data, status=409)
    return Done(to=f"/share/{kept.id}")


def discard(visit: Visit, form: Form) -> Done:
    """Remove a draft. Raises NotFound."""
    drafts.discard(visit.world, visit.user, visit.part("draft"))
    return Done(to="/share")


def build_withdrawal(visit: Visit, wrong: str = "") -> dict[str, Any]:
    """One's own object that is to be taken back. Raises NotFound for anything else."""
    id_ = visit.text("id") or ""
    found = opened(visit.desk, visit.reader, id_)
    if all(row.origin != visit.user.party for row in found.claims):
        raise NotFound("there is no such object of yours")
    versions = [row.version for row in found.claims if row.origin == visit.user.party]
    besides = naming(visit.world, visit.user.party, id_)
    shown = list(besides.ids[:BESIDES])
    called = names(visit, [id_, *shown])
    return {
        "id": id_,
        "title": called.get(id_, id_),
        "type": found.seen.row.type,
        "versions": versions,
        "wrong": wrong,
        "besides": [{"id": each, "type": each.partition("--")[0], "title": called.get(each, each)} for each in shown],
        "further": len(besides.ids) - len(shown),
        "unbounded": besides.more,
    }


def take_back(visit: Visit, form: Form) -> Done:
    """Withdraw one's own object, all versions of it, and before it those that name it and were ticked; and recall them.

    Each goes by itself, the object last: where that is broken off, nothing is left behind that names what is gone. Raises NotFound,
    SenderFault without a reason.
    """
    reason, id_, party = form.needed("reason"), form.needed("id"), visit.user.party
    if not held(visit.world, party, [id_]):
        raise NotFound("there is no such object of yours")
    besides = set(form.texts("besides")) & set(naming(visit.world, party, id_).ids)
    gone = [each for each in (*sorted(besides), id_) if withdraw(visit.world, party, each, by=visit.user.name, reason=reason[:1000])]
    if id_ not in gone:
        raise NotFound("there is no such object of yours")
    return Done(to="/share/withdrawn?" + urlencode([("id", each) for each in reversed(gone)]))


def build_withdrawn(visit: Visit) -> dict[str, Any]:
    """What the party has withdrawn, of the objects in the address: the last time of each. Raises NotFound where that is nothing."""
    asked = visit.texts("id")
    found: dict[tuple[int, str], list[Recall]] = {}
    for each in recalls(visit.world):
        if each.party == visit.user.party and each.id in asked:
            found.setdefault((each.withdrawn, each.id), []).append(each)
    last = {id_: kept for (_, id_), kept in found.items()}
    if not last:
        raise NotFound("you have withdrawn no such object")
    return {"withdrawn": [_gone(last[id_]) for id_ in dict.fromkeys(asked) if id_ in last]}


def _gone(kept: Sequence[Recall]) -> dict[str, Any]:
    """The recalls of one object's versions as one line."""
    one = kept[0]
    type_ = one.id.partition("--")[0]
    return {"id": one.id, "type": type_, "versions": len(kept), "at": _moment(one.at), "by": one.by, "reason": one.reason}


def _previewed(kept: Draft, found: Rehearsal) -> dict[str, Any]:
    return {"draft": _whole(kept), "wrong": "", **told(found)}


def _rehearsed(visit: Visit, kept: Draft) -> Rehearsal:
    by = written.submitter(kept, visit.user.party, visit.user.role)
    return rehearse(visit.desk, written.objects(visit.desk, kept, visit.user.party), by)


def _said(form: Form) -> Said:
    return Said(
        title=form.text("title"),
        about=form.text("about"),
        text=form.text("text"),
        ids=tuple(dict.fromkeys(form.text("ids").split())),
        tlp=form.text("tlp") or "amber",
        pap=form.text("pap") or None,
        purposes=tuple(form.texts("purposes")),
        handling=tuple(form.texts("handling")),
        to=tuple(form.texts("to")) if form.text("audience") == "named" else None,
    )


def _version(form: Form) -> int:
    text = form.text("version")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise SenderFault("the form does not say which version of the draft it is about", next="open the draft again")
    return int(text)


def _short(kept: Draft) -> dict[str, Any]:
    said = kept.said
    return {
        "id": kept.id,
        "title": said.title or _beginning(said.text.split()) or _beginning(said.ids),
        "tlp": said.tlp,
        "to": list(said.to) if said.to is not None else None,
        "changed": _moment(kept.changed),
        "sent": kept.sent is not None,
    }


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _beginning(words: Sequence[str]) -> str:
    """The first of these words, and those that follow it within 80 characters; no value is cut."""
    shown = 1
    while shown < len(words) and len(" ".join(words[: shown + 1])) <= 80:
        shown += 1
    return " ".join(words[:shown])


def _whole(kept: Draft) -> dict[str, Any]:
    return {**_short(kept), "version": kept.version, "said": _complete(kept.said)}


def _complete(said: Said) -> dict[str, Any]:
    """What a draft says, with what it leaves out."""
    return {name: msgspec.to_builtins(getattr(said, name)) for name in said.__struct_fields__}


def _editing(visit: Visit, kept: Draft) -> dict[str, Any]:
    sent = kept.sent or ()
    called = names(visit, [each.id for each in sent if each.id])
    return {
        "draft": _whole(kept),
        "parties": [party for party in parties(visit.desk, visit.reader.body) if party != visit.user.party],
        "choices": {"tlp": list(LEVELS), "pap": list(PAP_LEVELS), "purposes": list(PURPOSES), "handling": list(HANDLING)},
        "conflict": None,
        "wrong": "",
        "links": ahead(visit) if kept.sent is not None else None,
        "outcomes": [msgspec.to_builtins(each) | {"why": each.why, "title": called.get(each.id or "")} for each in sent],
    }


def _compared(theirs: Said, mine: Said) -> list[list[Any]]:
    """What two texts of one draft differ in: name, what is kept, what was sent."""
    kept, sent = _complete(theirs), _complete(mine)
    return [[name, _plain(kept[name]), _plain(sent[name])] for name in kept if kept[name] != sent[name]]


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


PAGES = (
    Page(path="/share", template="screens/share.html", build=build, rows="drafts", nav="share", roles=SHARING),
    Page(path="/share/withdraw", template="screens/share_withdraw.html", build=build_withdrawal, roles=SHARING),
    Page(path="/share/withdrawn", template="screens/share_withdrawn.html", build=build_withdrawn, roles=SHARING),
    Page(path="/share/{draft}", template=_EDIT, build=build_draft, rows="outcomes", roles=SHARING),
    Page(path="/share/{draft}/preview", template=_PREVIEW, build=build_preview, rows="decisions", roles=SHARING),
)
ACTS = (
    Act(path="/share/new", do=begin, roles=SHARING),
    Act(path="/share/withdraw", do=take_back, roles=SHARING),
    Act(path="/share/{draft}", do=save, roles=SHARING),
    Act(path="/share/{draft}/send", do=carry_out, roles=SHARING),
    Act(path="/share/{draft}/discard", do=discard, roles=SHARING),
)

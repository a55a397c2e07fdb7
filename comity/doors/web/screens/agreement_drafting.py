"""Writing a text of an agreement: a draft of one's own, checked line by line, kept until it is proposed or discarded."""

from __future__ import annotations

import re
from typing import Any

from comity.admin import drafts
from comity.agree.agreement import Agreement, check, read
from comity.agree.approval import Person
from comity.agree.findings import Finding, in_order
from comity.agree.lint import lint
from comity.agree.skeleton import begun
from comity.doors.web import articles
from comity.doors.web.articles import moment
from comity.doors.web.page import Act, Again, Done, Form, Page, Visit
from comity.doors.web.screens.agreement_changes import NOTHING, compared
from comity.doors.web.screens.agreement_trial import start
from comity.doors.web.screens.agreements import governs, held
from comity.doors.web.screens.members import register_of
from comity.errors import Conflict, Denied, SenderFault
from comity.intake import proposals
from comity.release import account

#: Where a text is written that is of no agreement held.
NEW = "new"
#: How many lines are shown with their marks.
LINES = 2_000
#: Who may propose what is written.
PROPOSERS = ("agreement-officer", "administrator")
_TEMPLATE, _NEW_TEMPLATE = "screens/agreement_draft.html", "screens/agreement_new.html"
_VERSION = re.compile(r"^(version\s*=\s*)\d+", re.MULTILINE)


def build(visit: Visit) -> dict[str, Any]:
    """The person's draft of a next version, else the text to begin from. Raises NotFound."""
    agreement = held(visit, visit.part("ref"))
    return {**_head(visit, agreement), **_draft(visit, agreement.ref, next_version(visit, agreement))}


def build_new(visit: Visit) -> dict[str, Any]:
    """The person's draft of an agreement that is not held yet, else a text to begin from."""
    world = visit.world
    return _draft(visit, NEW, begun("new-agreement", world.settings.body, "-", world.clock().date()))


def next_version(visit: Visit, agreement: Agreement) -> str:
    """The text of a version with the number of the one after the newest."""
    newest = max(each.version for each in account.agreements(visit.desk, visit.user.party) if each.id == agreement.id)
    return _VERSION.sub(lambda found: f"{found[1]}{newest + 1}", agreement.text, count=1)


def _head(visit: Visit, agreement: Agreement) -> dict[str, Any]:
    return {"agreement": {**articles.head(agreement), "governs": agreement.ref in governs(visit)}}


def _draft(visit: Visit, place: str, beginning: str) -> dict[str, Any]:
    kept = drafts.find(visit.world, visit.user.name, place)
    text = kept.text if kept else beginning
    return {
        "text": text,
        "revision": kept.revision if kept else 0,
        "saved": moment(kept.saved) if kept else None,
        "theirs": None,
        **checked(visit, text, place),
        "may_propose": visit.user.role in PROPOSERS,
    }


def checked(visit: Visit, text: str, place: str = NEW) -> dict[str, Any]:
    """What is to be said of a text: findings by line, the lines with theirs, and what it changes against the version at `place`."""
    found = check(text)
    sound = not any(each.level == "error" for each in found)
    against = NOTHING
    if sound:
        agreement = read(text)
        known = {each.id for each in account.agreements(visit.desk, visit.user.party)} | {agreement.id}
        found = in_order([*found, *lint(agreement, register_of(visit), known)])
        if place != NEW:
            against = compared(held(visit, place), agreement)
    lines = marked(text, found)
    return {
        "findings": [_finding(each) for each in found], "sound": sound, "lines": lines[:LINES], "more_lines": len(lines[LINES:]), **against,
    }  # fmt: skip


def _finding(each: Finding) -> dict[str, Any]:
    return {"line": each.line, "level": each.level, "message": each.message, "next": each.next, "fault": each.fault}


def marked(text: str, found: list[Finding]) -> list[dict[str, Any]]:
    """The lines of a text, each with the gravest level of what is said of it; "" where nothing is."""
    levels: dict[int, str] = {}
    for each in found:
        levels.setdefault(each.line, each.level)
    return [{"n": n, "text": line, "level": levels.get(n, "")} for n, line in enumerate(text.split("\n"), 1)]


def work(visit: Visit, form: Form) -> Done | Again:
    """What the form's button says about a draft of a version held. Raises NotFound, and what `_worked` raises."""
    agreement = held(visit, visit.part("ref"))
    path = f"/agreements/{agreement.ref}"
    return _worked(visit, form, agreement.ref, f"{path}/edit", _TEMPLATE, _head(visit, agreement))


def work_new(visit: Visit, form: Form) -> Done | Again:
    """The same of an agreement that is not held yet."""
    return _worked(visit, form, NEW, "/agreements/begin", _NEW_TEMPLATE, {})


def _worked(visit: Visit, form: Form, place: str, path: str, template: str, head: dict[str, Any]) -> Done | Again:
    """1. Keep the draft, or show both texts where it changed meanwhile. 2. Try or propose it; or discard it.

    Raises SenderFault for an unknown button or a faulty text, Denied for who may not propose.
    """
    world, user, what = visit.world, visit.user, form.text("do")
    if what == "discard":
        drafts.discard(world, user.name, place)
        return Done(to=path.removesuffix("/edit"))
    text, revision = form.text("text") + "\n", form.text("revision")
    # 1.
    try:
        drafts.save(world, user.name, place, text, int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else 0)
    except Conflict:
        theirs = drafts.find(world, user.name, place)
        if theirs is None:
            raise
        data = {"text": text, "revision": theirs.revision, "saved": moment(theirs.saved), "theirs": theirs.text}
        return Again(template=template, status=409, data={**head, **data, **checked(visit, text, place), "may_propose": False})
    # 2.
    if what == "save":
        return Done(to=path)
    if what == "try" and place != NEW:
        job = start(visit, read(text, name="the draft"), form, draft=place)
        return Done(to=f"/agreements/{place}/simulate/{job.id}")
    if what == "propose":
        return Done(to=f"/agreements/proposals/{_proposed(visit, text, place)}")
    raise SenderFault(f"{what[:20]!r} is nothing that can be done with a draft", next="use the buttons of the page")


def _proposed(visit: Visit, text: str, place: str) -> str:
    user = visit.user
    if user.role not in PROPOSERS:
        raise Denied("an agreement officer or an administrator proposes a text", next="ask one of your party")
    made = proposals.propose_agreement(visit.world, text, Person(party=user.party, id=user.name))
    drafts.discard(visit.world, user.name, place)
    return made.id


PAGES = (
    Page(path="/agreements/{ref}/edit", template=_TEMPLATE, build=build, rows="findings"),
    Page(path="/agreements/begin", template=_NEW_TEMPLATE, build=build_new, rows="findings"),
)
ACTS = (Act(path="/agreements/{ref}/edit", do=work), Act(path="/agreements/begin", do=work_new))

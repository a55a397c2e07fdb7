"""Trying a text of an agreement on what came in lately, before anybody signs it. It takes a while, so it is a job of its person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from comity.agree.accord import Agreement
from comity.doors.web import articles
from comity.doors.web.articles import moment
from comity.doors.web.jobs import Job
from comity.doors.web.page import Act, Done, Form, Page, Visit
from comity.doors.web.screens.agreements import governs, held
from comity.errors import NotFound, SenderFault
from comity.release.shifts import gains, loses
from comity.release.simulate import simulate
from comity.wire import Simulation

#: Days that a trial looks back over, by default, and at most.
DAYS, MOST_DAYS = 30, 3660


def build(visit: Visit) -> dict[str, Any]:
    """What can be tried, and the person's own trials of this agreement, the latest first. Raises NotFound."""
    agreement = held(visit, visit.part("ref"))
    mine = [each for each in visit.jobs.of(visit.owner) if each.about["ref"] == agreement.ref]
    return {**_head(visit, agreement), "days": DAYS, "trials": [told(each) for each in mine]}


def build_one(visit: Visit) -> dict[str, Any]:
    """One trial: how far it is, or what it found. Raises NotFound for any that is not the person's own."""
    agreement, job = held(visit, visit.part("ref")), visit.jobs.find(visit.owner, visit.part("job"))
    if job.about["ref"] != agreement.ref:
        raise NotFound("there is no such trial of yours")
    stands = told(job)  # first: once it stands there as done, its result is there
    found = job.result if stands["state"] == "done" else None
    return {**_head(visit, agreement), "trial": stands, **(_found(found) if isinstance(found, Simulation) else _NOTHING)}


def told(job: Job) -> dict[str, Any]:
    """A job as it stands in a list."""
    return {
        "id": job.id, "state": job.state, "done": job.done, "of": job.of, "begun": moment(job.begun), **job.about,
        "fault": str(job.fault) if job.fault else "", "next": job.fault.next if job.fault else "",
    }  # fmt: skip


_NOTHING: dict[str, Any] = {"found": None, "shifts": []}


def _found(found: Simulation) -> dict[str, Any]:
    """What a trial found; `shifts` say of each whether the party gains or loses by it."""
    shifts = [{**msgspec.to_builtins(each), "gains": gains(each), "loses": loses(each)} for each in found.items]
    return {
        "found": {
            "counted": found.counted,
            "since": moment(found.since),
            "on": moment(found.on),
            "purposes": list(found.purposes),
            "assumed": list(found.assumed),
            "sentences": list(found.sentences),
        },
        "shifts": shifts,
    }


def _head(visit: Visit, agreement: Agreement) -> dict[str, Any]:
    return {"agreement": {**articles.head(agreement), "governs": agreement.ref in governs(visit)}}


def begin(visit: Visit, form: Form) -> Done:
    """Try a version over so many days. Raises SenderFault for no number of days, Conflict while another trial goes on, NotFound."""
    agreement = held(visit, visit.part("ref"))
    return Done(to=f"/agreements/{agreement.ref}/simulate/{start(visit, agreement, form).id}")


def start(visit: Visit, text: Agreement, form: Form, draft: str = "") -> Job:
    """Begin the job. `draft` is the version held that the text is a draft from; empty for a text that is held."""
    days = form.text("days") or str(DAYS)
    if not (days.isascii() and days.isdigit() and 1 <= int(days[:9]) <= MOST_DAYS):
        raise SenderFault(f"{days[:20]!r} is no number of days", next=f"write a number from 1 to {MOST_DAYS}")
    desk, asker, since = visit.desk, visit.reader, visit.world.clock() - timedelta(days=int(days))
    about = {"ref": draft or text.ref, "text": text.ref, "days": int(days), "draft": bool(draft)}
    return visit.jobs.start(
        visit.owner, about, visit.world.clock, lambda watch: simulate(desk, text, since, asker=asker, watch=watch)
    )  # fmt: skip


def stop(visit: Visit, form: Form) -> Done:
    """End a trial of one's own. Raises NotFound."""
    job = visit.jobs.find(visit.owner, visit.part("job"))
    job.stop()
    return Done(to=f"/agreements/{visit.part('ref')}/simulate/{job.id}")


PAGES = (
    Page(path="/agreements/{ref}/simulate", template="screens/agreement_trials.html", build=build, rows="trials"),
    Page(path="/agreements/{ref}/simulate/{job}", template="screens/agreement_trial.html", build=build_one, rows="shifts"),
)
ACTS = (
    Act(path="/agreements/{ref}/simulate", do=begin),
    Act(path="/agreements/{ref}/simulate/{job}/stop", do=stop),
)

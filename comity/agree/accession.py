"""Accession, suspension and withdrawal as checklists: what has been done, what is to be done next, by when, and by whom.

    consensus  application -> launch -> documents -> recommendation -> admission from an instant; an objection before that ends it
    sponsors   application -> so many other members speak for it -> a window without objection -> admission from an instant
    notice     notice of withdrawal or suspension -> effect once the notice has run, unless it is taken back before

No step gives a right: only the standing does that an admission or a notice enters in the register, from its instant on, by the agreements.
The state follows from the steps as a set, by the moments at which they were taken.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import msgspec

from comity.agree import duration
from comity.errors import Conflict, Denied, SenderFault
from comity.terms.party import ACCEDING, ENDED, Standing

Mode = Literal["consensus", "sponsors", "notice"]
Kind = Literal["launch", "document", "recommend", "sponsor", "object", "admit", "end"]
#: In this order where steps bear the same moment: whoever objects is heard first.
KINDS: tuple[Kind, ...] = ("object", "end", "launch", "document", "sponsor", "recommend", "admit")
#: What may be done under each way.
OPEN: dict[Mode, frozenset[Kind]] = {
    "consensus": frozenset({"launch", "document", "recommend", "object", "admit", "end"}),
    "sponsors": frozenset({"document", "sponsor", "object", "admit", "end"}),
    "notice": frozenset({"end"}),
}
#: What members do; everything else is recorded by the body's centre.
OF_MEMBERS = frozenset({"sponsor", "object"})
STATES = ("applied", "launched", "recommended", "sponsored", "unopposed", "admitted", "objected", "ended", "noticed", "in effect")
#: Nothing follows any more.
FINAL = frozenset({"admitted", "objected", "ended", "in effect"})
LONGEST = 400

#: (party, moment) -> whether it was a member of the body then: others have no say.
IsMember = Callable[[str, datetime], bool]


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What the party has to accede to or hand in, and by when."""

    title: str
    due: datetime


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that was done: what, by which party, and when; for a document its title, for an admission from when it holds.

    `known` is when this node learnt it.
    """

    kind: Kind
    party: str
    on: datetime
    document: str = ""
    since: datetime | None = None
    note: str = ""
    known: datetime | None = None


class Accession(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A party's way to a standing (`target`) in a body, begun on a day; what the body asks for is written down then and stays.

    `window` and `notice` are ISO 8601 durations; a notice of none has effect at once.
    """

    accession: str
    party: str
    body: str
    target: str
    mode: Mode
    begun: datetime
    documents: tuple[Document, ...] = ()
    sponsors: int = 2
    window: str = "P3W"
    notice: str = ""
    note: str = ""
    steps: tuple[Step, ...] = ()
    known: datetime | None = None

    @property
    def effect(self) -> datetime:
        """When a notice has effect."""
        return duration.after(self.begun, self.notice) if self.notice else self.begun

    def first(self, kind: Kind) -> Step | None:
        """The first step of a kind."""
        return min((step for step in self.steps if step.kind == kind), key=lambda step: step.on, default=None)

    def deposited(self, title: str) -> Step | None:
        """The step by which a document came in."""
        return next((step for step in self.steps if (step.kind, step.document) == ("document", title)), None)

    def late(self, at: datetime) -> list[Document]:
        """The documents that are due and were not in by then."""
        return [each for each in self.documents if each.due <= at and not self._in(each, at)]

    def missing(self, at: datetime) -> list[Document]:
        """The documents that were not in at a moment."""
        return [each for each in self.documents if not self._in(each, at)]

    def _in(self, document: Document, at: datetime) -> bool:
        found = self.deposited(document.title)
        return found is not None and found.on <= at


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """Where an accession stands, since when, what is to be done next, and when time alone changes that (None: never)."""

    name: str
    since: datetime
    next: tuple[Kind, ...] = ()
    deadline: datetime | None = None


def stage(accession: Accession, at: datetime, is_member: IsMember) -> Stage | None:
    """Where it stands at a moment; None before it was begun. Steps of parties that had no say then count for nothing."""
    if at < accession.begun:
        return None
    done = sorted((step for step in accession.steps if step.on <= at), key=lambda step: (step.on, KINDS.index(step.kind)))
    done = [step for step in done if step.kind not in OF_MEMBERS or _may(accession, step.party, step.on, is_member)]
    now = Stage(name="applied" if accession.mode != "notice" else "noticed", since=accession.begun)
    speaking: set[str] = set()
    for step in done:
        now = _elapsed(accession, now, step.on)
        if now.name in FINAL:
            break
        if step.kind == "sponsor":
            speaking.add(step.party)
        now = _after(accession, now, step, len(speaking))
    now = _elapsed(accession, now, at)
    return msgspec.structs.replace(now, next=_next(accession, now, at))


def _may(accession: Accession, party: str, at: datetime, is_member: IsMember) -> bool:
    return party != accession.party and is_member(party, at)


def _after(accession: Accession, now: Stage, step: Step, speaking: int) -> Stage:
    """The stage once a step was taken."""
    if step.kind == "sponsor":
        if now.name == "applied" and speaking >= accession.sponsors:
            return Stage(name="sponsored", since=step.on, deadline=duration.after(step.on, accession.window))
        return now
    name = {"launch": "launched", "recommend": "recommended", "object": "objected", "admit": "admitted", "end": "ended"}.get(step.kind)
    return Stage(name=name, since=step.on) if name else now


def _elapsed(accession: Accession, now: Stage, at: datetime) -> Stage:
    """The stage once time alone has done what it does."""
    if now.name == "noticed":
        effect = accession.effect
        return Stage(name="in effect", since=effect) if effect <= at else msgspec.structs.replace(now, deadline=effect)
    if now.name == "sponsored" and now.deadline is not None and now.deadline <= at:
        return Stage(name="unopposed", since=now.deadline)
    return now


def _next(accession: Accession, now: Stage, at: datetime) -> tuple[Kind, ...]:
    """What may be done now; the first is what it waits for."""
    if now.name in FINAL:
        return ()
    missing, consensus = bool(accession.missing(at)), accession.mode == "consensus"
    found: list[Kind] = []
    if now.name == "applied":
        found.append("launch" if consensus else "sponsor")
    if missing and not (consensus and now.name == "applied"):
        found.append("document")
    if not missing and now.name == "launched":
        found.append("recommend")
    if not missing and now.name in ("recommended", "unopposed"):
        found.append("admit")
    if consensus or now.name in ("applied", "sponsored"):
        found.append("object")
    found.append("end")
    return tuple(each for each in found if each in OPEN[accession.mode])


def check(accession: Accession, step: Step, now: datetime, is_member: IsMember) -> None:
    """Refuse a step that cannot be taken, or was not taken in its order.

    Raises SenderFault, Denied for a party that has no say, Conflict for one that does not follow, or once there is an outcome `now`.
    """
    if not accession.begun <= step.on <= now:
        said = f"{accession.accession} was begun on {accession.begun:%Y-%m-%d}: {step.on:%Y-%m-%d} is before that, or yet to come"
        raise SenderFault(said, next="say when it was done")
    if step.kind in OF_MEMBERS and not _may(accession, step.party, step.on, is_member):
        raise Denied(f"{step.party} may not {step.kind} here", next=f"a member of {accession.body} may, other than {accession.party}")
    if step.kind == "document" and step.document not in {each.title for each in accession.documents}:
        raise SenderFault(f"{step.document[:80]!r} is not on the list of {accession.accession}", next="comity accession show names them")
    if step.kind == "admit" and (step.since is None or step.since < accession.begun):
        raise SenderFault("an admission says from when it holds, not from before the beginning", next="give a later instant")
    for at in (now, step.on):
        found = stage(accession, at, is_member)
        if found is None or (step.kind not in found.next and (at == step.on or found.name in FINAL)):
            outcome, waits = (found.name, ", ".join(found.next)) if found else ("not begun", "")
            next_ = f"it waits for: {waits}" if waits else "nothing follows; start another"
            raise Conflict(f"{accession.accession} is {outcome}: {step.kind} cannot be done then", next=next_)
        if step.kind == "admit" and at == step.on and step.since is not None and step.since < found.since:
            said = f"{accession.accession} was {found.name} on {found.since:%Y-%m-%d}: an admission does not hold from before that"
            raise SenderFault(said, next="give a later instant")


def acceding(accession: Accession, is_member: IsMember) -> Standing | None:
    """The political status that an accession under way gives, as a claim from which no right follows; None for one not launched."""
    launch = accession.first("launch") if accession.mode == "consensus" else None
    if accession.mode == "notice" or (accession.mode == "consensus" and launch is None):
        return None
    since, known = (launch.on, launch.known) if launch else (accession.begun, accession.known)
    last = stage(accession, max([since, *(step.on for step in accession.steps)]), is_member)
    admitted = accession.first("admit")
    until = admitted.since if admitted else last.since if last and last.name in FINAL else None
    if until is not None and until <= since:
        return None
    return Standing(
        party=accession.party, body=accession.body, standing=ACCEDING, since=since, until=until, status_only=True,
        source=f"accession {accession.accession}", known=known, note=f"towards {accession.target}",
    )  # fmt: skip


def targets(mode: Mode, target: str) -> str:
    """The target itself if the way leads to it. Raises SenderFault."""
    if (target in ENDED) != (mode == "notice"):
        by = "by notice" if target in ENDED else "by consensus or sponsors"
        raise SenderFault(f"{target} is reached {by}", next=f"leave the mode away: {by}")
    return target

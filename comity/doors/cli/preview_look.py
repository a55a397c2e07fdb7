"""Carrying a preview out: files into a scratch world by the real intake, then every party's answer by the real release."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from comity.agree.wording import joined
from comity.clock import now
from comity.doors.cli.add import drafts_in
from comity.doors.cli.context import Nodes
from comity.doors.cli.preview_stage import Cast, Given, assemble, assumed, changed, world_of
from comity.errors import SenderFault
from comity.forms import detect, misp
from comity.forms.misp_reach import SharingGroup, Wider, reach
from comity.intake.submit import Submitter, submit
from comity.match.openfile import DAMAGED, opened, whole
from comity.release.desk import Desk
from comity.release.preview import Item, Party, Subject, entered, in_force, look
from comity.release.preview_findings import Break, Change, Unreached, changes, listed, tlp_breaks, unreached
from comity.terms.item import Draft, Refused
from comity.world import World


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What to preview: files, agreements (and one of them changed), who submits what how, and as of when."""

    files: tuple[str, ...]
    agreements: tuple[Given, ...]
    change: Given | None
    submitter: str | None
    named: dict[str, str]
    tlp: str
    purposes: tuple[str, ...]
    on: datetime


class NotTaken(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of a file that would not go anywhere: quarantined or rejected, and why."""

    outcome: str
    file: str
    position: str
    id: str | None = None
    why: str = ""


class EmptyGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A MISP sharing group of which nobody is left."""

    file: str
    group: SharingGroup
    text: str


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a preview found. `items` are decided by the changed agreement where there is one; `changes` say against what."""

    agreements: tuple[Given, ...]
    submitter: Party
    parties: tuple[Party, ...]
    items: list[Item]
    breaks: list[Break]
    wider: list[tuple[str, Wider]]
    groups: list[EmptyGroup]
    unreached: list[Unreached]
    not_taken: list[NotTaken]
    duplicates: int
    compared: bool
    changes: list[Change]
    notes: list[str]
    asked: Asked

    @property
    def others(self) -> tuple[Party, ...]:
        """The columns: everybody but the sender."""
        return tuple(each for each in self.parties if not each.submits)

    @property
    def illustrative(self) -> bool:
        """Whether any of the agreements is sample wording."""
        return any(each.agreement.illustrative for each in self.agreements)


class _File(msgspec.Struct, frozen=True):
    path: str
    drafts: list[Draft | Refused]
    wider: list[Wider]
    groups: list[SharingGroup]


def carry_out(nodes: Nodes, asked: Asked) -> Preview:
    """The preview. Raises what opening a file, an agreement or an option can be at fault for."""
    after = changed(asked.agreements, asked.change) if asked.change else asked.agreements
    everybody = assemble([*after, *(asked.agreements if asked.change else ())], asked.named, asked.submitter)
    files = [_read(path) for path in asked.files]
    desk, items, not_taken, duplicates = _look(nodes, after, everybody, files, asked)
    earlier = _look(nodes, asked.agreements, everybody, files, asked)[1] if asked.change else items
    return Preview(
        agreements=after,
        submitter=everybody.submitter,
        parties=everybody.parties,
        items=items,
        breaks=tlp_breaks(items, everybody.parties),
        wider=[(file.path, each) for file in files for each in file.wider],
        groups=[empty for file in files for each in file.groups if (empty := _empty(file.path, each, everybody))],
        unreached=unreached(items, everybody.parties),
        not_taken=not_taken,
        duplicates=duplicates,
        compared=asked.change is not None,
        changes=changes(earlier, items, everybody.parties) if asked.change else [],
        notes=[*_notes(desk, everybody, items, asked), *_assumed(after, everybody)],
        asked=asked,
    )


def _read(path: str) -> _File:
    """A file's objects; of a MISP export also how far MISP would send them. What cannot be read at all is one refusal."""
    raw = b""
    with opened(path) as file:
        try:
            kind = detect.kind(file.peek(detect.HEAD)[: detect.HEAD], path)
            if kind == "misp":
                raw = whole(file, path)
            drafts = list(misp.read(raw) if kind == "misp" else drafts_in(file, path, kind, now()))
        except SenderFault as fault:
            drafts = [Refused(position="file", why=str(fault))]
        except DAMAGED as error:
            drafts = [Refused(position="file", why=f"it is damaged: {error}")]
    wider, groups = reach(raw) if raw else ([], [])
    return _File(path, drafts, wider, groups)


def _look(
    nodes: Nodes, agreements: Sequence[Given], everybody: Cast, files: Sequence[_File], asked: Asked
) -> tuple[Desk, list[Item], list[NotTaken], int]:
    world = world_of(nodes, agreements, everybody)
    by = Submitter(party=everybody.submitter.party, by="preview", tlp=asked.tlp, purposes=asked.purposes)
    subjects: list[Subject] = []
    not_taken: list[NotTaken] = []
    duplicates = 0
    for file in files:
        places = {(draft.position, draft.obj.get("id")): at for at, draft in enumerate(file.drafts) if isinstance(draft, Draft)}
        accepted: dict[tuple[str, str], tuple[int, str]] = {}
        for outcome in submit(world, file.drafts, by):
            if outcome.outcome == "accepted" and outcome.id and outcome.version:
                accepted[outcome.id, outcome.version] = places[outcome.position, outcome.id], outcome.position
            elif outcome.outcome == "duplicate":
                duplicates += 1
            else:
                why = NotTaken(outcome=outcome.outcome, file=file.path, position=outcome.position, id=outcome.id, why=outcome.why)
                not_taken.append(why)
        subjects += _subjects(world, file, accepted)
    desk = Desk(world)
    return desk, look(desk, subjects, everybody.parties, asked.purposes, asked.on), not_taken, duplicates


def _subjects(world: World, file: _File, accepted: dict[tuple[str, str], tuple[int, str]]) -> Iterator[Subject]:
    """What was accepted, in the order of the file."""
    rows = entered(world, [id_ for id_, _ in accepted])
    for key, (at, position) in sorted(accepted.items(), key=lambda pair: pair[1]):
        draft = file.drafts[at]
        yield Subject(row=rows[key], file=file.path, position=position, marked=isinstance(draft, Draft) and draft.tlp is not None)


def _empty(path: str, group: SharingGroup, everybody: Cast) -> EmptyGroup | None:
    """Why nobody of a sharing group would receive anything; None when somebody could."""
    known = {each.party for each in everybody.parties if not each.submits and not each.generic}
    if known & set(group.codes):
        return None
    if not group.described:
        why = "the export does not say who is in it"
    elif not group.organisations:
        why = "it has no organisations"
    else:
        why = f"none of its organisations ({listed(group.organisations)}) is another party of the agreement"
    parts = "1 part of the event goes" if group.parts == 1 else f"{group.parts} parts of the event go"
    return EmptyGroup(file=path, group=group, text=f"Sharing group “{group.name}” reaches nobody: {why}; {parts} there only")


def _assumed(agreements: Sequence[Given], everybody: Cast) -> Iterator[str]:
    for each in agreements:
        if parties := assumed(each.agreement, everybody):
            yield f"no party has a date in {each.agreement.ref} yet: it is taken as in force for {joined(parties)}"


def _notes(desk: Desk, everybody: Cast, items: Sequence[Item], asked: Asked) -> Iterator[str]:
    yield from in_force(desk, everybody.submitter, asked.on)
    if asked.submitter is None:
        yield f"submitted as {everybody.submitter.party}, the first party of the agreement; --as CODE says otherwise"
    for each in everybody.parties:
        if each.generic:
            yield f"nobody is {each.standing}: the column “{each.label}” stands for any that would be"
    unmarked = sum(not item.marked for item in items)
    if unmarked:
        yield f"{unmarked:,} of {len(items):,} items carry no TLP and are taken as TLP:{asked.tlp.upper()} (--tlp)"

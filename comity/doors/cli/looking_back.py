"""`comity match --keep` and `--history`: what logs have shown is kept, and indicators are looked for in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec

from comity.doors.cli.output import amount, note, write
from comity.doors.cli.passed import PassedOver
from comity.doors.cli.suppressing import suppression, tell_suppressed
from comity.errors import Fault, NotFound
from comity.match.history import days, keep, kept, purge
from comity.match.index import Index
from comity.match.inputs import known_as
from comity.match.observed import observed
from comity.match.origins import labelled
from comity.match.retro import Finding, LookingBack, findings, submit_findings
from comity.match.tally import Tally
from comity.release.desk import Desk
from comity.release.holdings import get
from comity.release.matchable import matchable
from comity.world import World


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What `comity match --history` was asked for; `since` None is as long as anything is kept."""

    since: timedelta | None
    new: bool
    min_score: int
    known_good: str
    explain: bool
    submit: bool
    named: bool
    output: str | None
    by: str = ""


def keep_logs(world: World, paths: Iterable[str], form: str) -> None:
    """Keep what some logs have shown, and purge what is over its time."""
    settings = world.settings.history
    folder, now = Path(settings.folder), world.clock()
    since = (now - timedelta(days=settings.days)).date()
    for path in paths:
        if path == "-":
            note("standard input cannot be read twice: what it shows is not kept")
            continue
        try:
            count = keep(folder, known_as(path), observed(path, form), now, since)
            note(f"{path}: {amount(count, 'value')} kept for {amount(settings.days, 'day')}")
        except Fault as fault:
            note(str(fault))
    if folder.is_dir():
        purge(folder, since)


def look_back(desk: Desk, asked: Asked) -> int:
    """Look for the node's indicators, or the new ones among them, in what is kept; the exit code."""
    problems: list[str] = []
    back = LookingBack(desk, problems.append)
    folder = Path(desk.world.settings.history.folder)
    if not days(folder):
        note("nothing is kept: comity match LOG --keep, or keep = true under [history] in node.toml")
    good = suppression(asked.known_good)
    found = _found(desk, back, asked, folder, problems)
    shown = list(good.of(found) if good else found)
    write(_counts(desk, shown, asked.by) if asked.by else (msgspec.to_builtins(each) for each in shown), asked.output)
    if good:
        tell_suppressed(good.found, asked.known_good, every=asked.explain)
    for problem in problems:
        note(problem)
    note(f"{len(shown):,} findings")
    if asked.submit:
        outcomes = Counter(outcome.outcome for outcome in submit_findings(desk, shown, named=asked.named))
        note("sightings: " + (", ".join(f"{number} {name}" for name, number in outcomes.items()) or "none that are new"))
    if asked.new:
        back.reached()
    desk.flush()
    return 9 if problems else 0


def _counts(desk: Desk, shown: Iterable[Finding], by: str) -> Iterable[dict[str, Any]]:
    tally = Tally(by)
    for each in shown:
        tally.add(each.day if by == "day" else "", (each.kind, each.value, each.indicator), each.count)
    return tally.rows(lambda value: (held_from(desk, value[2]),))


def held_from(desk: Desk, id_: str) -> str:
    """Who gave the node an indicator: its label says, else the party that it is from."""
    try:
        row, body = get(desk, id_)
    except NotFound:
        return "unknown"  # it is gone since
    return labelled(msgspec.json.decode(body).get("labels")) or row.origin


def _found(desk: Desk, back: LookingBack, asked: Asked, folder: Path, problems: list[str]) -> Iterable[Finding]:
    if asked.new:
        return back.new()
    passed = PassedOver(every=asked.explain)
    index = Index.build(matchable(desk, asked.min_score, passed.add))
    note(f"{amount(len(index), 'indicator value')}")
    passed.tell()
    since = back.since() if asked.since is None else max(back.since(), _day(desk, asked.since))
    return findings(kept(folder, since, problems.append), index)


def _day(desk: Desk, since: timedelta) -> date:
    return (desk.world.clock() - since).date()

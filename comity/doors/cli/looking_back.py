"""`comity match --keep` and `--history`: what logs have shown is kept, and indicators are looked for in it."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from comity.config import node_folder, read_settings
from comity.doors.cli.context import opened
from comity.doors.cli.moments import SPAN
from comity.doors.cli.output import amount, note, write
from comity.doors.cli.passed import PassedOver
from comity.doors.cli.suppressing import suppression, tell_suppressed
from comity.errors import Fault, NotFound
from comity.match.history import days, keep, kept, purge
from comity.match.index import Index
from comity.match.inputs import known_as, logs_in
from comity.match.observed import observed
from comity.match.origins import labelled
from comity.match.retro import Finding, LookingBack, findings, submit_findings
from comity.match.tally import Tally
from comity.release.desk import Desk
from comity.release.holdings import get
from comity.release.matchable import matchable
from comity.world import World

F = TypeVar("F", bound=Callable[..., Any])


def history_options(command: F) -> F:
    """`--keep`, `--history`, `--since` and `--new` of `comity match`: with `--history` no log is read."""

    @functools.wraps(command)
    def either(*args: Any, keep: bool, history: bool, since: timedelta | None, new: bool, **given: Any) -> Any:
        ctx, alone = click.get_current_context(), bool(given["indicators"])
        if (since or new) and not history:
            raise click.UsageError("--since and --new are about --history")
        if alone and (keep or history):
            raise click.UsageError("--keep and --history need the node's own indicators: leave --indicators out")
        if history and given["by"] == "file":
            raise click.UsageError("of what is kept it is not known which log it is from: count --by indicator, source or day")
        if history:
            asked = Asked(
                since=since, new=new, min_score=given["min_score"], known_good=given["known_good"] or "skip", explain=given["explain"],
                submit=given["submit"], named=given["consent_named"], output=given["output"],
                by=given["by"] or ("indicator" if given["summary"] else ""),
            )  # fmt: skip
            ctx.exit(look_back(Desk(opened(ctx, given["node"])), asked))
        if not given["logs"]:
            raise click.UsageError("Missing argument 'LOG...'.")
        if keep and given["following"]:
            raise click.UsageError("what is followed has no end to be kept: leave --follow or --keep out")
        reads = not (alone or given["following"] or given["explain_format"])
        if reads and (keep or read_settings(node_folder(given["node"])).history.keep):
            keep_logs(opened(ctx, given["node"]), logs_in(given["logs"], note), given["form"])
        return command(*args, **given)

    for option in reversed(_OPTIONS):
        either = option(either)
    return either  # type: ignore[return-value]


_OPTIONS = (
    click.option(
        "--keep", is_flag=True, help="Keep what the logs show of the outside, by day, for --history. [default: as node.toml says]"
    ),
    click.option("--history", is_flag=True, help="Look for indicators in what was kept; no log is read."),
    click.option("--since", type=SPAN, metavar="AGE", help="With --history: only so far back, like 30d."),
    click.option("--new", is_flag=True, help="With --history: only for indicators that came since the last time."),
)


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

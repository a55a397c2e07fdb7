"""`comity match`: logs against the node's indicators, or against a list without any node."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.config import node_folder
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.history_options import history_options
from comity.doors.cli.match_output import CAUTION, Status, explained, listed, summarised, told
from comity.doors.cli.output import amount, note, output_option
from comity.doors.cli.passed import PassedOver
from comity.doors.cli.suppressing import known_good_option, suppression, tell_suppressed
from comity.match.follow import follow
from comity.match.hit import Hit
from comity.match.index import Index
from comity.match.inputs import logs_in
from comity.match.openfile import RATIO
from comity.match.origins import sources
from comity.match.parallel import scan_all
from comity.match.renewal import Files, Renewal, Source
from comity.match.scan import FORMATS
from comity.match.tally import BY, Value
from comity.match.workers import cores

if TYPE_CHECKING:
    from comity.doors.cli.match_own import Node

#: Seconds after which hits become sightings while logs are followed.
_EVERY = 900.0


@click.command()
@click.argument("logs", nargs=-1, metavar="LOG...")
@click.option("--indicators", multiple=True, metavar="FILE", help="A list, CSV, JSON, STIX or MISP file; no node is used. May be repeated.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="auto", show_default=True, help="How to read the logs.")
@click.option("--explain-format", is_flag=True, help="Only say how each log would be read, and why.")
@click.option("--follow", "following", is_flag=True, help="Go on reading what is written to the logs, also after they are rotated.")
@click.option("--jobs", type=click.IntRange(1), help="Processes to read large logs with. [default: one for each core]")
@click.option("--all-patterns", is_flag=True, help="Also patterns for which every line must be read and evaluated: slow.")
@click.option(
    "--ratio", type=click.IntRange(0), default=RATIO, show_default=True, help="Read no log that unpacks to more times its size; 0: any."
)
@click.option("--summary", is_flag=True, help="Only counts per indicator.")
@click.option("--by", type=click.Choice(BY), help="Only counts: per indicator, who gave it, day of the event, or log.")
@known_good_option
@click.option("--min-score", type=click.IntRange(0, 100), default=0, help="Only indicators still worth as much: see docs/blocklists.md.")
@click.option("--explain", is_flag=True, help="Name every indicator that was not matched, or whose hits were left out, and why.")
@click.option(
    "--cache/--no-cache",
    default=True,
    help="Keep what was compiled, so that it loads at once: --indicators under ~/.cache/comity, the node's own in its folder.",
)
@click.option("--submit", is_flag=True, help="Turn hits into sightings on the node: aggregates, no hosts, no users.")
@click.option("--consent-named", is_flag=True, help="With --submit: this party may be known as the sighter, at once.")
@history_options
@output_option
@node_option
@click.pass_context
def match(
    ctx: click.Context, logs: tuple[str, ...], indicators: tuple[str, ...], form: str, explain_format: bool, following: bool,
    jobs: int | None, all_patterns: bool, ratio: int, summary: bool,
    by: str | None, known_good: str | None, min_score: int, explain: bool, cache: bool, submit: bool,
    consent_named: bool, output: str | None, node: str | None,
) -> None:  # fmt: skip
    """Match logs: Zeek, Suricata EVE, JSON (Elastic Common Schema, Windows), CSV, lines of name servers, proxies, web servers.

    Plain, .gz, .zst, .bz2 or .xz; a directory stands for its files, `-` for standard input. A domain hits exactly or as a
    parent of the name seen; networks by containment; the rest exactly. See docs/match.md.

    \b
    Example:
      comity match dns.log.gz --indicators indicators.csv
      zcat dns.log.gz | comity match - --summary
    """
    _usage(logs, indicators, following, submit, min_score)
    problems: list[str] = []
    names = _followed(logs, problems.append) if following else logs_in(logs, problems.append)
    if explain_format:
        explained(names, form, output, problems.append)
        told((), problems)
        ctx.exit(9 if problems else 0)
    held = None if indicators else _node(ctx, node)
    folder = node_folder(node) / "tables" if cache else None
    source: Source = held.own(folder, min_score) if held else Files(indicators, note, kept=cache)
    index = _index(source, PassedOver(every=explain), all_patterns)
    if held is None:
        note(CAUTION)
    known_good = known_good or ("skip" if held else "tell")
    if held is None and not len(index) and not index.patterns.parts:
        problems.append("nothing was looked for: no indicator in force in what --indicators names; check that its files are whole")
    good = suppression(known_good)
    status = Status()
    waiting = _Waiting(partial(held.submit, named=consent_named) if held and submit else None, status)
    if following:
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops the machine wants the hits too
        renewed = partial(_turned, waiting, Renewal(source, note), status, all_patterns)
        hits = follow(names, index, form, on_file=status.file, on_block=status.block, on_problem=problems.append, renewed=renewed)
    else:
        hits = scan_all(names, index, form, problems.append, status.file, jobs=jobs or cores(), ratio=ratio, on_block=status.block)
    hits = status.counted(waiting.of(good.of(hits) if good else hits))
    if summary or by:
        summarised(hits, by or "indicator", output, lambda values: _sources(values, indicators, held))
    else:
        listed(hits, output, status.clear)
    told(status.files, problems)
    if good:
        tell_suppressed(good.found, known_good, every=explain)
    note(status.text())
    if held is not None:
        waiting.give()
        held.close()
    ctx.exit(130 if status.interrupted else 9 if problems else 0)


def _usage(logs: tuple[str, ...], indicators: tuple[str, ...], following: bool, submit: bool, min_score: int) -> None:
    if (submit or min_score) and indicators:
        what = "--submit" if submit else "--min-score"
        raise click.UsageError(f"{what} needs the node's own indicators: leave --indicators out")
    if following and "-" in logs:
        raise click.UsageError("standard input is read as it comes: leave --follow out")


def _followed(logs: Iterable[str], tell: Callable[[str], None]) -> list[str]:
    """Logs to follow: what stands in a directory now, and what need not be there yet."""
    return [each for log in logs for each in (logs_in((log,), tell) if Path(log).is_dir() else (log,))]


def _node(ctx: click.Context, node: str | None) -> Node:
    from comity.doors.cli.match_own import Node  # with all of a node: a list needs none of it

    return Node(opened(ctx, node))


def _index(source: Source, passed: PassedOver, every: bool) -> Index:
    """What is looked for, with a word on it."""
    index = source.read(passed.add)
    index = index.on_each_line() if every else index
    note(_what(index))
    for id_, why in index.patterns.left_out:
        note(f"{id_} has a pattern that is not matched, or not all of it: {why}")
    passed.tell()
    return index


def _turned(waiting: _Waiting, renewal: Renewal, status: Status, every: bool) -> Index | None:
    """What is done between two looks at the logs."""
    waiting.look()
    return _renewed(renewal, status, every)


def _renewed(renewal: Renewal, status: Status, every: bool) -> Index | None:
    """What is looked for from now on, if that is something else, with a word on it."""
    index = renewal()
    if index is None:
        return None
    status.clear()
    note(f"indicators were read again: {_what(index)}")
    return index.on_each_line() if every else index


def _what(index: Index) -> str:
    patterns = len({(part.id, part.text) for part in index.patterns.parts})
    return amount(len(index), "indicator value") + (f", {amount(patterns, 'pattern')}" if patterns else "")


class _Waiting:
    """Hits that are to become sightings: at the end, and now and then while logs are followed. Without `submit` none are."""

    def __init__(self, submit: Callable[[list[Hit]], None] | None, status: Status) -> None:
        self._submit = submit
        self._status = status
        self._hits: list[Hit] = []
        self._due = time.monotonic() + _EVERY

    def of(self, hits: Iterable[Hit]) -> Iterator[Hit]:
        """The same hits, kept."""
        for hit in hits:
            if self._submit is not None:
                self._hits.append(hit)
            yield hit

    def look(self) -> None:
        """Submit what waits, if it is time."""
        if self._hits and time.monotonic() >= self._due:
            self._status.clear()
            self.give()

    def give(self) -> None:
        """Submit what waits."""
        if self._submit is not None:
            self._submit(self._hits)  # what is interrupted comes again, as the same sightings
            self._hits, self._due = [], time.monotonic() + _EVERY


def _sources(values: set[Value], indicators: Iterable[str], held: Node | None) -> Callable[[Value], Iterable[str]]:
    """Who gave each of some indicators: as their files say, or the party or feed that the node has them from."""
    if held is None:
        named = sources(indicators, {(kind, value) for kind, value, _ in values})
        return lambda value: named.get(value[:2], ())
    return lambda value: (held.held_from(value[2]),)

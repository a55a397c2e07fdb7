"""`comity match`: logs against the node's indicators, or against a list without any node."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator

import click
import msgspec

from comity.doors.cli.context import node_option, opened
from comity.doors.cli.output import chosen, coloured, note, output_option, safe, write
from comity.doors.cli.passed import PassedOver
from comity.doors.cli.suppressing import known_good_option, suppression, tell_suppressed
from comity.match.cached import index_of
from comity.match.index import Index
from comity.match.inputs import logs_in
from comity.match.scan import FORMATS, Hit, Scanned, scan
from comity.match.sighted import submit_sightings
from comity.release.desk import Desk
from comity.release.matchable import matchable

_COLUMNS = ("file", "line", "field", "kind", "value", "observed", "how", "indicator", "at")


@click.command()
@click.argument("logs", nargs=-1, required=True, metavar="LOG...")
@click.option("--indicators", multiple=True, metavar="FILE", help="A list, CSV, STIX or MISP file; no node is used. May be repeated.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="auto", show_default=True, help="How to read the logs.")
@click.option("--summary", is_flag=True, help="Only counts per indicator.")
@known_good_option
@click.option("--min-score", type=click.IntRange(0, 100), default=0, help="Only indicators still worth as much: see docs/blocklists.md.")
@click.option("--explain", is_flag=True, help="Name every indicator that was not matched, or whose hits were left out, and why.")
@click.option("--cache/--no-cache", default=True, help="Keep compiled --indicators under ~/.cache/comity, so that they load at once.")
@click.option("--submit", is_flag=True, help="Turn hits into sightings on the node: aggregates, no hosts, no users.")
@click.option("--consent-named", is_flag=True, help="With --submit: this party may be known as the sighter, at once.")
@output_option
@node_option
@click.pass_context
def match(
    ctx: click.Context, logs: tuple[str, ...], indicators: tuple[str, ...], form: str, summary: bool, known_good: str | None,
    min_score: int, explain: bool, cache: bool, submit: bool, consent_named: bool, output: str | None, node: str | None,
) -> None:  # fmt: skip
    """Match logs: Zeek, Suricata EVE, JSON (Elastic Common Schema, Windows), CSV, lines of name servers, proxies, web servers.

    Plain, .gz or .zst; a directory stands for its files, `-` for standard input. A domain hits exactly or as a
    parent of the name seen; networks by containment; the rest exactly. See docs/match.md.

    \b
    Example:
      comity match dns.log.gz --indicators indicators.csv
      zcat dns.log.gz | comity match - --summary
    """
    if (submit or min_score) and indicators:
        what = "--submit" if submit else "--min-score"
        raise click.UsageError(f"{what} needs the node's own indicators: leave --indicators out")
    began = time.monotonic()
    problems: list[str] = []
    files: list[Scanned] = []
    names = logs_in(logs, problems.append)
    desk = None if indicators else Desk(opened(ctx, node))
    passed = PassedOver(every=explain)
    if desk is None:
        index = index_of(indicators, note, passed.add, keep=cache)
    else:
        index = Index.build(matchable(desk, min_score, passed.add))
    note(f"{len(index):,} indicator values")
    passed.tell()
    known_good = known_good or ("skip" if desk else "tell")
    good = suppression(known_good)
    hits = scan(names, index, form, problems.append, files.append)
    hits = good.of(hits) if good else hits
    kept: list[Hit] = []
    if submit:
        hits = _kept(hits, kept)
    count = _summarised(hits, output) if summary else _listed(hits, output)
    for problem in problems:
        note(problem)
    for each in files:
        note(f"{each.file}: {each.format}, {each.lines:,} line{'' if each.lines == 1 else 's'}")
        for remark in each.remarks:
            note(f"warning: {each.file}: {remark}")
    if good:
        tell_suppressed(good.found, known_good, every=explain)
    note(f"{count:,} hits in {time.monotonic() - began:.1f} s")
    if desk is not None:
        if submit:
            outcomes = Counter(outcome.outcome for outcome in submit_sightings(desk.world, kept, named=consent_named))
            note("sightings: " + (", ".join(f"{number} {name}" for name, number in outcomes.items()) or "none"))
        desk.flush()
    ctx.exit(9 if problems else 0)


def _kept(hits: Iterable[Hit], kept: list[Hit]) -> Iterator[Hit]:
    for hit in hits:
        kept.append(hit)
        yield hit


def _listed(hits: Iterable[Hit], output: str | None) -> int:
    """Print hits as they are found; how many."""
    if chosen(output) != "table":
        return write((msgspec.structs.asdict(hit) for hit in hits), output, _COLUMNS)
    count = 0
    for hit in hits:
        count += 1
        observed = f"\033[1m{safe(hit.observed)}\033[0m" if coloured() else safe(hit.observed)
        print(f"{safe(hit.file)}:{hit.line}  {safe(hit.field)}  {observed}  {hit.how} {safe(hit.value)}", flush=True)
    return count


def _summarised(hits: Iterable[Hit], output: str | None) -> int:
    counts: Counter[tuple[str, str, str]] = Counter()
    for hit in hits:
        counts[hit.indicator, hit.kind, hit.value] += 1
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    rows = ({"hits": number, "kind": kind, "value": value, "indicator": id_} for (id_, kind, value), number in ordered)
    write(rows, output)
    return counts.total()

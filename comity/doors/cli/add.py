"""`comity add`: anything a user has, told apart by its content."""

from __future__ import annotations

import io
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

import click
import msgspec

from comity.clock import now
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.output import chosen, line, note, output_option, safe, write
from comity.doors.cli.words import listed, tlp_level, warn_unknown
from comity.errors import SenderFault
from comity.forms import detect, misp, report, stix_json, table
from comity.intake.submit import Submitter, submit
from comity.match.openfile import DAMAGED, lines, whole
from comity.match.openfile import opened as opened_file
from comity.terms.item import Draft, Outcome, Refused
from comity.terms.party import party_code
from comity.world import World

KINDS = ("stix", "misp", "csv", "list", "html", "text")


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--tlp", default="amber", show_default=True, help="TLP of objects without a marking.")
@click.option("--purpose", default="network-defence", show_default=True, help="Comma list of purposes it is shared for.")
@click.option("--handling", default="", help="Comma list of handling codes: H0, H1, H2, H3.")
@click.option("--to", metavar="CODES", help="Only these parties (comma list); the agreement must permit them too.")
@click.option("--as", "party", metavar="CODE", help="On behalf of this party. [default: the node's own]")
@click.option("--kind", type=click.Choice(KINDS), help="What the files are. [default: told by content]")
@output_option
@node_option
@click.pass_context
def add(
    ctx: click.Context, files: tuple[str, ...], tlp: str, purpose: str, handling: str, to: str | None, party: str | None,
    kind: str | None, output: str | None, node: str | None,
) -> None:  # fmt: skip
    """Take in STIX 2.0/2.1, MISP events, CSV, lists and reports (HTML, text), compressed or not; `-` is standard input.

    One line per object: accepted, duplicate, quarantined or rejected, and why. Exits 0 when all were kept, 9 when some were, 1 when none.

    \b
    Example:
      comity add bundle.json event.json indicators.csv --tlp green
    """
    world = opened(ctx, node)
    by = Submitter(
        party=party_code(party) if party else world.settings.party,
        by="administrator",
        tlp=tlp_level(tlp),
        purposes=listed(purpose),
        handling=tuple(code.upper() for code in listed(handling)),
        to=tuple(party_code(code) for code in listed(to)) if to is not None else None,
    )
    if party:
        warn_unknown(world, by.party)
    counts: Counter[str] = Counter()
    outcomes = _outcomes(world, files, kind, by, counts)
    if chosen(output) == "table":
        _for_people(outcomes, counts)
    elif output in ("json", "csv"):
        write((msgspec.to_builtins(o) for o in outcomes), output, ("outcome", "file", "position", "id", "type", "version", "why"))
    else:
        for outcome in outcomes:
            line(outcome)
    kept = counts["accepted"] + counts["duplicate"] + counts["quarantined"]
    note(
        ", ".join(f"{counts[name]} {name}" for name in ("accepted", "duplicate", "quarantined", "rejected") if counts[name])
        or "nothing in it"
    )
    ctx.exit(0 if not counts["rejected"] and kept else 9 if kept else 1)


class FileOutcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An outcome with the file it is about."""

    outcome: str
    file: str
    position: str
    id: str | None = None
    type: str | None = None
    version: str | None = None
    why: str = ""


def _outcomes(world: World, files: Iterable[str], kind: str | None, by: Submitter, counts: Counter[str]) -> Iterator[FileOutcome]:
    for path in files:
        for o in submit(world, drafts_of(world, path, kind), by):
            counts[o.outcome] += 1
            yield _of_file(path, o)


def _of_file(path: str, o: Outcome) -> FileOutcome:
    return FileOutcome(outcome=o.outcome, file=path, position=o.position, id=o.id, type=o.type, version=o.version, why=o.why)


def drafts_of(world: World | None, path: str, kind: str | None) -> Iterator[Draft | Refused]:
    """The objects in a file. Tables stream; the rest is read at once. Raises for a file that cannot be opened or is of no known kind."""
    with opened_file(path) as file:
        found = kind or detect.kind(file.peek(detect.HEAD)[: detect.HEAD], path)
        yield from drafts_in(file, path, found, world.clock() if world else now())


def drafts_in(file: io.BufferedReader, path: str, kind: str, at: datetime) -> Iterator[Draft | Refused]:
    """The objects in a file that is open already and of a known kind; `at` dates what has no date of its own. Raises SenderFault."""
    try:
        if kind in ("csv", "list"):
            yield from table.read((text for _, text in lines(file)), at=at)
        elif kind in ("stix", "json"):
            yield from stix_json.read(whole(file, path))
        elif kind == "misp":
            yield from misp.read(whole(file, path))
        elif kind in ("html", "text"):
            yield from report.read(whole(file, path), at=at)
        else:
            hints = {"binary": "convert text to UTF-8, for example with: iconv -f UTF-16 -t UTF-8"}
            hints |= dict.fromkeys(("zeek", "eve"), "match logs with `comity match`")
            next_ = hints.get(kind, "say what it is with --kind")
            raise SenderFault(f"{path} is {kind}, which `comity add` does not take", next=next_)
    except DAMAGED as error:
        yield Refused(position="file", why=f"it is damaged: {error}")


def _for_people(outcomes: Iterable[FileOutcome], counts: Counter[str]) -> None:
    """Progress while it goes on; then only what a person has to know: everything that was not simply taken."""
    began, shown, told = time.monotonic(), 0.0, 0
    progress = sys.stderr.isatty()
    for number, o in enumerate(outcomes, 1):
        if o.outcome in ("rejected", "quarantined"):
            told += 1
            if told <= 50:
                print(safe(f"{o.outcome}  {o.file}  {o.position}  {o.id or ''}  {o.why}"))
            elif told == 51:
                note("more were not simply taken: use -o ndjson to see every one")
        passed = time.monotonic() - began
        if progress and passed - shown > 0.2:
            shown = passed
            print(f"\r{number:,} objects, {number / passed:,.0f}/s ", end="", file=sys.stderr, flush=True)
    if progress:
        print("\r\033[K", end="", file=sys.stderr, flush=True)

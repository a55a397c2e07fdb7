"""`comity purge` and `comity retain`: what is to go and when, letting it go, and keeping it for longer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import click
import msgspec

from comity.clock import micros, parse, stamp
from comity.config import node_folder
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.moments import MOMENT, SPAN
from comity.doors.cli.output import document, note, output_option, write
from comity.intake.erase import holds
from comity.intake.extending import extend
from comity.intake.purge import Report, overdue
from comity.retention import Due, Retention
from comity.terms.party import ADMINISTRATOR

_COLUMNS = ("due", "by", "type", "id", "version", "origin", "held")


@click.command()
@click.option("--dry-run", is_flag=True, help="Only list what would go.")
@click.option("--json", "as_json", is_flag=True, help="The same as -o json.")
@output_option
@node_option
@click.pass_context
def purge(ctx: click.Context, dry_run: bool, as_json: bool, output: str | None, node: str | None) -> None:
    """Erase what is over its time: bytes, rows, notes about it and what the log tells of it. The report ends with what is overdue still.

    `comity up` does the same by itself, once an hour. What is held for a reason (`comity recall hold`) stays, and is named. Exits 9 when
    something is overdue all the same, or a reader kept the store's files from being overwritten: then run it again.

    \b
    Examples:
      comity purge --dry-run
      comity purge
    """
    output = "json" if as_json else output
    world = opened(ctx, node)
    if dry_run:
        dues = overdue(world)
        write(_rows(dues, {}), output, _COLUMNS)
        note(f"{len(dues)} would go")
        return
    from comity.purging import purge_node  # it takes a while to load

    report = purge_node(world, node_folder(node), by=ADMINISTRATOR)
    document(msgspec.to_builtins(report), output, _text(report))
    ctx.exit(9 if report.overdue or not report.scrubbed else 0)


def _text(report: Report) -> str:
    lines = [f"{stamp(micros(report.at))}  erased {sum(report.erased.values())}, held {len(report.held)}, overdue {report.overdue}"]
    lines += [f"  {count} by {by}" for by, count in report.erased.items()]
    lines += [f"  {id_} is held: {reason}" for id_, reason in report.held.items()]
    return "\n".join(lines if report.scrubbed else [*lines, "  a reader kept the store's files from being overwritten: run it again"])


@click.group()
def retain() -> None:
    """When things are to go, and keeping them for longer."""


@retain.command("due")
@click.option("--within", type=SPAN, metavar="SPAN", help="What falls due within this time too, like 30d.")
@output_option
@node_option
@click.pass_context
def due_command(ctx: click.Context, within: timedelta | None, output: str | None, node: str | None) -> None:
    """What is due, the first to go first, and what set its date: its origin, a clause, quarantine, or this node's default.

    \b
    Example:
      comity retain due --within 30d
    """
    world = opened(ctx, node)
    until = world.clock() + (within or timedelta())
    dues = {each.row.item: each for each in Retention(world).until(until)}
    found = sorted(dues.values(), key=lambda each: (each.at, each.row.item))
    write(_rows(found, {each.id: each.reason for each in holds(world)}), output, _COLUMNS)
    said = ", ".join(f"{count} by {by}" for by, count in sorted(Counter(each.by for each in found).items()))
    note(f"{len(found)} due until {until:%Y-%m-%d %H:%M} UTC" + (f": {said}" if said else ""))


def _rows(dues: Iterable[Due], held: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    for each in dues:
        row = each.row
        yield {
            "due": stamp(micros(each.at)), "by": each.by, "type": row.type, "id": row.id, "version": row.version, "origin": row.origin,
            "held": held.get(row.id, ""),
        }  # fmt: skip


@retain.command("extend")
@click.argument("id")
@click.option("--until", required=True, type=MOMENT, help="The last day or moment.")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is needed for longer; it stands in the log.")
@output_option
@node_option
@click.pass_context
def extend_command(ctx: click.Context, id: str, until: str, reason: str, output: str | None, node: str | None) -> None:
    """Keep the object ID for longer than this node's default. Exits 2 where its origin or an agreement ends earlier: nobody here moves
    that.

    \b
    Example:
      comity retain extend indicator--a932fcc6-e032-476c-826f-cb970a5a1ade --until 2027-06-30 --reason "the case goes on"
    """
    found = extend(opened(ctx, node), id, parse(until), reason, ADMINISTRATOR)
    write(({"id": each.id, "origin": each.origin, "until": stamp(micros(each.until)), "reason": each.reason} for each in found), output)

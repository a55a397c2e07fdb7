"""`comity export`: what this node holds, in another tool's form."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from comity.clock import parse
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.moments import MOMENT
from comity.doors.cli.output import amount, note, put
from comity.doors.cli.words import declared, purpose_option
from comity.errors import OperatorFault, SenderFault
from comity.forms import misp_out
from comity.release import export as held
from comity.release.desk import Desk

#: How many objects that have no place are named.
_TOLD = 20


@click.group()
def export() -> None:
    """Write what this node holds for other tools."""


@export.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--since", type=MOMENT, help="Everything that came since this day or moment.")
@click.option("-o", "--out", metavar="FILE", help="Write to this file. [default: standard output]")
@purpose_option
@node_option
@click.pass_context
def misp(ctx: click.Context, ids: tuple[str, ...], since: str | None, out: str | None, purpose: str | None, node: str | None) -> None:
    """Write MISP events: the reports with these IDs and all that belongs to them, or everything since a moment.

    Distribution never goes further than the objects may: RED and AMBER+STRICT stay in your organisation, addressed objects go to a sharing
    group of exactly the addressed parties. What MISP has no place for is told on standard error.

    \b
    Example:
      comity export misp report--3f80ef19-5acf-4127-92d2-e0fe8cd0296e -o event.json
      comity export misp --since 2021-10-01 -o events.json
    """
    if bool(ids) == (since is not None):
        raise SenderFault("either ids or --since", next="comity export misp ID...  or  comity export misp --since 2021-10-01")
    desk = Desk(opened(ctx, node))
    wanted = declared(purpose)
    found = held.since(desk, parse(since), wanted) if since is not None else held.stories(desk, ids, wanted)
    written = misp_out.write(found)
    desk.flush()
    document = written.events[0] if len(written.events) == 1 else {"response": written.events}
    raw = msgspec.json.format(msgspec.json.encode(document), indent=2)
    if out is None:
        put(raw)
    else:
        try:
            Path(out).write_bytes(raw + b"\n")
        except OSError as error:
            raise OperatorFault(f"cannot write {out}: {error.strerror}") from error
    for each in written.left[:_TOLD]:
        note(f"left out  {each.position}  {each.why}")
    if len(written.left) > _TOLD:
        note(f"left out  {len(written.left) - _TOLD} more")
    parts = sum(len(event["Event"].get("Attribute", ())) + len(event["Event"].get("Object", ())) for event in written.events)
    note(f"{amount(len(written.events), 'event')}, {parts} attributes and objects, {amount(len(written.left), 'object')} left out")

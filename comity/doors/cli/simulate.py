"""`comity agreement simulate`: a text over the items of some days, before anybody signs it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from comity.agree.wording import moment
from comity.clock import parse
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.files import text_of
from comity.doors.cli.moments import MOMENT, SPAN
from comity.doors.cli.output import amount, chosen, note, output_option, write
from comity.doors.cli.remote import remotely
from comity.doors.cli.texts import is_file, named_text
from comity.doors.cli.words import purposes
from comity.release.desk import Desk
from comity.release.simulate import simulate as simulated
from comity.terms.party import body_slug
from comity.wire import Shift, Simulation

if TYPE_CHECKING:
    from comity.client import Client

_COLUMNS = ("party", "type", "items", "tlp", "before", "after", "withheld", "clause_before", "clause")


def _simulate_there(
    client: Client, id: str, since: timedelta, on: str | None, body: str | None, purpose: str | None, output: str | None, node: str | None
) -> None:
    text = text_of(Path(id)) if is_file(id) else client.agreement(id).text
    slug = body_slug(body) if body else None
    _show(client.simulate(text, since=_said_span(since), on=on, body=slug, purpose=purposes(purpose or "")), output)


def _said_span(since: timedelta) -> str:
    return f"{since // timedelta(minutes=1)}m" if since % timedelta(days=1) else f"{since.days}d"


@click.command("simulate")
@click.argument("id", metavar="FILE|ID")
@click.option("--since", type=SPAN, default="30d", show_default=True, help="Over the items that came in during this time.")
@click.option("--on", type=MOMENT, metavar="DATE", help="Judged as of this moment. [default: once all that the text begins has begun]")
@click.option("--body", metavar="SLUG", help="In this body. [default: the agreement's own]")
@click.option("--purpose", help="For this purpose (comma list). [default: network-defence, or else what the agreement is for]")
@output_option
@node_option
@remotely(_simulate_there)
@click.pass_context
def simulate(
    ctx: click.Context, id: str, since: timedelta, on: str | None, body: str | None, purpose: str | None, output: str | None,
    node: str | None,
) -> None:  # fmt: skip
    """Who would have received more or less if FILE governed in place of all versions of its agreement that the node holds.

    Counts items that came in lately, party by party: which effect each has today and would have, by which clause, and what copies leave
    out. A text under a new id comes in addition to what is held. Nothing is changed, and nothing leaves.

    \b
    Example:
      comity agreement simulate next.toml --since 30d
    """
    text = named_text(ctx, id, node)
    world = opened(ctx, node)
    slug = body_slug(body) if body else None
    found = simulated(Desk(world), text, world.clock() - since, on=parse(on) if on else None, body=slug, purposes=purposes(purpose or ""))
    _show(found, output)


def _show(found: Simulation, output: str | None) -> None:
    rows = [_row(each) for each in found.items]
    if chosen(output) == "table":
        write([{**row, "withheld": _left_out(each)} for row, each in zip(rows, found.items, strict=True)], output, _COLUMNS)
    else:
        write(rows, output, Shift.__struct_fields__)
    note(
        f"{found.agreement} in {found.body}, for {', '.join(found.purposes)}: {amount(found.counted, 'item')} that came in since "
        f"{moment(found.since)}, all judged on {moment(found.on)}"
    )
    for said in (*found.assumed, *found.sentences):
        note(said)


def _row(shift: Shift) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(shift)
    return row


def _left_out(shift: Shift) -> str:
    """What copies leave out, before and after where both are copies."""
    before, after = ", ".join(shift.withheld_before), ", ".join(shift.withheld)
    return f"{before} -> {after}" if before and after else after or before

"""`comity sightings`: what a centre tells producers of sightings whose sighters stay hidden."""

from __future__ import annotations

import click

from comity.doors.cli.context import node_option, opened
from comity.doors.cli.output import note, output_option, write
from comity.match.returning import tell_producers
from comity.release.desk import Desk


@click.group()
def sightings() -> None:
    """Sightings that go back to producers without their sighters (G16)."""


@sightings.command()
@output_option
@node_option
@click.pass_context
def tell(ctx: click.Context, output: str | None, node: str | None) -> None:
    """Tell producers what is due now, as the centre's server does by itself: what at least so many parties saw, in one sighting.

    \b
    Example:
      comity sightings tell
    """
    desk = Desk(opened(ctx, node))
    found = tell_producers(desk)
    columns = ("outcome", "id", "of", "why")
    write(({"outcome": o.outcome, "id": o.id, "of": o.position, "why": o.why} for o in found), output, columns)
    if not found:
        note("nothing is due: fewer than so many parties, not a whole period yet, or this node is no centre")
    desk.flush()

"""`comity claims`: what each source says of one thing, side by side."""

from __future__ import annotations

import click
import msgspec

from comity.doors.cli.context import node_option, opened
from comity.doors.cli.output import note, output_option, write
from comity.release.claims import claims as claims_of
from comity.release.desk import Desk

_COLUMNS = (
    "origin",
    "id",
    "version",
    "tlp",
    "words",
    "confidence",
    "score",
    "sightings",
    "confirmed",
    "doubts",
    "valid_until",
    "last_seen",
)


@click.command()
@click.argument("thing", metavar="ID|VALUE")
@output_option
@node_option
@click.pass_context
def claims(ctx: click.Context, thing: str, output: str | None, node: str | None) -> None:
    """Show every source's claim of an object or a value that this node's party may see, and where they differ. Nothing is merged.

    \b
    Example:
      comity claims 'login[.]example[.]com'
    """
    desk = Desk(opened(ctx, node))
    found = claims_of(desk, thing)
    desk.flush()
    write((msgspec.to_builtins(claim) for claim in found.claims), output, _COLUMNS)
    for name, said in found.conflicts.items():
        note(f"they differ in {name}: {' | '.join(said)}")

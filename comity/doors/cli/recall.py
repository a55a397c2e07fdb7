"""`comity recall`: what origins have withdrawn, and who had received it."""

from __future__ import annotations

import click

from comity.doors.cli.context import node_option, opened
from comity.doors.cli.output import note, output_option, write
from comity.errors import NotFound
from comity.intake.withdraw import recalls, received

_NOT_TOLD = "not told yet"
_COLUMNS = ("recall", "at", "party", "id", "version", "by", "received", "told")


@click.group()
def recall() -> None:
    """Recalls: objects that their origin has withdrawn (TAXII DELETE), and who had received them by then."""


@recall.command("list")
@output_option
@node_option
@click.pass_context
def list_command(ctx: click.Context, output: str | None, node: str | None) -> None:
    """All recalls, the earliest first, each with the parties that had received the object.

    \b
    Example:
      comity recall list
    """
    world = opened(ctx, node)
    found = recalls(world)
    had = {name: [each.party for each in parties] for name, parties in received(world, found).items()}
    write(
        (
            {
                "recall": each.name,
                "at": each.at.isoformat(),
                "party": each.party,
                "id": each.id,
                "version": each.version,
                "by": each.by,
                "received": had[each.name],
                "told": _NOT_TOLD if had[each.name] else "",
            }
            for each in found
        ),
        output,
        _COLUMNS,
    )


@recall.command("show")
@click.argument("id")
@output_option
@node_option
@click.pass_context
def show_command(ctx: click.Context, id: str, output: str | None, node: str | None) -> None:
    """Who had received a withdrawn object, from the log: ID is that of the object or of the recall. Exits 3 when there is none.

    \b
    Example:
      comity recall show indicator--a932fcc6-e032-476c-826f-cb970a5a1ade
    """
    world = opened(ctx, node)
    found = recalls(world, id)
    if not found:
        raise NotFound(f"nothing was withdrawn here under {id}")
    had = received(world, found)
    rows = [
        {
            "recall": each.name,
            "version": each.version,
            "party": one.party,
            "first": one.first.isoformat(),
            "last": one.last.isoformat(),
            "times": one.times,
            "told": _NOT_TOLD,
        }
        for each in found
        for one in had[each.name]
    ]
    if not write(rows, output):
        note("nobody had received it")

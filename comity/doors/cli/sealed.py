"""`comity sealed`: what came sealed to this node, and what became of it."""

from __future__ import annotations

import click

from comity.clock import micros, stamp
from comity.config import node_folder
from comity.doors.cli.context import Nodes, node_option, opened
from comity.doors.cli.output import output_option, write
from comity.intake.opening import WAITING, open_arrived, outcomes

_COLUMNS = ("at", "origin", "sealed", "outcome", "id", "why", "next")


@click.command()
@output_option
@node_option
@click.pass_context
def sealed(ctx: click.Context, output: str | None, node: str | None) -> None:
    """What came sealed to this node's party, opened if it can be: accepted, duplicate, quarantined or rejected is what was inside; waiting
    is what no key of this node opens; refused is what was altered, or is not what it says.

    Exits 9 when something waits or was refused.

    \b
    Example:
      comity sealed
    """
    nodes: Nodes = ctx.obj
    world = opened(ctx, node)
    open_arrived(world, lambda: nodes.opening_keys(node_folder(node)))
    found = outcomes(world)
    write(
        (
            {
                "at": stamp(micros(each.at)),
                "origin": each.origin,
                "sealed": each.sealed,
                "outcome": each.outcome,
                "id": each.id,
                "why": each.why,
                "next": each.next,
            }
            for each in found
        ),
        output,
        _COLUMNS,
    )
    ctx.exit(9 if any(each.outcome in (WAITING, "refused") for each in found) else 0)

"""`comity log prune`: letting go of what old entries say."""

from __future__ import annotations

import click

from comity.admin import pruning
from comity.clock import parse
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.moments import MOMENT
from comity.doors.cli.output import amount, document, output_option
from comity.terms.party import ADMINISTRATOR


@click.command("prune")
@click.option("--before", required=True, type=MOMENT, help="Entries made before this day or moment.")
@click.option("--dry-run", is_flag=True, help="Only count what would go.")
@click.option("--compact", is_flag=True, help="Give the space back to the disk too: nobody can write meanwhile.")
@output_option
@node_option
@click.pass_context
def prune(ctx: click.Context, before: str, dry_run: bool, compact: bool, output: str | None, node: str | None) -> None:
    """Erase what old entries of the log say: disclosures, refusals, reads, sign-ins, and acceptances of objects that were all erased.

    Their commitments stay, so the log, its checkpoints and older proofs verify as before; an entry says what was pruned. What was disclosed
    to whom before is then known no more here. The space is used again by what comes; with --compact the file becomes smaller.

    \b
    Example:
      comity log prune --before 2026-01-01 --compact
    """
    world = opened(ctx, node)
    if dry_run:
        count = sum(map(len, pruning.prunable(world, parse(before))))
        document({"prunable": count}, output, f"{amount(count, 'entry')} would go")
        return
    done = pruning.prune(world, parse(before), ADMINISTRATOR, compact=compact)
    text = f"{amount(done.pruned, 'entry')} pruned; the store takes {done.bytes:,} bytes"
    document({"pruned": done.pruned, "bytes": done.bytes}, output, text)

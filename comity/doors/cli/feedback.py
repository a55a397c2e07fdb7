"""`comity feedback`: a false positive, or confirmed, told to whoever produced it."""

from __future__ import annotations

import click

from comity.doors.cli.context import node_option, opened
from comity.doors.cli.output import note, output_option, write
from comity.match.feedback import CONFIRMED, FALSE_POSITIVE
from comity.match.feedback import feedback as give
from comity.release.claims import claims
from comity.release.desk import Desk


@click.command()
@click.argument("id", metavar="ID")
@click.option("--false-positive", "opinion", flag_value=FALSE_POSITIVE, help="It is wrong: what was found is harmless.")
@click.option("--confirmed", "opinion", flag_value=CONFIRMED, help="It is right: what was found is what it says.")
@click.option("--note", "text", default="", metavar="TEXT", help="What was found out; no persons, no hosts: it leaves this node.")
@output_option
@node_option
@click.pass_context
def feedback(ctx: click.Context, id: str, opinion: str | None, text: str, output: str | None, node: str | None) -> None:
    """Say that an indicator is a false positive, or confirmed: an opinion of this node's party, which goes back to the producer.

    It names this party. A later opinion takes the place of the earlier one. The score falls by it, or rises: `comity claims` shows it.

    \b
    Example:
      comity feedback indicator--a932fcc6-e032-476c-826f-cb970a5a1ade --false-positive --note "our own scanner"
    """
    if opinion is None:
        raise click.UsageError("say --false-positive or --confirmed")
    desk = Desk(opened(ctx, node))
    outcome = give(desk, id, opinion, text, by="administrator")
    write([{"outcome": outcome.outcome, "opinion": opinion, "of": id, "id": outcome.id, "why": outcome.why}], output)
    kept = outcome.outcome == "accepted"
    for claim in claims(desk, id).claims if kept else ():
        if claim.score is not None:
            note(f"{claim.origin}'s claim now has score {claim.score} here")
    desk.flush()
    ctx.exit(0 if kept else 1)

"""`comity redress`: tickets of those who say that something held here is wrong, each with a dated answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from comity.doors.cli.context import node_option, opened
from comity.doors.cli.output import document, note, output_option, write
from comity.intake import redress as tickets
from comity.terms.party import ADMINISTRATOR

_COLUMNS = ("ticket", "state", "due", "about", "who")


@click.group()
def redress() -> None:
    """Tickets of those who say that something held here is wrong, or should not be: each gets a dated answer (guardrail G13)."""


def _row(each: tickets.Ticket, at: datetime) -> dict[str, Any]:
    said = each.answer
    state = said.decision if said else "overdue" if each.overdue(at) else "open"
    row = {
        "ticket": each.id, "state": state, "opened": each.opened.isoformat(), "due": each.due.isoformat(), "about": each.about,
        "who": each.who,
    }  # fmt: skip
    return row | ({"answered": said.at.isoformat(), "by": said.by, "text": said.text} if said else {})


def _lines(row: Mapping[str, Any]) -> str:
    return "\n".join(
        [f"{row['ticket']}  {row['state'].upper()}", *(f"  {key:<8}  {row[key]}" for key in row if key not in ("ticket", "state"))]
    )


@redress.command("open")
@click.option("--about", required=True, metavar="ID|TEXT", help="The object's id, or what it is about in words.")
@click.option("--by", "who", required=True, metavar="WHO", help="The office that asks, or a pseudonym: how to reach them, no more.")
@output_option
@node_option
@click.pass_context
def open_command(ctx: click.Context, about: str, who: str, output: str | None, node: str | None) -> None:
    """Open a ticket. An answer is due after the days in `[gate] redress_days` of node.toml.

    \b
    Example:
      comity redress open --about indicator--a932fcc6-e032-476c-826f-cb970a5a1ade --by "hotline case 12"
    """
    world = opened(ctx, node)
    row = _row(tickets.open_ticket(world, about, who, ADMINISTRATOR), world.clock())
    document(row, output, _lines(row))


@redress.command("list")
@output_option
@node_option
@click.pass_context
def list_command(ctx: click.Context, output: str | None, node: str | None) -> None:
    """All tickets, those that wait first: until when, and what is overdue.

    \b
    Example:
      comity redress list
    """
    world = opened(ctx, node)
    found, now = tickets.tickets(world), world.clock()
    write((_row(each, now) for each in found), output, _COLUMNS)
    if late := sum(each.overdue(now) for each in found):
        note(f"{late} overdue")


@redress.command("show")
@click.argument("ticket")
@output_option
@node_option
@click.pass_context
def show_command(ctx: click.Context, ticket: str, output: str | None, node: str | None) -> None:
    """One ticket, and its answer.

    \b
    Example:
      comity redress show rdr_1f2e3d4c5b6a
    """
    world = opened(ctx, node)
    row = _row(tickets.ticket(world, ticket), world.clock())
    document(row, output, _lines(row))


@redress.command("answer")
@click.argument("ticket")
@click.option("--decision", type=click.Choice(tickets.DECISIONS), required=True, help="What it comes to.")
@click.option("--text", required=True, metavar="TEXT", help="The answer.")
@output_option
@node_option
@click.pass_context
def answer_command(ctx: click.Context, ticket: str, decision: str, text: str, output: str | None, node: str | None) -> None:
    """Answer a ticket. What is corrected or erased goes: an own object is recalled wherever it went; then add the corrected one.

    Of another party's object this node erases its copy; only its origin can recall it.

    \b
    Example:
      comity redress answer rdr_1f2e3d4c5b6a --decision erased --text "it named a customer by mistake"
    """
    world = opened(ctx, node)
    found, gone = tickets.answer(world, ticket, decision, text, ADMINISTRATOR)
    row = _row(found, world.clock()) | {"gone": list(gone)}
    document(row, output, _lines(row))
    if decision in ("corrected", "erased") and not gone:
        note(f"nothing went by this answer: what is {decision} of what the ticket is about is done by hand")
    if gone and world.settings.party in gone:
        note(f"comity recall show {found.about} says who had received it")
    if others := [party for party in gone if party != world.settings.party]:
        note(f"it is erased here; ask {', '.join(others)} to recall it")

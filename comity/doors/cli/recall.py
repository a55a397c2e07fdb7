"""`comity recall`: taking back an own object, who had received what was withdrawn, and what became of it there."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from comity.doors.cli.context import node_option, opened
from comity.doors.cli.output import note, output_option, write
from comity.doors.cli.remote import remotely
from comity.errors import NotFound
from comity.intake import erase
from comity.intake.telling import tell
from comity.intake.withdraw import recalls, received, recipients, withdraw
from comity.peer import recalled
from comity.terms.party import ADMINISTRATOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comity.client import Client
    from comity.wire_links import RecallStatus

_COLUMNS = ("recall", "at", "party", "id", "version", "by", "received", "told")


class _Group(click.Group):
    """A group whose command `object` may be left out: `comity recall ID`."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and "--" in args[0].lstrip("-") and args[0] not in self.commands:
            args = ["object", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=_Group)
def recall() -> None:
    """Recalls: objects that their origin has withdrawn, who had received them by then, and what became of them there.

    `comity recall ID --reason TEXT` takes an own object back.
    """


@recall.command("object")
@click.argument("id")
@click.option("--reason", required=True, metavar="TEXT", help="Why; every node that has the object is told.")
@output_option
@node_option
@click.pass_context
def object_command(ctx: click.Context, id: str, reason: str, output: str | None, node: str | None) -> None:
    """Take back this node's own object ID with all its versions. Exits 3 when there is none.

    It is gone here at once. Linked nodes that had received it are told at the next exchange; `comity recall status` has their answers.
    The word `object` may be left out.

    \b
    Example:
      comity recall object indicator--a932fcc6-e032-476c-826f-cb970a5a1ade --reason "the host was cleaned"
    """
    world = opened(ctx, node)
    found = withdraw(world, world.settings.party, id, by=ADMINISTRATOR, reason=reason, cause="recalled")
    if not found:
        raise NotFound(f"there is no {id} of this node's party")
    had = recipients(world, found)
    tell(world)
    write(({"recall": each.name, "id": each.id, "version": each.version, "received": list(had[each.name])} for each in found), output)


@recall.command("list")
@output_option
@node_option
@click.pass_context
def list_command(ctx: click.Context, output: str | None, node: str | None) -> None:
    """All recalls, the earliest first, each with the parties that had received the object, and what they did.

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
                "told": ", ".join(f"{n} {state}" for state, n in Counter(one.state for one in recalled.status(world, each)).items()),
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
    states = {(each.name, one.party): one.state for each in found for one in recalled.status(world, each)}
    rows = [
        {
            "recall": each.name,
            "version": each.version,
            "party": one.party,
            "first": one.first.isoformat(),
            "last": one.last.isoformat(),
            "times": one.times,
            "told": states.get((each.name, one.party), ""),
        }
        for each in found
        for one in had[each.name]
    ]
    if not write(rows, output):
        note("nobody had received it")


def _status_there(client: Client, id: str, output: str | None, node: str | None) -> None:
    _print(client.recalled(id), output)


@recall.command("status")
@click.argument("id")
@output_option
@node_option
@remotely(_status_there)
@click.pass_context
def status_command(ctx: click.Context, id: str, output: str | None, node: str | None) -> None:
    """What became of a withdrawn object at each party that had it: deleted, kept (and why), told, silent since, or cannot be told.

    ID is that of the object or of the recall. Exits 3 when there is none.

    \b
    Example:
      comity recall status indicator--a932fcc6-e032-476c-826f-cb970a5a1ade
    """
    world = opened(ctx, node)
    _print(recalled.statuses(world, world.settings.party, id), output)


def _print(found: Sequence[RecallStatus], output: str | None) -> None:
    rows: list[dict[str, Any]] = [
        {
            "recall": each.recall,
            "version": each.version,
            "party": one.party,
            "state": one.state,
            "why": one.why,
            "at": one.at.isoformat() if one.at else "",
            "proven": one.proven,
        }
        for each in found
        for one in each.parties
    ]
    if not write(rows, output):
        note("nobody had received it")


@recall.command("hold")
@click.argument("id")
@click.option("--reason", required=True, metavar="TEXT", help="Why; its origin is told when it takes the object back.")
@node_option
@click.pass_context
def hold_command(ctx: click.Context, id: str, reason: str, node: str | None) -> None:
    """Keep the object ID here even if its origin takes it back. Exits 3 when this node has none.

    \b
    Example:
      comity recall hold indicator--a932fcc6-e032-476c-826f-cb970a5a1ade --reason "evidence in case 7"
    """
    erase.hold(opened(ctx, node), id, reason, ADMINISTRATOR)
    note(f"{id} stays here")


@recall.command("let-go")
@click.argument("id")
@node_option
@click.pass_context
def let_go_command(ctx: click.Context, id: str, node: str | None) -> None:
    """End a hold: the object ID goes when its origin takes it back, or at once if it has. Exits 3 when it is not held.

    \b
    Example:
      comity recall let-go indicator--a932fcc6-e032-476c-826f-cb970a5a1ade
    """
    gone = erase.let_go(opened(ctx, node), id, ADMINISTRATOR)
    note(f"{id} is held no longer" + ("; its origin had taken it back, and it is erased" if gone else ""))

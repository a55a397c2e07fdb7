"""`comity inbox`: what is said about a party's constituency."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click
import msgspec

from comity.admin.constituency import check_may
from comity.clock import now
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.moments import SPAN
from comity.doors.cli.output import amount, chosen, note, output_option, write
from comity.doors.cli.remote import remotely
from comity.errors import SenderFault
from comity.match.inbox import everything
from comity.release.desk import Desk
from comity.release.sight import Reader
from comity.terms.item import PURPOSES
from comity.terms.observable import defang
from comity.terms.party import party_code
from comity.wire_constituency import InboxItem

if TYPE_CHECKING:
    from comity.client import Client

_COLUMNS = ("owner", "added", "type", "values", "tlp", "origin", "id", "why")


def _there(
    client: Client, party: str | None, since: timedelta | None, owner: str | None, output: str | None, node: str | None
) -> None:  # fmt: skip
    if party is not None and party_code(party) != client.me().party:
        raise SenderFault(f"the token is not {party_code(party)}'s", next="use a token of that party")
    _list(client.inbox(since=now() - since if since else None, owner=owner), output)


@click.command()
@click.option("--party", metavar="CODE", help="Whose inbox. [default: the node's own party; a centre may look into others]")
@click.option("--since", type=SPAN, metavar="AGE", help="Only what came so lately, like 7d.")
@click.option("--owner", metavar="NAME", help="Only what is about this owner's.")
@output_option
@node_option
@remotely(_there)
@click.pass_context
def inbox(
    ctx: click.Context, party: str | None, since: timedelta | None, owner: str | None, output: str | None, node: str | None
) -> None:  # fmt: skip
    """What the party sees and what names something of its constituency (comity constituency), by owner, the newest first.

    \b
    Example:
      comity inbox --since 7d
    """
    desk = Desk(opened(ctx, node))
    settings = desk.world.settings
    whose = party_code(party) if party else settings.party
    check_may(desk.world, whose)
    reader = Reader(party=whose, body=settings.body, purposes=PURPOSES)
    first = desk.world.clock() - since if since else None
    _list((each.item for each in everything(desk, reader, first, owner)), output)
    desk.flush()


def _list(found: Iterable[InboxItem], output: str | None) -> None:
    groups: dict[str, list[InboxItem]] = {}
    for each in found:
        groups.setdefault(each.owner, []).append(each)
    items = [each for group in groups.values() for each in group]
    write(map(_short if chosen(output) in ("table", "csv") else _row, items), output, _COLUMNS)
    note(f"{amount(len(items), 'item')} about {amount(len(groups), 'owner')}")


def _row(item: InboxItem) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(item)
    return row


def _short(item: InboxItem) -> dict[str, Any]:
    """A row to read: values as they are safe to show."""
    said = {"added": f"{item.added:%Y-%m-%d %H:%M}", "values": [defang(touch.value) for touch in item.touches]}
    return _row(item) | said | {"why": [touch.why for touch in item.touches]}

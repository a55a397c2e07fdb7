"""`comity party ping`: see that somebody answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from comity.admin import pings
from comity.admin.tokens import APPROVE, authenticate
from comity.agree.approval import Person
from comity.doors import approving, pinging
from comity.doors.auth import check_scope
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.output import document, note, output_option, write
from comity.doors.cli.remote import remotely, token_text
from comity.terms.party import ADMINISTRATOR
from comity.wire_register import Ping

if TYPE_CHECKING:
    from comity.client import Client

_COLUMNS = ("ping", "party", "to", "sent", "answered", "seconds")


@click.group("ping")
def ping() -> None:
    """Pings: ask a party for an answer, to see that it can be reached. How long answers take is told to that party alone."""


@ping.command("send")
@click.argument("code")
@output_option
@node_option
@click.pass_context
def send_command(ctx: click.Context, code: str, output: str | None, node: str | None) -> None:
    """Ask a party for an answer.

    \b
    Example:
      comity party ping send UZ
    """
    world = opened(ctx, node)
    own = world.settings.party
    made = pings.send(world, code, Person(party=own, id=ADMINISTRATOR))
    _tell(pinging.told(made, own), output)
    note(f"{made.to} answers with: comity party ping answer {made.ping} --url URL")


def _answer_there(client: Client, id: str, output: str | None, node: str | None) -> None:
    _tell(client.answer_ping(id), output)


@ping.command("answer")
@click.argument("id", metavar="PING")
@output_option
@node_option
@remotely(_answer_there, signed=True)
@click.pass_context
def answer_command(ctx: click.Context, id: str, output: str | None, node: str | None, token_file: Path | None) -> None:
    """Say that somebody is there. A person's token says who.

    \b
    Example:
      comity party ping answer png_1f2e3d4c5b6a --token-file uz.contact1.token
    """
    world = opened(ctx, node)
    token = authenticate(world, token_text(token_file))
    check_scope(token, APPROVE)
    _tell(pinging.told(pings.answer(world, id, approving.holder(token)), token.party), output)


def _list_there(client: Client, output: str | None, node: str | None) -> None:
    write(map(_row, client.pings()), output, _COLUMNS)


@ping.command("list")
@output_option
@node_option
@remotely(_list_there)
@click.pass_context
def list_command(ctx: click.Context, output: str | None, node: str | None) -> None:
    """The pings that were sent and received, the latest first; how long one's own answers took, and usually take.

    \b
    Example:
      comity party ping list
    """
    world = opened(ctx, node)
    own = world.settings.party
    write((_row(pinging.told(each, own)) for each in pings.pings(world, own)), output, _COLUMNS)
    usual = pinging.usual(world, own)
    if usual is not None:
        note(f"{own} usually answers within {usual:.0f} seconds (the median)")


def _row(each: Ping) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(each)
    return row


def _tell(found: Ping, output: str | None) -> None:
    document(_row(found), output, f"{found.ping}  to {found.to}: {'answered' if found.answered else 'waits for an answer'}")

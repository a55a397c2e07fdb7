"""`comity get` and `comity search`: what the node's own people may see of what it holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click
import msgspec

from comity.doors.cli.context import node_option, opened
from comity.doors.cli.output import chosen, note, output_option, put, write
from comity.doors.cli.remote import remotely
from comity.doors.cli.words import declared, purpose_option, purposes
from comity.errors import NotFound
from comity.release import holdings
from comity.release.desk import Desk
from comity.terms.observable import defang

if TYPE_CHECKING:
    from comity.client import Client


def _get_there(client: Client, id: str, purpose: str | None, output: str | None, node: str | None) -> None:
    name, _, version = id.partition("@")
    word = version if version in ("first", "last", "all") else None
    found = list(client.items(id=(name,), version=word, modified=None if word else version or None, purpose=purposes(purpose or "")))
    if not found:
        raise NotFound(f"this node has no {name} for you")
    # What came first stands, not what another party dates later.
    _show(bytes([each for each in found if each.origin == found[0].origin][-1].object), output)


@click.command()
@click.argument("id")
@purpose_option
@output_option
@node_option
@remotely(_get_there)
@click.pass_context
def get(ctx: click.Context, id: str, purpose: str | None, output: str | None, node: str | None) -> None:
    """Print an object exactly as it was received: ID, or ID@VERSION. Exits 3 when it is not there or not for you.

    With --purpose it exits 4 for an object that was shared for something else; its origin is told.

    \b
    Example:
      comity get indicator--a932fcc6-e032-476c-826f-cb970a5a1ade
    """
    desk = Desk(opened(ctx, node))
    name, _, version = id.partition("@")
    row, body = holdings.get(desk, name, version or None, declared(purpose))
    if others := [each for each in holdings.claimants(desk, holdings.own_reader(desk), name) if each != row.origin]:
        note(f"as {row.origin} says it; under this id there is also what {', '.join(others)} says (comity claims {name})")
    desk.flush()
    _show(body, output)


def _show(body: bytes, output: str | None) -> None:
    if chosen(output) == "table" or output == "json":
        body = msgspec.json.format(body, indent=2)
    put(body)


def _search_there(client: Client, query: str, purpose: str | None, output: str | None, node: str | None) -> None:
    _list(
        query,
        (
            (item.id, item.type, item.origin, item.version, bytes(item.object))
            for item in client.search(query, purpose=purposes(purpose or ""))
        ),
        output,
    )


@click.command()
@click.argument("query")
@purpose_option
@output_option
@node_option
@remotely(_search_there)
@click.pass_context
def search(ctx: click.Context, query: str, purpose: str | None, output: str | None, node: str | None) -> None:
    """Find objects by an observable value (defanged or not) or an id.

    \b
    Example:
      comity search 'login[.]example[.]com'
    """
    desk = Desk(opened(ctx, node))
    found = holdings.search(desk, query, declared(purpose))
    desk.flush()
    _list(query, ((row.id, row.type, row.origin, row.version, body) for row, body in found), output)


def _list(query: str, found: Iterable[tuple[str, str, str, str, bytes]], output: str | None) -> None:
    rows = ({"id": id, "type": type, "from": origin, "version": version, "name": _name(body)} for id, type, origin, version, body in found)
    if not write(rows, output):
        raise NotFound(f"nothing known here about {query}")


def _name(body: bytes) -> str:
    obj: dict[str, Any] = msgspec.json.decode(body)
    return defang(str(obj.get("name") or obj.get("value") or obj.get("pattern") or ""))[:80]

"""`comity get` and `comity search`: what the node's own people may see of what it holds."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from comity.doors.cli.context import node_option, opened
from comity.doors.cli.output import chosen, output_option, put, write
from comity.errors import NotFound
from comity.release import holdings
from comity.release.desk import Desk
from comity.terms.observable import defang


@click.command()
@click.argument("id")
@output_option
@node_option
@click.pass_context
def get(ctx: click.Context, id: str, output: str | None, node: str | None) -> None:
    """Print an object exactly as it was received: ID, or ID@VERSION. Exits 3 when it is not there or not for you.

    \b
    Example:
      comity get indicator--a932fcc6-e032-476c-826f-cb970a5a1ade
    """
    desk = Desk(opened(ctx, node))
    name, _, version = id.partition("@")
    _, body = holdings.get(desk, name, version or None)
    desk.flush()
    if chosen(output) == "table" or output == "json":
        body = msgspec.json.format(body, indent=2)
    put(body)


@click.command()
@click.argument("query")
@output_option
@node_option
@click.pass_context
def search(ctx: click.Context, query: str, output: str | None, node: str | None) -> None:
    """Find objects by an observable value (defanged or not) or an id.

    \b
    Example:
      comity search 'login[.]example[.]com'
    """
    desk = Desk(opened(ctx, node))
    found = holdings.search(desk, query)
    desk.flush()
    write(
        ({"id": row.id, "type": row.type, "from": row.origin, "version": row.version, "name": _name(body)} for row, body in found), output
    )
    if not found:
        raise NotFound(f"nothing known here about {query}")


def _name(body: bytes) -> str:
    obj: dict[str, Any] = msgspec.json.decode(body)
    return defang(str(obj.get("name") or obj.get("value") or obj.get("pattern") or ""))[:80]

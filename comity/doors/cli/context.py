"""What commands get from the composition root, and the options they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from comity.config import node_folder
from comity.doors.cli.output import note

if TYPE_CHECKING:
    from comity.config import Settings
    from comity.forms.sealing_key import OpeningKey
    from comity.ledger.keys import LogKey
    from comity.peer.keyring import Keyring
    from comity.world import World

F = TypeVar("F", bound=Callable[..., Any])


class Nodes(Protocol):
    """What `comity.node` offers: only it builds a World."""

    def create_node(self, folder: Path, settings: Settings, standing: str) -> World: ...
    def open_node(self, folder: Path) -> World: ...
    def acts_key(self, folder: Path) -> LogKey: ...
    def renew_log(self, folder: Path, reason: str, by: str) -> World: ...
    def witness_key(self, folder: Path) -> LogKey: ...
    def opening_keys(self, folder: Path) -> tuple[OpeningKey, ...]: ...
    def rotate_sealing(self, folder: Path) -> OpeningKey: ...
    def keyring(self, folder: Path) -> Keyring: ...
    def scratch_world(self, party: str, body: str) -> World: ...
    def serve(
        self, world: World, folder: Path, host: str, port: int, *, with_stdin: bool = False, proxy: str | None = None,
        peering: tuple[str, int] = ("", 0),
    ) -> None: ...  # fmt: skip


def node_option(command: F) -> F:
    """`--node DIR`: which node."""
    return click.option("--node", metavar="DIR", help="The node's folder. [default: $COMITY_NODE, else ./comity-node]")(command)


def opened(ctx: click.Context, node: str | None) -> World:
    """The world of the node that a command is about. At its end what came sealed is opened, and what it withdraws is forgotten in `tables/`
    too."""
    nodes: Nodes = ctx.obj
    folder = node_folder(node)
    world = nodes.open_node(folder)
    ctx.call_on_close(partial(_forget, world, folder / "tables"))
    ctx.call_on_close(partial(_open, world, partial(nodes.opening_keys, folder)))
    return world


def _open(world: World, keys: Callable[[], Iterable[OpeningKey]]) -> None:
    from comity.intake.opening import WAITING, open_arrived  # it takes a while to load

    for each in open_arrived(world, keys):
        if each.outcome in (WAITING, "refused", "rejected"):
            note(f"sealed {each.sealed} of {each.origin}: {each.outcome}: {each.why}" + (f"; {each.next}" if each.next else ""))


def _forget(world: World, tables: Path) -> None:
    if tables.exists():
        from comity.match.own import Forgetting  # it takes a while to load

        Forgetting(world, tables).look()

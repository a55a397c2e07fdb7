"""What commands get from the composition root, and the options they share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from comity.config import Settings, node_folder
from comity.ledger.keys import LogKey
from comity.world import World

F = TypeVar("F", bound=Callable[..., Any])


class Nodes(Protocol):
    """What `comity.node` offers: only it builds a World."""

    def create_node(self, folder: Path, settings: Settings, standing: str) -> World: ...
    def open_node(self, folder: Path) -> World: ...
    def acts_key(self, folder: Path) -> LogKey: ...
    def scratch_world(self, party: str, body: str) -> World: ...
    def serve(self, world: World, host: str, port: int, *, with_stdin: bool = False) -> None: ...


def node_option(command: F) -> F:
    """`--node DIR`: which node."""
    return click.option("--node", metavar="DIR", help="The node's folder. [default: $COMITY_NODE, else ./comity-node]")(command)


def opened(ctx: click.Context, node: str | None) -> World:
    """The world of the node that a command is about."""
    nodes: Nodes = ctx.obj
    return nodes.open_node(node_folder(node))

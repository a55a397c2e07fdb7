"""`comity user`: the node's own people."""

from __future__ import annotations

import click

from comity.admin.sessions import LINK_LASTS, create_link
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.output import note


@click.group()
def user() -> None:
    """The node's own people: they sign in to its pages with a one-time link. There are no default accounts."""


@user.command("link")
@click.option("--url", default="http://127.0.0.1:8443", show_default=True, help="Where the node's pages are served.")
@node_option
@click.pass_context
def link_command(ctx: click.Context, url: str, node: str | None) -> None:
    """Print a new one-time sign-in link to the node's pages.

    \b
    Example:
      comity user link --url https://centre.example
    """
    secret = create_link(opened(ctx, node))
    note(f"good for one sign-in within {LINK_LASTS.total_seconds() / 60:.0f} minutes")
    print(f"{url.rstrip('/')}/enter/{secret}")

"""`comity user`: the node's own people."""

from __future__ import annotations

import click

from comity.admin import credentials, links, users
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.output import amount, note, output_option, write
from comity.terms.party import PEOPLE

_URL = "http://127.0.0.1:8443"


@click.group()
def user() -> None:
    """The people who act at this node, and sign-in links to its pages. There are no default accounts."""


@user.command("add")
@click.argument("name")
@click.option("--party", required=True, metavar="CODE", help="The party that the person acts for.")
@click.option("--role", required=True, metavar="ROLE", help=", ".join(PEOPLE) + ".")
@click.option("--enrol", is_flag=True, help="Print a link by which they choose what they sign in to the pages with.")
@click.option("--url", default=_URL, show_default=True, help="Where the node's pages are served.")
@node_option
@click.pass_context
def add_command(ctx: click.Context, name: str, party: str, role: str, enrol: bool, url: str, node: str | None) -> None:
    """Enter a person: NAME is theirs alone at this node. Their tools act with a token of theirs (comity token create --user).

    \b
    Example:
      comity user add uz.contact1 --party UZ --role point-of-contact
      comity user add uz.contact1 --party UZ --role point-of-contact --enrol --url https://centre.example
    """
    from comity.doors.cli.words import warn_unknown

    world = opened(ctx, node)
    made = users.add(world, name, party, role)
    warn_unknown(world, made.party)
    note(f"{made.name} is a person of {made.party} ({made.role}); comity token create --user {made.name} gives them a token")
    if enrol:
        _print(links.create(world, name, enrol=True), url, enrol=True)


@user.command("list")
@output_option
@node_option
@click.pass_context
def list_command(ctx: click.Context, output: str | None, node: str | None) -> None:
    """The node's people.

    \b
    Example:
      comity user list
    """
    rows = (
        {"name": each.name, "party": each.party, "role": each.role, "since": each.created.isoformat(timespec="seconds")}
        for each in users.users(opened(ctx, node))
    )
    write(rows, output)


@user.command("remove")
@click.argument("name")
@node_option
@click.pass_context
def remove_command(ctx: click.Context, name: str, node: str | None) -> None:
    """Remove a person; their tokens stop working at once. What they did stays on record.

    \b
    Example:
      comity user remove uz.contact1
    """
    count = users.remove(opened(ctx, node), name)
    note(f"{name} is removed, and with them {amount(count, 'token')}")


@user.command("link")
@click.argument("name", required=False)
@click.option("--url", default=_URL, show_default=True, help="Where the node's pages are served.")
@click.option("--enrol", is_flag=True, help="To choose anew what they sign in with; what they had before is good no more.")
@node_option
@click.pass_context
def link_command(ctx: click.Context, name: str | None, url: str, enrol: bool, node: str | None) -> None:
    """Print a new one-time link for the person NAME: to sign in to the node's pages, or to enrol if they have not yet.

    Without NAME it is for the node's first administrator, who enters themselves by it.

    \b
    Example:
      comity user link --url https://centre.example
      comity user link kz.analyst1 --url https://centre.example
      comity user link kz.analyst1 --enrol
    """
    world = opened(ctx, node)
    enrol = enrol or name is None or credentials.held(world, name) is None
    secret = links.first(world) if name is None else links.create(world, name, enrol=enrol)
    _print(secret, url, enrol=enrol)


def _print(secret: str, url: str, *, enrol: bool) -> None:
    """A link to standard output, and for how long it is good beside it."""
    hours, minutes = links.ENROL_LASTS.total_seconds() / 3600, links.LINK_LASTS.total_seconds() / 60
    note(f"good once within {f'{hours:.0f} hours, to enrol' if enrol else f'{minutes:.0f} minutes, to sign in'}")
    print(f"{url.rstrip('/')}/{'enrol' if enrol else 'enter'}/{secret}")

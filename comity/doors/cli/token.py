"""`comity token`: tokens for people, tools and other nodes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from comity.admin import tokens
from comity.clock import now
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.files import write_new
from comity.doors.cli.moments import SPAN
from comity.doors.cli.output import document, note, output_option, write
from comity.errors import Conflict, NotFound


@click.group()
def token() -> None:
    """Tokens for people, their tools and other nodes: scoped, for fixed purposes, expiring. A tool may never approve; a person may."""


@token.command("create")
@click.option("--party", metavar="CODE", help="The party that the token acts for.")
@click.option("--user", metavar="NAME", help="The person whose token it is; it acts for their party. See comity user add.")
@click.option(
    "--scope", default="taxii:read", show_default=True,
    help="Comma list: taxii:read, taxii:write, api:read, api:write, log:read; for a person also approve.",
)  # fmt: skip
@click.option("--purpose", default="network-defence", show_default=True, help="Comma list of purposes it is issued for.")
@click.option("--expires", type=SPAN, default="90d", show_default=True, help="How long it is valid.")
@click.option("--body", metavar="SLUG", help="Only this body. [default: every body of the node]")
@click.option("--name", default="", help="A name, also taken as HTTP Basic user name.")
@click.option("--tlp", default="amber", show_default=True, help="TLP of objects posted without a marking.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the token to this new file, for you alone to read; do not print it.")
@output_option
@node_option
@click.pass_context
def create_command(
    ctx: click.Context, party: str | None, user: str | None, scope: str, purpose: str, expires: timedelta, body: str | None, name: str,
    tlp: str, out: Path | None, output: str | None, node: str | None,
) -> None:  # fmt: skip
    """Make a token and print it, once, or write it to a file.

    \b
    Example:
      comity token create --party UZ --scope taxii:read,taxii:write --expires 90d
      comity token create --user uz.contact1 --scope api:read,api:write,approve --out uz.contact1.token
    """
    from comity.doors.cli.words import tlp_level, warn_unknown

    if party is None and user is None:
        raise click.UsageError("name a party with --party, or a person with --user")
    if out is not None and out.exists():
        raise Conflict(f"{out} is there already", next="choose another name")
    world = opened(ctx, node)
    made, text = tokens.create(
        world,
        party=party,
        user=user,
        scopes=tuple(filter(None, scope.split(","))),
        purposes=tuple(filter(None, purpose.split(","))),
        expires=now() + expires,
        body=body,
        name=name,
        tlp=tlp_level(tlp),
    )
    warn_unknown(world, made.party)
    whose = f"{made.user} ({made.party})" if made.user else made.party
    note(f"token {made.id} of {whose} until {made.expires:%Y-%m-%d %H:%M} UTC; it is not shown again")
    if out is not None:
        write_new(out, text + "\n")
        note(f"written to {out}")
        return
    record = {
        "id": made.id,
        "party": made.party,
        "user": made.user,
        "token": text,
        "scopes": made.scopes,
        "expires": made.expires.isoformat(),
    }
    document(record, output, text)


@token.command("list")
@output_option
@node_option
@click.pass_context
def list_command(ctx: click.Context, output: str | None, node: str | None) -> None:
    """The tokens, without their secrets.

    \b
    Example:
      comity token list
    """
    write(
        (
            {
                "id": t.id,
                "party": t.party,
                "user": t.user,
                "body": t.body or "any",
                "name": t.name,
                "scopes": t.scopes,
                "purposes": t.purposes,
                "expires": t.expires.isoformat(timespec="seconds"),
            }
            for t in tokens.tokens(opened(ctx, node))
        ),
        output,
    )


@token.command("revoke")
@click.argument("id")
@node_option
@click.pass_context
def revoke_command(ctx: click.Context, id: str, node: str | None) -> None:
    """Take a token back; it stops working at once.

    \b
    Example:
      comity token revoke 1f2e3d4c
    """
    if not tokens.revoke(opened(ctx, node), id):
        raise NotFound(f"there is no token {id}", next="comity token list shows them")
    note(f"token {id} is revoked")

"""`comity peer` and `comity sync`: links to other nodes, TAXII servers and MISP."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from comity.clock import micros, parse, stamp
from comity.config import node_folder
from comity.doors.cli.context import Nodes, node_option, opened
from comity.doors.cli.files import text_of
from comity.doors.cli.moments import MOMENT
from comity.doors.cli.output import note, output_option, write
from comity.doors.cli.peer_keys import invite_command, join_command, resume_command, revoke_command, rotate_command, unconfirmed_command
from comity.doors.cli.words import listed, tlp_level
from comity.errors import Conflict, Fault, NotAuthenticated, NotFound, PeerFault, SenderFault
from comity.intake import claimed
from comity.peer import book, link
from comity.peer.keyring import Keyring
from comity.peer.report import Report
from comity.release.desk import Desk
from comity.terms.party import party_code

#: Faults of one peer that do not keep the others waiting.
_THEIRS = (PeerFault, NotAuthenticated, NotFound, Conflict)


@click.group()
def peer() -> None:
    """Links to other nodes, to any TAXII 2.1 server, and to MISP."""


for _command in (invite_command, join_command, rotate_command, revoke_command, resume_command, unconfirmed_command):
    peer.add_command(_command)


@peer.command("add")
@click.argument("name")
@click.option("--taxii", metavar="URL", help="A TAXII 2.1 server's discovery, API root or collection URL.")
@click.option("--misp", metavar="URL", help="Instead: a MISP server's start page.")
@click.option("--party", "code", required=True, metavar="CODE", help="The peer's party: the origin of what is pulled from it.")
@click.option("--user", default="", help="HTTP Basic user name. [default: this node's party]")
@click.option("--token-file", "--key-file", "token_file", type=click.Path(path_type=Path),
              help="File with the token, password or MISP key. [default: $COMITY_PEER_TOKEN, else asked for]")  # fmt: skip
@click.option("--anonymous", is_flag=True, help="The server asks for no user and no token.")
@click.option("--tlp", default="amber", show_default=True, help="TLP of pulled objects without a marking.")
@click.option("--purpose", default="network-defence", show_default=True, help="Comma list of purposes of what is pulled.")
@click.option("--push/--no-push", default=False, show_default=True, help="Also post this node's own items there.")
@click.option("--pull/--no-pull", default=True, show_default=True, help="Pull what the peer shares with this node.")
@click.option("--collection", default="", metavar="ID", help="Collection (id or alias) to pull. [default: `shared`, or the only one]")
@click.option("--push-collection", default="", metavar="ID", help="Collection to post to. [default: `exchange`, or the only one]")
@click.option(
    "--tag", "tags", multiple=True, metavar="TAG", help="MISP: only events with this tag; with ! before it, without it. Repeatable."
)
@click.option("--unpublished", is_flag=True, help="MISP: also events that are not published.")
@click.option("--since", type=MOMENT, metavar="DATE", help="MISP: only what was published (or changed) there since then.")
@click.option("--ca", type=click.Path(path_type=Path), help="PEM file of authorities to trust instead of the system's.")
@click.option("--insecure-http", is_flag=True, help="Let the token travel over plain http beyond this machine.")
@node_option
@click.pass_context
def add_command(
    ctx: click.Context, name: str, taxii: str | None, misp: str | None, code: str, user: str, token_file: Path | None, anonymous: bool,
    tlp: str, purpose: str, push: bool, pull: bool, collection: str, push_collection: str, tags: tuple[str, ...], unpublished: bool,
    since: str | None, ca: Path | None, insecure_http: bool, node: str | None,
) -> None:  # fmt: skip
    """Link this node to another one, to any TAXII 2.1 server, or to a MISP.

    The token is read from a file, the environment or the terminal, never from the command line.

    \b
    Examples:
      COMITY_PEER_TOKEN=cmt_... comity peer add centre --taxii https://centre.example/taxii2/ --party SCO-CENTRE --push
      comity peer add partner --misp https://misp.partner.example/ --party UZ --key-file misp.key --tag 'tlp:green'
    """
    if (taxii is None) == (misp is None):
        raise click.UsageError("give either --taxii or --misp")
    if misp is None and (tags or unpublished or since):
        raise click.UsageError("--tag, --unpublished and --since are for --misp")
    if misp is not None and (user or anonymous or collection or push_collection):
        raise click.UsageError("--user, --anonymous and collections are for --taxii: a MISP knows a key")
    world = opened(ctx, node)
    made = book.Peer(
        name=name,
        party=party_code(code),
        url=taxii or misp or "",
        kind="misp" if misp else "taxii",
        user="" if anonymous or misp else user or world.settings.party,
        token="" if anonymous else _token(token_file),
        tlp=tlp_level(tlp),
        purposes=listed(purpose),
        push=push,
        pull=pull,
        collection=collection,
        push_collection=push_collection,
        tags=tags,
        unpublished=unpublished,
        pulled=stamp(micros(parse(since))) if since else "",
        ca=text_of(ca) if ca else "",
        insecure_http=insecure_http,
    )
    book.add_peer(world, made)
    note(f"peer {name}: comity peer status {name} looks at it, comity sync {name} exchanges with it")


def _token(file: Path | None) -> str:
    """The token of a new peer. Raises SenderFault for none."""
    token = text_of(file).strip() if file else os.environ.get("COMITY_PEER_TOKEN", "")
    if not token and not file and sys.stdin.isatty():
        token = str(click.prompt("Token or key", hide_input=True, err=True)).strip()
    if not token:
        raise SenderFault("a peer needs a token", next="set COMITY_PEER_TOKEN or give --token-file, or --anonymous for a server without")
    return token


@peer.command("set")
@click.argument("name")
@click.option("--url", "--taxii", "--misp", "url", metavar="URL", help="Another URL of the server; the exchange begins anew there.")
@click.option("--user", help="Another HTTP Basic user name.")
@click.option("--token-file", "--key-file", "token_file", type=click.Path(path_type=Path), help="File with another token or key.")
@click.option("--push/--no-push", default=None, help="Also post this node's own items there, or no longer.")
@click.option("--pull/--no-pull", default=None, help="Pull what the peer shares with this node, or no longer.")
@click.option("--collection", metavar="ID", help="Another collection to pull; pulling begins anew.")
@click.option("--push-collection", metavar="ID", help="Another collection to post to; pushing begins anew.")
@click.option("--ca", type=click.Path(path_type=Path), help="PEM file of authorities to trust instead of the system's.")
@node_option
@click.pass_context
def set_command(
    ctx: click.Context, name: str, url: str | None, user: str | None, token_file: Path | None, push: bool | None, pull: bool | None,
    collection: str | None, push_collection: str | None, ca: Path | None, node: str | None,
) -> None:  # fmt: skip
    """Change what is given of a peer. The exchange goes on where it was, unless the URL or a collection is another.

    \b
    Example:
      comity peer set centre --token-file new-token --push
    """
    world = opened(ctx, node)
    token = text_of(token_file).strip() if token_file else None
    if token == "":
        raise SenderFault(f"{token_file} is empty", next="give a file with the token")
    given = {
        "url": url, "user": user, "token": token, "push": push, "pull": pull, "collection": collection,
        "push_collection": push_collection, "ca": text_of(ca) if ca else None,
    }  # fmt: skip
    if all(value is None for value in given.values()):
        raise click.UsageError(f"nothing to change: comity peer set {name} --help shows what can be")
    book.change_peer(world, name, **given)
    note(f"peer {name} is changed")


@peer.command("remove")
@click.argument("name")
@node_option
@click.pass_context
def remove_command(ctx: click.Context, name: str, node: str | None) -> None:
    """Forget a peer and its token. What came from it stays; its own token for this node is revoked with `comity token revoke`.

    \b
    Example:
      comity peer remove centre
    """
    gone = book.remove_peer(opened(ctx, node), name)
    note(f"peer {name} ({gone.party}) is removed; what came from it stays")


@peer.command("list")
@output_option
@node_option
@click.pass_context
def list_command(ctx: click.Context, output: str | None, node: str | None) -> None:
    """The peers and how far the exchange with each has come.

    \b
    Example:
      comity peer list
    """
    write((book.describe(each) for each in book.peers(opened(ctx, node))), output)


@peer.command("status")
@click.argument("names", nargs=-1, metavar="[PEER]...")
@output_option
@node_option
@click.pass_context
def status_command(ctx: click.Context, names: tuple[str, ...], output: str | None, node: str | None) -> None:
    """Whether the peers (all of them, or those named) answer now, which collections would be used, and whether there is news.

    \b
    Example:
      comity peer status centre
    """
    world = opened(ctx, node)
    keys = _keys(ctx, node)
    rows = [link.look(world, name, keys=keys) for name in names or [each.name for each in book.peers(world)]]
    write(rows, output)
    ctx.exit(0 if all(row["server"] in ("answers", "calls this node") for row in rows) else 7)


@peer.command("pull")
@click.argument("name")
@output_option
@node_option
@click.pass_context
def pull_command(ctx: click.Context, name: str, output: str | None, node: str | None) -> None:
    """Pull what is new at one peer, whether or not it is set up to be pulled by `comity sync`.

    \b
    Example:
      comity peer pull centre
    """
    desk = Desk(opened(ctx, node))
    _exchange(ctx, desk, [name], lambda each: link.sync(desk, each, way="pull", keys=_keys(ctx, node)), output)


@peer.command("push")
@click.argument("name")
@output_option
@node_option
@click.pass_context
def push_command(ctx: click.Context, name: str, output: str | None, node: str | None) -> None:
    """Post this node's own new items to one peer, as far as an agreement lets them go there.

    \b
    Example:
      comity peer push centre
    """
    desk = Desk(opened(ctx, node))
    _exchange(ctx, desk, [name], lambda each: link.sync(desk, each, way="push", keys=_keys(ctx, node)), output)


@click.command()
@click.argument("names", nargs=-1, metavar="[PEER]...")
@output_option
@node_option
@click.pass_context
def sync(ctx: click.Context, names: tuple[str, ...], output: str | None, node: str | None) -> None:
    """Push to and pull from the peers (all of them, or those named). A cut exchange goes on where it was.

    \b
    Example:
      comity sync centre
    """
    world = opened(ctx, node)
    desk = Desk(world)
    chosen = names or tuple(each.name for each in book.peers(world) if each.kind != "comity" or (each.url and not each.ended))
    if not chosen:
        note("there are no peers yet: comity peer add")
    _exchange(ctx, desk, chosen, lambda name: link.sync(desk, name, keys=_keys(ctx, node)), output)


def _keys(ctx: click.Context, node: str | None) -> Keyring:
    nodes: Nodes = ctx.obj
    return nodes.keyring(node_folder(node))


def _exchange(ctx: click.Context, desk: Desk, names: Iterable[str], exchange: Callable[[str], Report], output: str | None) -> None:
    """Exchange with each peer, write what was done, and exit: by the last fault, else 9 when something did not go, else 0."""
    reports: list[Report] = []
    fault: Fault | None = None
    for name in names:
        try:
            reports.append(exchange(name))
        except _THEIRS as error:
            fault = error
            note(f"{name}: {error}")
    desk.flush()
    claimed.record(desk.world)
    write((report.row() for report in reports), output)
    for report in reports:
        for problem in report.problems[:20]:
            note(f"{report.peer}: {problem}")
        if len(report.problems) > 20:
            note(f"{report.peer}: and {len(report.problems) - 20} more")
    if fault is not None:
        raise fault
    ctx.exit(9 if any(report.problems for report in reports) else 0)

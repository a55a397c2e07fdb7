"""`comity peer` and `comity sync`: links to other nodes and TAXII servers."""

from __future__ import annotations

import os
from pathlib import Path

import click

from comity.doors.cli.context import node_option, opened
from comity.doors.cli.files import text_of
from comity.doors.cli.output import note, output_option, write
from comity.doors.cli.words import listed, tlp_level
from comity.errors import Conflict, Fault, NotAuthenticated, NotFound, PeerFault, SenderFault
from comity.peer import link
from comity.release.desk import Desk
from comity.terms.party import party_code


@click.group()
def peer() -> None:
    """Links to other nodes and to any TAXII 2.1 server."""


@peer.command("add")
@click.argument("name")
@click.option("--taxii", "url", required=True, metavar="URL", help="The server's discovery or API root URL.")
@click.option("--party", "code", required=True, metavar="CODE", help="The peer's party: the origin of what is pulled from it.")
@click.option("--user", default="", help="HTTP Basic user name. [default: this node's party]")
@click.option("--token-file", type=click.Path(path_type=Path), help="File with the token. [default: $COMITY_PEER_TOKEN]")
@click.option("--tlp", default="amber", show_default=True, help="TLP of pulled objects without a marking.")
@click.option("--purpose", default="network-defence", show_default=True, help="Comma list of purposes of what is pulled.")
@click.option("--push/--no-push", default=False, show_default=True, help="Also post this node's own items there.")
@click.option("--pull/--no-pull", default=True, show_default=True, help="Pull what the peer shares with this node.")
@node_option
@click.pass_context
def add_command(
    ctx: click.Context, name: str, url: str, code: str, user: str, token_file: Path | None, tlp: str, purpose: str, push: bool, pull: bool,
    node: str | None,
) -> None:  # fmt: skip
    """Link this node to another one. The token is read from a file or the environment, never from the command line.

    \b
    Example:
      COMITY_PEER_TOKEN=cmt_... comity peer add centre --taxii https://centre.example/taxii2/ --party SCO-CENTRE --push
    """
    world = opened(ctx, node)
    token = text_of(token_file).strip() if token_file else os.environ.get("COMITY_PEER_TOKEN", "")
    if not token:
        raise SenderFault("a peer needs a token", next="set COMITY_PEER_TOKEN or give --token-file")
    made = link.Peer(
        name=name,
        party=party_code(code),
        url=url,
        user=user or world.settings.party,
        token=token,
        tlp=tlp_level(tlp),
        purposes=listed(purpose),
        push=push,
        pull=pull,
    )
    link.add_peer(world, made)
    note(f"peer {name}: comity sync exchanges with it")


@peer.command("set")
@click.argument("name")
@click.option("--taxii", "url", metavar="URL", help="Another discovery or API root URL; the exchange begins anew there.")
@click.option("--token-file", type=click.Path(path_type=Path), help="File with another token.")
@click.option("--push/--no-push", default=None, help="Also post this node's own items there, or no longer.")
@click.option("--pull/--no-pull", default=None, help="Pull what the peer shares with this node, or no longer.")
@node_option
@click.pass_context
def set_command(
    ctx: click.Context, name: str, url: str | None, token_file: Path | None, push: bool | None, pull: bool | None, node: str | None
) -> None:
    """Change what is given of a peer. The exchange goes on where it was, unless the URL is another.

    \b
    Example:
      comity peer set centre --token-file new-token --push
    """
    world = opened(ctx, node)
    token = text_of(token_file).strip() if token_file else None
    if token == "":
        raise SenderFault(f"{token_file} is empty", next="give a file with the token")
    if url is None and token is None and push is None and pull is None:
        raise click.UsageError("nothing to change: give --taxii, --token-file, --push, --no-push, --pull or --no-pull")
    link.change_peer(world, name, url=url, token=token, push=push, pull=pull)
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
    gone = link.remove_peer(opened(ctx, node), name)
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
    write((link.describe(each) for each in link.peers(opened(ctx, node))), output)


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
    chosen = names or tuple(each.name for each in link.peers(world))
    if not chosen:
        note("there are no peers yet: comity peer add")
    reports: list[link.Report] = []
    fault: Fault | None = None
    for name in chosen:
        # One peer that is away does not keep the others waiting; the last such fault gives the exit code.
        try:
            reports.append(link.sync(desk, name))
        except (PeerFault, NotAuthenticated, NotFound, Conflict) as error:
            fault = error
            note(f"{name}: {error}")
    desk.flush()
    write(({"peer": r.peer, "pulled": r.pulled, "pushed": r.pushed, "problems": len(r.problems)} for r in reports), output)
    for report in reports:
        for problem in report.problems[:20]:
            note(f"{report.peer}: {problem}")
        if len(report.problems) > 20:
            note(f"{report.peer}: and {len(report.problems) - 20} more")
    if fault is not None:
        raise fault
    ctx.exit(9 if any(report.problems for report in reports) else 0)

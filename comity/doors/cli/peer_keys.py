"""`comity peer invite`, `join`, `rotate`, `revoke`: how Comity nodes come to know each other, and part."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click
import msgspec

from comity.clock import parse
from comity.config import node_folder
from comity.doors.cli.context import Nodes, node_option, opened
from comity.doors.cli.files import text_of
from comity.doors.cli.moments import MOMENT
from comity.doors.cli.output import note, output_option, write
from comity.errors import Fault, OperatorFault
from comity.ledger.keys import write_verifier
from comity.peer import book, certificate, enrol, restoring, unconfirmed
from comity.peer.caller import show
from comity.peer.exchange import Exchange, Parcels
from comity.peer.keyring import Keyring
from comity.peer.media import Stands, stands
from comity.release.desk import Desk
from comity.terms.party import party_code
from comity.world import World


@click.command("invite")
@click.option("--party", "code", required=True, metavar="CODE", help="Whose node is invited.")
@click.option("--url", default="", metavar="URL", help="Where that node finds this one. [default: as node.toml says]")
@click.option("--name", default="", help="What to call the link here. [default: the party's code]")
@click.option("--hours", type=click.IntRange(1, 24 * 14), default=48, show_default=True, help="How long the invitation is good.")
@click.option("--front", is_flag=True, help="A proxy stands before this node, with a certificate of the system's authorities.")
@click.option("--rules", is_flag=True, help="This node makes its body's rules: the other one takes them from it, and knows them by a key.")
@click.option("--out", type=click.Path(path_type=Path), help="File to write. [default: standard output]")
@node_option
@click.pass_context
def invite_command(
    ctx: click.Context, code: str, url: str, name: str, hours: int, front: bool, rules: bool, out: Path | None, node: str | None
) -> None:  # fmt: skip
    """Write an invitation for the node of a party, good once. Whoever has it can use it: give it to its administrator alone.

    \b
    Example:
      comity peer invite --party KZ --url https://centre.example:8444/ --rules --out kz.invitation
    """
    world = opened(ctx, node)
    where = url or world.settings.peering.url
    if not where:
        raise OperatorFault("an invitation says where this node is", next="give --url, or set peering.url in node.toml")
    keys = _keys(ctx, node)
    key = keys.rules(make=True) if rules else None
    text = enrol.invite(
        world, keys.own(), code, where, name=name, hours=hours, front=front or world.settings.peering.front,
        rules=write_verifier(key.verifier) if key else "",
    )  # fmt: skip
    if out is None:
        click.echo(text, nl=False)
    else:
        _kept(out, text)
    note(f"next, on the node of {code.upper()}: comity peer join FILE; it is good once, for {hours} h")


def _kept(out: Path, text: str) -> None:
    try:
        certificate.keep(out, text.encode())
    except OSError as error:
        raise OperatorFault(f"cannot write {out}: {error.strerror or error}", next="choose another place") from error


@click.command("join")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--name", default="", help="What to call the link here. [default: the inviting party's code]")
@node_option
@click.pass_context
def join_command(ctx: click.Context, file: Path, name: str, node: str | None) -> None:
    """Link this node to the one that wrote an invitation. This node calls that one, in both directions.

    \b
    Example:
      comity peer join kz.invitation --name centre
    """
    world, own = opened(ctx, node), _keys(ctx, node).own()
    text = sys.stdin.read() if str(file) == "-" else text_of(file)
    made = enrol.join(world, own, text, name, lambda given, hello: show(own, given, hello))
    who = enrol.known(made)
    note(f"peer {made.name}: linked to {who.address}, key {who.key_id[:16]}; comity up keeps the link going, comity sync exchanges once")


@click.command("rotate")
@click.option("--parcels", is_flag=True, help="The key that signs what this node sends, too: when it was in wrong hands.")
@output_option
@node_option
@click.pass_context
def rotate_command(ctx: click.Context, parcels: bool, output: str | None, node: str | None) -> None:
    """Make new keys for links, signed by those before them, and show them to the nodes that this one calls.

    The old ones stay until every link has the new ones, and go with the next rotation; of those that some link still needs, 16 stay.

    \b
    Example:
      comity peer rotate
    """
    world, keys = opened(ctx, node), _keys(ctx, node)
    links = [each for each in book.peers(world) if each.kind == "comity" and not each.ended]
    keys.drop(enrol.had_by_all(world, keys.turns()[-1]))
    own = enrol.rotate(world, keys, parcels=parcels)
    note(f"these keys are turn {own.identity.turn} now: requests {own.identity.key_id[:16]}, TLS {own.identity.pin[:16]}")
    write((_offered(world, keys, each) for each in links), output)


def _offered(world: World, keys: Keyring, link: book.Peer) -> dict[str, str]:
    if stands(world, link.name) != Stands():
        said = "by media: comity airgap identity here, and comity airgap link there"
        return {"name": link.name, "party": link.party, "keys": said}
    if not link.url:
        return {"name": link.name, "party": link.party, "keys": "with its next request"}
    talk = Exchange(Parcels(Desk(world), keys), link)
    try:
        talk.greet()
    except Fault as fault:
        return {"name": link.name, "party": link.party, "keys": f"not yet: {fault}"}
    finally:
        talk.close()
    return {"name": link.name, "party": link.party, "keys": "has them"}


@click.command("revoke")
@click.argument("name")
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept with the link and in the log.")
@click.option("--compromised", is_flag=True, help="The other node's keys are in wrong hands: also list what came under them.")
@click.option("--since", type=MOMENT, metavar="DATE", help="With --compromised: from when on. [default: all that ever came]")
@output_option
@node_option
@click.pass_context
def revoke_command(
    ctx: click.Context, name: str, reason: str, compromised: bool, since: str | None, output: str | None, node: str | None
) -> None:  # fmt: skip
    """End a link to a Comity node: nothing counts any more that its keys sign. What came over it stays.

    \b
    Example:
      comity peer revoke kz --compromised --since 2026-11-20 --reason "the server was broken into"
    """
    if since and not compromised:
        raise click.UsageError("--since is about --compromised")
    world = opened(ctx, node)
    link = enrol.revoke(world, name, reason or ("compromised" if compromised else ""))
    note(f"peer {name}: its keys count no more, here and now; open invitations of {link.party} are gone")
    if compromised:
        from comity.peer.compromise import accepted, left

        moment: datetime | None = parse(since) if since else None
        write(accepted(world, link, moment), output)
        for each in left(world, link):
            note(each)


@click.command("resume")
@click.argument("name")
@click.option("--reason", required=True, help="Why nothing more is waited for; it stands in the log.")
@node_option
@click.pass_context
def resume_command(ctx: click.Context, name: str, reason: str, node: str | None) -> None:
    """Give on what came from a node though this one was restored from a backup, and that node has not been heard since.

    It may have taken some of that back: those who get it now will be told when that node comes. By media its answer to a bundle of this
    node ends that by itself, over a diode a parcel made two days after the restore.

    
    Example:
      comity peer resume kz --reason "its node is gone for good"
    """
    restoring.resume(opened(ctx, node), name, "administrator", reason)
    note(f"peer {name}: what came from it is given on")


@click.command("unconfirmed")
@click.argument("code", required=False, metavar="[PARTY]")
@output_option
@node_option
@click.pass_context
def unconfirmed_command(ctx: click.Context, code: str | None, output: str | None, node: str | None) -> None:
    """Own objects that the nodes of parties which may have them have not confirmed: by party, and since when; those of one party singly.

    `passed` are those that a party has not confirmed though it has confirmed what was shared after them: such was not on its way, somebody
    left it out. Exits 9 where there are any. `comity why ID PARTY --arrival` says more of one. A timer can look once a day.

    \b
    Examples:
      comity peer unconfirmed
      comity peer unconfirmed UZ
    """
    desk = Desk(opened(ctx, node))
    found = unconfirmed.missing(desk, party_code(code)) if code else iter(unconfirmed.unconfirmed(desk))
    passed = False

    def rows() -> Iterator[dict[str, object]]:
        nonlocal passed
        for each in found:
            passed = passed or bool(each.passed)
            yield msgspec.to_builtins(each)

    if not write(rows(), output):
        note("nothing is unconfirmed")
    ctx.exit(9 if passed else 0)


def _keys(ctx: click.Context, node: str | None) -> Keyring:
    nodes: Nodes = ctx.obj
    return nodes.keyring(node_folder(node))

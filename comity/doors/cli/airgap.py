"""`comity airgap`: exchange with nodes that no network leads to, by files that are carried."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.config import node_folder
from comity.doors.cli.context import Nodes, node_option, opened
from comity.doors.cli.files import bytes_of, write_new
from comity.doors.cli.output import amount, note, output_option, write
from comity.errors import Fault, NotFound, SenderFault
from comity.ledger.keys import read_verifier, write_verifier
from comity.peer import book
from comity.peer.enrol import link_by_hand, tell_keys
from comity.peer.exchange import partner
from comity.peer.packing import pack, past
from comity.peer.partner import Partner
from comity.peer.unpacking import Found, take_in
from comity.release.desk import Desk
from comity.world import World

if TYPE_CHECKING:
    from comity.ledger.keys import LogKey

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kKMG]i?B|B)?\Z")
_UNITS = {"": 1, "B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
#: Entries that were refused, and are told one by one.
_TOLD = 20
#: What stands before the key of a body's rules, on a line before the identity of the node that makes them.
_RULES = "comity rules "
#: An identity is less than that, bytes.
_IDENTITY = 16_384


@click.group()
def airgap() -> None:
    """Exchange with nodes that no network leads to: bundles of signed parcels, carried on any medium (docs/airgap.md)."""


@airgap.command("identity")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rules", is_flag=True, help="This node makes its body's rules: others take them from it, and know them by a key.")
@node_option
@click.pass_context
def identity_command(ctx: click.Context, file: Path, rules: bool, node: str | None) -> None:
    """Write this node's identity, signed, into a new file, for the administrators of nodes that no network leads to.

    \b
    Examples:
      comity airgap identity kz.node
      comity airgap identity centre.node --rules
    """
    nodes: Nodes = ctx.obj
    world = opened(ctx, node)
    keys = nodes.keyring(node_folder(node))
    own, key = keys.own(), keys.rules(make=True) if rules else None
    if key is not None:
        tell_keys(world)
    write_new(file, (f"{_RULES}{write_verifier(key.verifier)}\n" if key else "") + own.note.decode())
    note(f"{file} is for other nodes' administrators; its parcels are signed by {own.parcels.verifier.key_id.hex()}")


@airgap.command("link")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default="", help="What the link is called. [default: the other node's party]")
@node_option
@click.pass_context
def link_command(ctx: click.Context, file: Path, name: str, node: str | None) -> None:
    """Link to a node by its identity (comity airgap identity there). Get the file by a way that you trust: its keys count from now on.

    Of a node that is linked already it takes the newer keys, which those known for it must have signed.

    \b
    Example:
      comity airgap link uz.node
    """
    said, rules = bytes_of(file, _IDENTITY), ""
    if said.startswith(_RULES.encode()):
        line, _, said = said.partition(b"\n")
        rules = write_verifier(read_verifier(line.decode("utf-8", "replace").removeprefix(_RULES)))
    nodes: Nodes = ctx.obj
    world = opened(ctx, node)
    made = link_by_hand(world, said, name, rules)
    if nodes.keyring(node_folder(node)).rules() is not None:
        tell_keys(world)
    known = partner(made)
    note(f"{made.name}: {known.node}, whose parcels are signed by {known.keys[0].key_id.hex()}; compare this with its administrator")


@airgap.command("pack")
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path(), metavar="DIR", help="Where. [default: here]")
@click.option("--media-size", "size", metavar="SIZE", help="The most that one file may have, like 650MB: as many parts as it takes.")
@click.option("--receipts", is_flag=True, help="Only the answers to what came from there, where this node stands, and nothing of its own.")
@click.option("--diode", is_flag=True, help="Nothing ever comes back: go on from the bundle before, whether or not it arrived.")
@click.option(
    "--overlap", type=click.IntRange(0, 1_000), default=0, metavar="N", help="With --diode: give the last N bundles' content again."
)
@click.option("--after", type=click.IntRange(0), metavar="N", help="What came after parcel N, which the other side says it has.")
@click.option("--past", "beyond", type=click.IntRange(1), metavar="N", help="Number parcels beyond N: after this node was restored.")
@output_option
@node_option
@click.pass_context
def pack_command(
    ctx: click.Context, name: str, out: Path, size: str | None, receipts: bool, diode: bool, overlap: int, after: int | None,
    beyond: int | None, output: str | None, node: str | None,
) -> None:  # fmt: skip
    """Write what there is for a linked node as files, to be carried there: what it is not known to have, and answers to what it sent.

    Without an answer from there everything is packed again, so a lost medium loses nothing. Exits 0 also when there is nothing.
    After this node was restored from a backup, and with --receipts, a bundle says at least where it stands.

    \b
    Examples:
      comity airgap pack uz --out /media/stick --media-size 650MB
      comity airgap pack uz --receipts
      comity airgap pack uz --diode --overlap 2
    """
    if overlap and not diode:
        raise click.UsageError("--overlap is for --diode: without it, all that was not answered is packed again")
    if diode and (receipts or after is not None):
        raise click.UsageError("--diode goes on by itself, and has no receipts")
    most = None if size is None else _bytes(size)
    world = opened(ctx, node)
    known = partner(book.peer(world, name))
    if beyond is not None:
        past(world, known, beyond)
    out.mkdir(parents=True, exist_ok=True)
    desk = Desk(world)
    nodes: Nodes = ctx.obj
    made = pack(
        desk, known, _key(ctx, node), out, media_size=most, answers_only=receipts, after=after, diode=diode, overlap=overlap,
        rules=nodes.keyring(node_folder(node)).rules(),
    )  # fmt: skip
    desk.flush()
    if made is None:
        note(f"there is nothing for {known.node}")
        return
    write(({"file": str(file), "bytes": file.stat().st_size} for file in made.files), output)
    parcels = f"parcels {made.first} to {made.last}" if made.last else "no parcels"
    what = f"{parcels}, {amount(made.answers, 'answer')}" if made.last or made.answers else "only where this node stands"
    note(f"bundle {made.number} for {known.node}: {what}" + ("; more waits: pack again" if made.more else ""))


@airgap.command("verify")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@output_option
@node_option
@click.pass_context
def verify_command(ctx: click.Context, files: tuple[Path, ...], output: str | None, node: str | None) -> None:
    """Look at bundles without taking anything in: whether all parts are here and whole, whose they are, and what importing would do.

    \b
    Example:
      comity airgap verify /media/stick
    """
    world = opened(ctx, node)
    _tell(ctx, take_in(world, lambda name: _of(world, name), _key(ctx, node), _listed(files), dry=True), output)


@airgap.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@output_option
@node_option
@click.pass_context
def import_command(ctx: click.Context, files: tuple[Path, ...], output: str | None, node: str | None) -> None:
    """Take in bundles: all parts at once, in any order, under any names; of a folder all *.airgap in it. What came before is passed over.

    \b
    Example:
      comity airgap import /media/stick
    """
    world = opened(ctx, node)
    _tell(ctx, take_in(world, lambda name: _of(world, name), _key(ctx, node), _listed(files)), output)


def _tell(ctx: click.Context, bundles: list[Found], output: str | None) -> None:
    """Write what each bundle held, and end by the last fault, else 9 when something in them was refused, else 0."""
    write(
        (
            {
                "sender": each.sender,
                "bundle": each.number,
                "parcels": each.new,
                "objects": each.objects,
                "repeated": each.repeated,
                "answers": each.answers,
                "refused": len(each.refused),
                "problem": "" if each.fault is None else str(each.fault),
            }
            for each in bundles
        ),
        output,
    )
    for each in bundles:
        for noticed in each.noticed:
            note(f"{each.sender}: {noticed}")
    refused = [f"{each.sender}: {why}" for each in bundles for why in each.refused]
    for line in refused[:_TOLD]:
        note(line)
    if len(refused) > _TOLD:
        note(f"and {len(refused) - _TOLD} more")
    faults: list[Fault] = [each.fault for each in bundles if each.fault is not None]
    for fault in faults[:-1]:
        note(f"comity: {fault}" + (f"; {fault.next}" if fault.next else ""))
    if faults:
        raise faults[-1]
    ctx.exit(9 if refused else 0)


def _listed(paths: tuple[Path, ...]) -> list[Path]:
    """The files, and those of folders. Raises NotFound for a folder without any."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob("*.airgap")) if path.is_dir() else [path]
        if not inside:
            raise NotFound(f"there is no *.airgap file in {path}", next="name the folder or the files that comity airgap pack wrote")
        found += inside
    return found


def _of(world: World, name: str) -> Partner:
    """The link to a node (`PARTY/name`). Raises NotFound."""
    known = [partner(each) for each in book.peers(world) if each.kind == "comity" and not each.ended]
    found = next((each for each in known if each.node == name), None)
    if found is None:
        next_ = "comity airgap link FILE, with the identity that `comity airgap identity` prints there"
        raise NotFound(f"no link to the node {name} is known here: nothing of it was taken in", next=next_)
    return found


def _key(ctx: click.Context, node: str | None) -> LogKey:
    nodes: Nodes = ctx.obj
    return nodes.keyring(node_folder(node)).own().parcels


def _bytes(text: str) -> int:
    """A size like 650MB. Raises SenderFault."""
    found = _SIZE.match(text.strip())
    unit = (found[2] or "") if found else ""
    unit = {"KB": "kB", "kiB": "KiB"}.get(unit, unit)
    if found is None or unit not in _UNITS:
        raise SenderFault(f"{text[:40]!r} is not a size", next="like 650MB, 4.7GB or 25MiB")
    return int(float(found[1]) * _UNITS[unit])

"""`comity log`: the ledger, for the node's administrator and for anybody with an exported copy."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from comity.admin import logbook, publishing
from comity.doors.cli.backup import renew
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.files import bytes_of
from comity.doors.cli.log_prune import prune
from comity.doors.cli.log_replay import replay
from comity.doors.cli.log_watch import compare_command, watch
from comity.doors.cli.log_witness import guardrails, publish, witness
from comity.doors.cli.output import amount, document, note, output_option, write
from comity.doors.cli.remote import remotely
from comity.durable import put_whole
from comity.errors import OperatorFault, SenderFault
from comity.ledger import audit
from comity.ledger.export import read_head, read_leaf
from comity.ledger.keys import Verifier, read_verifier, write_verifier
from comity.ledger.proof import read_proof, verify
from comity.ledger.tile_audit import is_tiles, verify_tiles

if TYPE_CHECKING:
    from comity.client import Client

_COLUMNS = ("index", "at", "kind", "party", "count", "agreements", "actor")


@click.group()
def log() -> None:
    """The ledger: every acceptance, disclosure, refusal and rule, in an append-only Merkle log (RFC 6962)."""


def _head_there(client: Client, output: str | None, node: str | None) -> None:
    head = client.log_head()
    _tell_head(head.size, head.root, head.checkpoint, output)


def _tell_head(size: int, root: str, checkpoint: str, output: str | None) -> None:
    document({"size": size, "root": root, "checkpoint": checkpoint}, output, checkpoint.rstrip("\n"))


@log.command("head")
@output_option
@node_option
@remotely(_head_there)
@click.pass_context
def head_command(ctx: click.Context, output: str | None, node: str | None) -> None:
    """The log's size, root and signed checkpoint. Keep the checkpoint elsewhere: it finds a cut tail later.

    \b
    Example:
      comity log head -o table > checkpoint-kept-elsewhere
    """
    head = logbook.head(opened(ctx, node))
    _tell_head(head.size, head.root.hex(), head.checkpoint.decode(), output)


def _list_there(client: Client, last: int, output: str | None, node: str | None) -> None:
    size = client.log_head().size
    entries = client.log_entries(max(0, size - last)) if size else ()
    write((msgspec.to_builtins(entry) for entry in entries), output, _COLUMNS)


@log.command("list")
@click.option("--last", default=20, show_default=True, type=click.IntRange(1), help="How many of the latest entries.")
@output_option
@node_option
@remotely(_list_there)
@click.pass_context
def list_command(ctx: click.Context, last: int, output: str | None, node: str | None) -> None:
    """The latest entries.

    \b
    Example:
      comity log list --last 50
    """
    world = opened(ctx, node)
    size = logbook.head(world).size
    write(logbook.entries(world, max(0, size - last), size), output, _COLUMNS)


def _verify_there(
    client: Client, checkpoint: Path | None, folder: Path | None, key: str | None, output: str | None, node: str | None
) -> None:
    """The whole log comes here and is checked here: the node's word is not taken for it."""
    held = bytes_of(checkpoint) if checkpoint else None
    if folder:
        _tell_report(_copy(folder, key, lambda: read_verifier(client.log_head().key), held), output)
        return
    said = client.log_head()
    lines = client.log_copy()
    head = read_head(next(lines, b""))
    _tell_report(audit.verify(map(read_leaf, lines), head, read_verifier(said.key), held=held, origin=said.origin), output)


@log.command("verify")
@click.option("--checkpoint", type=click.Path(path_type=Path), help="A checkpoint kept elsewhere: finds a removed tail.")
@click.option("--export", "folder", type=click.Path(path_type=Path), help="Check this exported copy, or these tiles, instead of a node.")
@click.option("--key", metavar="LINE", help="The log's public key, known from elsewhere. [default: of a copy its own, of tiles the node's]")
@output_option
@node_option
@remotely(_verify_there)
@click.pass_context
def verify_command(
    ctx: click.Context, checkpoint: Path | None, folder: Path | None, key: str | None, output: str | None, node: str | None
) -> None:
    """Check every entry, salt, hash and signature. Exits 8 and names what does not fit.

    \b
    Example:
      comity log verify --checkpoint checkpoint-kept-elsewhere
      comity log verify --export log-copy
      comity log verify --export public/tlog --key "$(cat kz.key)"
    """
    held = bytes_of(checkpoint) if checkpoint else None
    if folder:
        _tell_report(_copy(folder, key, lambda: opened(ctx, node).journal.verifier, held), output)
    else:
        _tell_report(logbook.verify(opened(ctx, node), held), output)


def _copy(folder: Path, key: str | None, own: Callable[[], Verifier], held: bytes | None) -> audit.Report:
    """A folder checked: tiles by the given key or the node's own, the offline copy by the given one or that beside it."""
    given = read_verifier(key.strip()) if key else None
    return verify_tiles(folder, given or own(), held=held) if is_tiles(folder) else audit.verify_export(folder, key=given, held=held)


def _tell_report(report: audit.Report, output: str | None) -> None:
    text = "\n".join(report.problems) if report.problems else f"{amount(report.size, 'entry')}, all sound; root {report.root}"
    document(report.as_json(), output, text)
    if not report.ok:
        for problem in report.problems:
            note(f"comity: {problem}")
        click.get_current_context().exit(8)


def _prove_there(client: Client, id: str, out: Path | None, node: str | None) -> None:
    _give(client.proof(id), out)


@log.command("prove")
@click.argument("id")
@click.option("--out", type=click.Path(path_type=Path), help="Write the proof here. [default: standard output]")
@node_option
@remotely(_prove_there)
@click.pass_context
def prove_command(ctx: click.Context, id: str, out: Path | None, node: str | None) -> None:
    """A proof that the log holds an entry (by its index) or an object's arrival (by its id); checked by `comity log check`.

    \b
    Example:
      comity log prove 12 --out entry-12.tlog-proof
    """
    _give(logbook.prove(opened(ctx, node), id), out)


def _give(proof: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(proof)
        sys.stdout.buffer.flush()
    else:
        out.write_bytes(proof)


@log.command("check")
@click.argument("proof", type=click.Path(path_type=Path))
@click.option("--key", metavar="LINE", help="The log's public key, as in the file `key` of an exported copy. [default: the node's own log]")
@click.option("--object", "data", type=click.Path(path_type=Path), metavar="FILE", help="The object's bytes, which must be those proven.")
@output_option
@node_option
@click.pass_context
def check_command(ctx: click.Context, proof: Path, key: str | None, data: Path | None, output: str | None, node: str | None) -> None:
    """Check a proof that `comity log prove` made, with --key on any machine; exits 8 if it does not hold.

    \b
    Example:
      comity log check entry-12.tlog-proof
    """
    found = read_proof(bytes_of(proof))
    verifier = read_verifier(key.strip()) if key else opened(ctx, node).journal.verifier
    if data is not None and found.opened.object is None:
        raise SenderFault(f"{proof} proves an entry, not an object", next="comity log prove ID proves an object's arrival")
    proven = verify(found, [verifier], bytes_of(data) if data else None)
    entry = msgspec.to_builtins(proven.entry)
    size, root = proven.checkpoint.size, proven.checkpoint.root.hex()
    which = f"entry {proven.index} ({proven.entry.kind}, {proven.entry.at:%Y-%m-%d %H:%M} UTC)"
    said = f"{which} is in the log of {amount(size, 'entry')}, root {root}"
    document({**entry, "index": proven.index, "size": size, "root": root, "batch": proven.entry.root}, output, said)


log.add_command(witness)
log.add_command(publish)
log.add_command(guardrails)
log.add_command(replay)
log.add_command(prune)
log.add_command(watch)
log.add_command(renew)
log.add_command(compare_command)


@log.command("page")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--lang", default="en", show_default=True, type=click.Choice(["en", "ru", "zh", "fa"]), help="The page's language.")
@click.option("--key", metavar="LINE", help="The log's public key, which the page begins with. [default: the node's own]")
@node_option
@click.pass_context
def page_command(ctx: click.Context, file: Path, lang: str, key: str | None, node: str | None) -> None:
    """Write one HTML file that checks proofs in any browser, without a server or a request: a changed byte turns red.

    \b
    Example:
      comity log page check.html --lang ru
    """
    from comity.doors.web.standalone import page  # it takes a while to load

    known = read_verifier(key.strip()) if key else opened(ctx, node).journal.verifier
    data = page(write_verifier(known), lang)
    try:
        put_whole(file, [data])
    except OSError as error:
        raise OperatorFault(f"cannot write {file}: {error}", next="choose a place you may write to") from error


@log.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--tiles", is_flag=True, help="As C2SP tlog-tiles, for any web server: commitments alone, nothing that opens them.")
@node_option
@click.pass_context
def export_command(ctx: click.Context, folder: Path, tiles: bool, node: str | None) -> None:
    """Write the offline copy of the log: whoever has it can check it on any machine with `log verify --export`.

    \b
    Examples:
      comity log export log-copy
      comity log export --tiles public/tlog
    """
    world = opened(ctx, node)
    written = publishing.export(world, folder) if tiles else logbook.export(world, folder)
    note(f"{amount(written, 'entry')} written to {folder}")

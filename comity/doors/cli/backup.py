"""`comity backup` and `comity restore`; `comity log renew`, for what was not in the backup."""

from __future__ import annotations

import os
from pathlib import Path

import click
import msgspec

from comity.admin import backup as backups
from comity.admin.backup import Manifest
from comity.config import node_folder
from comity.doors.cli.context import Nodes, node_option, opened
from comity.doors.cli.output import amount, document, note, output_option
from comity.errors import OperatorFault
from comity.intake.purge import overdue
from comity.peer import restoring

_VARIABLE = "COMITY_BACKUP_PASSPHRASE"
_PASSPHRASE = f"The file with the passphrase, on its first line. [default: ${_VARIABLE}]"


def _passphrase(path: Path | None) -> str:
    if path is None:
        return os.environ.get(_VARIABLE, "")
    try:
        return path.read_text("utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorFault(f"cannot read {path}: {error}", next="check the file") from None


def _tell(found: Manifest, output: str | None, said: str) -> None:
    document(msgspec.to_builtins(found), output, f"{said}: {found.name}, {found.made:%Y-%m-%d %H:%M} UTC, {found.size} log entries")


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Make none; check the one that is there.")
@click.option("--keys", is_flag=True, help=f"The node's keys too, encrypted with a passphrase of {backups.SHORTEST} characters or more.")
@click.option("--passphrase-file", "secret", type=click.Path(path_type=Path), help=_PASSPHRASE)
@output_option
@node_option
@click.pass_context
def backup(ctx: click.Context, file: Path, check: bool, keys: bool, secret: Path | None, output: str | None, node: str | None) -> None:
    """Back the node up into one file while it goes on, and check the file: every byte, the store, every entry of the log.

    Without --keys keep a copy of keys/ elsewhere: nothing is restored without them. Exits 8 for a file that does not hold.

    \b
    Examples:
      comity backup monday.backup
      comity backup monday.backup --keys --passphrase-file secret
      comity backup monday.backup --check
    """
    if check:
        _tell(backups.check(file), output, "the backup holds")
        return
    phrase = _passphrase(secret) if keys else ""
    if keys and not phrase:
        raise OperatorFault("there is no passphrase for the keys", next=f"--passphrase-file FILE, or {_VARIABLE}")
    _tell(backups.back_up(opened(ctx, node), node_folder(node), file, phrase), output, "backed up and checked")
    if not keys:
        note("its keys are not in it: keep a copy of keys/ elsewhere, or use --keys")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--passphrase-file", "secret", type=click.Path(path_type=Path), help=_PASSPHRASE)
@output_option
@node_option
@click.pass_context
def restore(ctx: click.Context, file: Path, secret: Path | None, output: str | None, node: str | None) -> None:
    """Put a backup back into a folder without a node. Its keys come from the backup, or are in keys/ there already.

    If the log had come further than the backup, nothing more is signed in its name: comity log renew begins a log that goes on from there.
    What came from other nodes is given to nobody until each was heard again: it may have been taken back since.
    That the log came further is known from keys/high-water. Keys that come from a backup or another machine bring none: then it is for you
    to know.
    What has fallen due since the backup was made is purged before the node serves anything.

    \b
    Example:
      comity restore monday.backup --node restored
    """
    folder = node_folder(node)
    _tell(backups.restore(file, folder, _passphrase(secret)), output, f"restored to {folder}")
    nodes: Nodes = ctx.obj
    world = nodes.open_node(folder)
    if behind := backups.behind(world, folder):
        note(f"note: {behind}")
    else:
        note(
            f"note: if {world.journal.origin} still runs elsewhere, or came further than this backup and nothing here knows of it, "
            "there are now two pasts of one log, and only its witnesses or two members who compare find that; to be safe: comity log renew"
        )
        _held_back(restoring.begun(world))
    if due := len(overdue(world)):
        note(f"{amount(due, 'object')} fell due since: comity purge erases them, and comity up does before it serves anything")


@click.command("renew")
@click.option("--reason", required=True, help="Why; it stands in the log.")
@node_option
@click.pass_context
def renew(ctx: click.Context, reason: str, node: str | None) -> None:
    """Begin the log anew, under a name and key of its own, from the entries that are there; for a backup that was not the latest.

    The old log is not signed again, so nobody is shown two pasts of it. Witnesses and members have to learn the new key.

    \b
    Example:
      comity log renew --reason "the disk failed on Monday; Sunday's backup"
    """
    nodes: Nodes = ctx.obj
    world = nodes.renew_log(node_folder(node), reason, "administrator")
    note(f"the log is now {world.journal.origin}; give its key to members and witnesses: comity log witness key")
    note("a node that runs has the old key: start comity up anew")
    _held_back(sorted({each.party for each in restoring.unheard(world).values()}))


def _held_back(parties: list[str]) -> None:
    """Say for whom the node waits after a restore."""
    if parties:
        note(f"what came from {', '.join(parties)} waits until their nodes have said what they took back since: comity doctor")

"""`comity log watch` and `comity log compare`: a log as others see it, held against what it signed before."""

from __future__ import annotations

import os
from pathlib import Path

import click

from comity.doors.cli.context import node_option, opened
from comity.doors.cli.files import bytes_of
from comity.doors.cli.output import amount, document, note, output_option
from comity.durable import put_whole
from comity.errors import IntegrityFault, OperatorFault
from comity.ledger.keys import Verifier, read_verifier
from comity.ledger.note import Checkpoint, open_note
from comity.peer.channel import Channel, check_url
from comity.peer.tiles import Fetch, checkpoint, compare, in_folder, over_http

_KEY = "The log's public key, as `comity log witness key` prints it there. [default: the node's own log]"
_TOKEN = "COMITY_LOG_TOKEN"


def _verifier(ctx: click.Context, key: str | None, node: str | None) -> Verifier:
    return read_verifier(key.strip()) if key else opened(ctx, node).journal.verifier


def _fetch(log: str) -> Fetch:
    """What reads a log's prefix: an address or a folder."""
    if "://" not in log:
        return in_folder(Path(log))
    check_url(log, plain=_TOKEN not in os.environ, example="https://host/tlog")
    token = os.environ.get(_TOKEN, "")
    return over_http(log, Channel("", "", headers={"Authorization": f"Bearer {token}"} if token else {}))


def _tell(found: Checkpoint, output: str | None, said: str) -> None:
    document({"origin": found.origin, "size": found.size, "root": found.root.hex()}, output, said)


@click.command("watch")
@click.argument("log", metavar="URL")
@click.option("--key", metavar="LINE", help=_KEY)
@click.option("--keep", type=click.Path(path_type=Path), required=True, help="Where the last checkpoint is kept; made the first time.")
@output_option
@node_option
@click.pass_context
def watch(ctx: click.Context, log: str, key: str | None, keep: Path, output: str | None, node: str | None) -> None:
    """See that a log only grows: its checkpoint now extends the one kept. Exits 8 if not; the other is then kept as FILE.fork.

    URL is what stands before /checkpoint; COMITY_LOG_TOKEN is the token, where one is needed. Run it from cron or a timer.

    \b
    Example:
      comity log watch https://kz.example/tlog --key "$(cat kz.key)" --keep kz.checkpoint
    """
    verifier, fetch = _verifier(ctx, key, node), _fetch(log)
    now = checkpoint(fetch)
    before = bytes_of(keep) if keep.exists() else now
    try:
        found, kept = open_note(now, [verifier]), open_note(before, [verifier])
        if found.size < kept.size:
            said = f"the log shows {amount(found.size, 'entry')} and had signed {kept.size}: its end was removed, or an old copy is shown"
            raise IntegrityFault(said, next="ask its operator; the checkpoint that is kept proves it")
        compare(before, now, [verifier], fetch)
    except IntegrityFault:
        _put(keep.with_name(f"{keep.name}.fork"), now)
        raise
    _put(keep, now)
    _tell(found, output, f"{found.origin}: {amount(found.size, 'entry')}, an extension of what was kept")


def _put(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all."""
    try:
        put_whole(path, [data])
    except OSError as error:
        raise OperatorFault(f"cannot write {path}: {error}") from error


@click.command("compare")
@click.argument("one", type=click.Path(path_type=Path))
@click.argument("other", type=click.Path(path_type=Path))
@click.option("--key", metavar="LINE", help=_KEY)
@click.option("--log", metavar="URL|FOLDER", help="Where the log's tiles are, for checkpoints of different sizes.")
@output_option
@node_option
@click.pass_context
def compare_command(
    ctx: click.Context, one: Path, other: Path, key: str | None, log: str | None, output: str | None, node: str | None
) -> None:
    """Hold two members' checkpoints of one log against each other: were they shown one past? Exits 8 if not.

    \b
    Examples:
      comity log compare mine theirs --key LINE
      comity log compare last-week today --key LINE --log https://kz.example/tlog
    """
    found = compare(bytes_of(one), bytes_of(other), [_verifier(ctx, key, node)], _fetch(log) if log else None)
    _tell(found, output, f"one past, of {amount(found.size, 'entry')}: {found.origin}")
    note("two members that were shown one past cannot have been shown different ones before it")

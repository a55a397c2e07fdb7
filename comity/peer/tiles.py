"""Reading another's log as tiles (C2SP tlog-tiles), and whether one of its checkpoints extends another. Nothing that is read is trusted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from comity.errors import IntegrityFault, NotFound, OperatorFault, PeerFault
from comity.ledger.keys import Verifier
from comity.ledger.merkle import WIDTH as HASH
from comity.ledger.merkle import verify_consistency
from comity.ledger.note import MAX_NOTE, Checkpoint, open_note
from comity.ledger.tiles import WIDTH, Tile, consistency, width, write_path
from comity.peer.channel import Channel, good

#: What gives the bytes at a path below a log's prefix.
Fetch = Callable[[str], bytes]


class Tiles:
    """The hashes of a log of some size, tile by tile, each fetched once. The roots of signed checkpoints say whether they are right."""

    def __init__(self, fetch: Fetch, size: int) -> None:
        self._fetch = fetch
        self._size = size
        self._known: dict[tuple[int, int], bytes] = {}

    def __call__(self, level: int, first: int, count: int) -> Sequence[bytes]:
        """`ledger.tiles.Hashes`. Raises PeerFault for a tile that is not there or too short."""
        found = []
        for number in range(first, first + count):
            tile, at = divmod(number, WIDTH)
            part = self._tile(level, tile)[at * HASH : (at + 1) * HASH]
            if len(part) == HASH:
                found.append(part)
        return found

    def _tile(self, level: int, number: int) -> bytes:
        if (level, number) not in self._known:
            wide = width(level, number, self._size)
            self._known[level, number] = self._fetch(write_path(Tile(level=level, number=number, width=wide))) if wide else b""
        return self._known[level, number]


def over_http(url: str, channel: Channel) -> Fetch:
    """A log's prefix on a server."""
    return lambda path: _whole(channel, f"{url.rstrip('/')}/{path}")


def _whole(channel: Channel, url: str) -> bytes:
    answer = channel.ask("GET", url)
    if answer is None or answer.status == 404:
        raise PeerFault(f"{url} is not there", next="the address is what stands before /checkpoint, like https://host/tlog")
    return good(answer, lambda raw: raw.decode(errors="replace").strip()[:200]).content


def in_folder(folder: Path) -> Fetch:
    """A log's prefix as a folder, which `comity log export --tiles` writes."""

    def fetch(path: str) -> bytes:
        try:
            return (folder / path).read_bytes()
        except FileNotFoundError:
            raise NotFound(f"{folder} has no {path}", next="give the folder that comity log export --tiles wrote") from None
        except OSError as error:
            raise OperatorFault(f"cannot read {folder / path}: {error}") from error

    return fetch


def checkpoint(fetch: Fetch) -> bytes:
    """The checkpoint that is shown there now. Raises IntegrityFault for one that is too long to be one."""
    note = fetch("checkpoint")
    if len(note) > MAX_NOTE:
        raise IntegrityFault(f"a checkpoint of {len(note)} bytes")
    return note


def compare(one: bytes, other: bytes, verifiers: Sequence[Verifier], fetch: Fetch | None = None) -> Checkpoint:
    """The larger of two checkpoints of one log, once it is shown to extend the other. Raises IntegrityFault for two pasts.

    Checkpoints of different sizes need the log's tiles (`fetch`), whatever they hold. Raises NotFound without them.
    """
    less, more = sorted((open_note(one, verifiers), open_note(other, verifiers)), key=lambda each: each.size)
    if less.origin != more.origin:
        raise IntegrityFault(f"checkpoints of two logs, {less.origin!r} and {more.origin!r}")
    if less.size == more.size:
        if less.root != more.root:
            raise IntegrityFault(f"two pasts: two checkpoints of size {less.size} with different roots, both signed by {less.origin}")
        return more
    if less.size == 0:
        return more
    if fetch is None:
        raise NotFound(f"checkpoints of sizes {less.size} and {more.size} need the log's tiles to be compared", next="--log URL or FOLDER")
    proof = consistency(Tiles(fetch, more.size), less.size, more.size)
    try:
        verify_consistency(old_size=less.size, old_root=less.root, size=more.size, root=more.root, proof=proof)
    except IntegrityFault as fault:
        raise IntegrityFault(
            f"the log of {more.size} entries does not extend the one of {less.size} that was signed before: {fault}",
            next="keep both checkpoints; if other tiles give the same, the log has two pasts",
        ) from fault
    return more

"""Checking a folder of tiles (C2SP tlog-tiles, as `comity log export --tiles` writes it) as a whole: each changed file is named.

The leaves stand in it twice: as hashes in the tiles of level 0, and as what they are over in the bundles of entries. The signed checkpoint
says which of the two is right; all else is worked out from that and compared, tiles that were partial once included.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from comity.durable import PART
from comity.errors import IntegrityFault, OperatorFault
from comity.ledger.audit import MAX_PROBLEMS, Report
from comity.ledger.keys import Verifier
from comity.ledger.merkle import EMPTY, Frontier, leaf_hash, root
from comity.ledger.merkle import WIDTH as HASH
from comity.ledger.note import MAX_NOTE, Checkpoint, open_note
from comity.ledger.tiles import LONGEST, WIDTH, Tile, read_bundle, read_path, tiles, width, write_bundle, write_path

CHECKPOINT = "checkpoint"
#: The most bytes of a bundle.
_LARGEST = WIDTH * (LONGEST + 2)


def is_tiles(folder: Path) -> bool:
    """Whether a folder has tiles, and is not the offline copy of a log."""
    return (folder / "tile").is_dir()


def verify_tiles(folder: Path, key: Verifier, *, held: bytes | None = None) -> Report:
    """Check every file of the folder, and, if given, that the log extends the checkpoint note `held`.

    The report knows nothing of what the entries are: the folder has commitments alone. Raises OperatorFault for what cannot be read.
    """
    problems = list[str]()
    try:
        point = open_note(_read(folder / CHECKPOINT, MAX_NOTE), (key,))
    except IntegrityFault as fault:
        return _report([f"{CHECKPOINT}: {fault}"], Checkpoint(origin="", size=0, root=EMPTY), None)
    known = None
    try:
        known = open_note(held, (key,)) if held is not None else None
    except IntegrityFault as fault:
        problems.append(f"the checkpoint kept elsewhere: {fault}")
    found = _Tree(folder, point, known)
    problems += found.problems()
    if known is not None:
        problems += _against(found, point, known)
    return _report(problems, point, known)


def _against(found: _Tree, point: Checkpoint, known: Checkpoint) -> Iterator[str]:
    """The past as somebody else remembers it."""
    if known.origin != point.origin:
        yield f"the log is {point.origin!r}, the checkpoint kept elsewhere is of {known.origin!r}"
    elif known.size > point.size:
        yield f"the log has {point.size} entries, the checkpoint kept elsewhere {known.size}: its end was removed"
    elif found.then != known.root and found.sound:
        yield f"the first {known.size} entries are not those of the checkpoint kept elsewhere"


def _report(problems: list[str], point: Checkpoint, known: Checkpoint | None) -> Report:
    return Report(
        problems=tuple(problems[:MAX_PROBLEMS]), more=len(problems[MAX_PROBLEMS:]), size=point.size, root=point.root.hex(), kinds={},
        objects=0, erased=0, erased_objects=0, signed=bool(point.origin), held=known.size if known is not None and not problems else None,
    )  # fmt: skip


class _Tree:
    """The folder's leaves, by whichever copy of them leads to the checkpoint's root, and the levels above them."""

    def __init__(self, folder: Path, point: Checkpoint, known: Checkpoint | None) -> None:
        self._folder = folder
        self._size = point.size
        #: Whether one of the copies is right, and its level, None being the bundles.
        self.sound = False
        self._right: int | None = None
        #: The root of the first entries, as many as the checkpoint kept elsewhere is of.
        self.then = EMPTY
        #: Hashes by level, from 1 up.
        self._levels: list[list[bytes]] = []
        for level in (None, 0):
            frontier, whole, then = Frontier(), list[bytes](), EMPTY
            for number in range(-(-self._size // WIDTH)):
                for each in (hashes := self._leaves(level, number)):
                    frontier = frontier.append(each)
                    if known is not None and frontier.size == known.size:
                        then = frontier.root()
                whole += [root(hashes)] if len(hashes) == WIDTH else []
            if (frontier.size, frontier.root()) == (point.size, point.root):
                self.sound, self._right, self.then = True, level, then
                break
        while whole and self.sound:
            self._levels.append(whole)
            whole = [root(whole[at : at + WIDTH]) for at in range(0, len(whole) - WIDTH + 1, WIDTH)]

    def _leaves(self, level: int | None, number: int) -> list[bytes]:
        """The leaf hashes of a tile or bundle; none if it is not what it should be."""
        wide = width(level, number, self._size)
        path = self._folder / write_path(Tile(level=level, number=number, width=wide))
        data = _read(path, _LARGEST) if path.is_file() else b""
        try:
            hashes = [leaf_hash(each) for each in read_bundle(data)] if level is None else _split(data)
        except IntegrityFault:
            return []
        return hashes if len(hashes) == wide else []

    def problems(self) -> Iterator[str]:
        """What is not right, one line each."""
        if not self.sound:
            yield f"{CHECKPOINT}: neither the tiles nor the bundles of entries lead to its root"
            for number in range(-(-self._size // WIDTH)):
                if self._leaves(None, number) != self._leaves(0, number):
                    pair = [write_path(Tile(level=level, number=number, width=width(level, number, self._size))) for level in (0, None)]
                    yield f"{pair[0]} and {pair[1]} are not of the same entries: one of them was changed"
            return
        here = set[Tile]()
        for path in sorted(each for each in (self._folder / "tile").rglob("*") if each.is_file()):
            name = path.relative_to(self._folder).as_posix()
            try:
                tile = read_path(name)
            except IntegrityFault as fault:
                if not name.endswith(PART):
                    yield str(fault)
                continue
            here.add(tile)
            # What goes beyond the checkpoint was written before the next one was, and is of that.
            if tile.width <= width(tile.level, tile.number, self._size) and (wrong := self._wrong(tile, _read(path, _LARGEST))):
                yield f"{name}: {wrong}"
        yield from (f"{write_path(each)}: it is missing" for each in tiles(self._size) if each not in here)

    def _wrong(self, tile: Tile, data: bytes) -> str:
        """What is wrong with a tile's bytes, "" if nothing."""
        if tile.level:
            expected = self._levels[tile.level - 1][tile.number * WIDTH :][: tile.width]
        else:
            expected = self._leaves(self._right, tile.number)[: tile.width]
        try:
            entries = read_bundle(data) if tile.level is None else []
            found = [leaf_hash(each) for each in entries] if tile.level is None else _split(data)
        except IntegrityFault as fault:
            return str(fault)
        if found == expected and (write_bundle(entries) if tile.level is None else b"".join(found)) == data:
            return ""
        first = next((at for at, (one, other) in enumerate(zip(found, expected)) if one != other), min(len(found), len(expected)))
        place = tile.number * WIDTH + first
        return f"{'entry' if tile.level is None else 'hash'} {place} is not the one that was signed"


def _split(data: bytes) -> list[bytes]:
    if len(data) % HASH:
        raise IntegrityFault(f"{len(data)} bytes are no hashes")
    return [data[at : at + HASH] for at in range(0, len(data), HASH)]


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as fault:
        raise OperatorFault(f"cannot read {path}: {fault.strerror}", next="give the folder that `comity log export` wrote") from fault

"""A log as C2SP tlog-tiles: what a tile is called, and proofs worked out from the few hashes that they need.

A tile holds up to 256 consecutive hashes of one level. Level 0 are the leaf hashes; a hash of level l is the root over 256**l leaves, and
is there once all of these are. So a proof in a log of ten million entries needs some thousands of hashes, never all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

from comity.errors import IntegrityFault, OurFault
from comity.ledger.merkle import Frontier, node_hash, root

#: Levels of the tree from one level of tiles to the next, and hashes in a full tile.
HEIGHT, WIDTH = 8, 256
#: The longest entry of a bundle, in bytes: its length is a 16-bit number.
LONGEST = 0xFFFF

#: `hashes(level, first, count)`: that many consecutive hashes of a level; fewer where the log ends.
Hashes = Callable[[int, int, int], Sequence[bytes]]

_NUMBER = re.compile(r"((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?\Z")
_LEVEL = re.compile(r"(?:0|[1-9][0-9]?)\Z")


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """Which tile: its level (None: the bundle of entries), its number within the level, and its width, 1 to 256."""

    level: int | None
    number: int
    width: int = WIDTH


def write_path(tile: Tile) -> str:
    """Where a tile is found below a log's prefix: `tile/0/x001/234.p/56`, `tile/entries/000`."""
    digits = f"{tile.number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    number = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
    partial = "" if tile.width == WIDTH else f".p/{tile.width}"
    return f"tile/{'entries' if tile.level is None else tile.level}/{number}{partial}"


def read_path(path: str) -> Tile:
    """The inverse of `write_path`. Raises IntegrityFault unless it is exactly what that writes."""
    kind, _, rest = path.removeprefix("tile/").partition("/")
    match = _NUMBER.match(rest)
    if match and len(rest) <= 40 and (kind == "entries" or (_LEVEL.match(kind) and int(kind) <= 63)):
        number = int(match[1].replace("x", "").replace("/", "") + match[2])
        tile = Tile(level=None if kind == "entries" else int(kind), number=number, width=int(match[3] or WIDTH))
        if tile.width <= WIDTH and write_path(tile) == path:
            return tile
    raise IntegrityFault(f"{path[:80]!r} is not where a tile is found")


def width(level: int | None, number: int, size: int) -> int:
    """How many hashes or entries a tile has in a log of this size, 0 to 256."""
    return max(0, min(WIDTH, (size >> HEIGHT * (level or 0)) - number * WIDTH))


def tiles(size: int) -> Iterator[Tile]:
    """Every tile of a log of this size: each bundle of entries, then each level, the last tile of each partial unless it is full."""
    levels: list[int | None] = [None, *range((max(size, 1).bit_length() - 1) // HEIGHT + 1)]
    for level in levels:
        for number in range(-(-(size >> HEIGHT * (level or 0)) // WIDTH)):
            yield Tile(level=level, number=number, width=width(level, number, size))


def write_bundle(entries: Sequence[bytes]) -> bytes:
    """A bundle of entries, each with its length before it. Raises OurFault for one that is too long."""
    if any(len(entry) > LONGEST for entry in entries):
        raise OurFault(f"an entry of more than {LONGEST} bytes in a bundle")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def read_bundle(data: bytes) -> list[bytes]:
    """The inverse of `write_bundle`. Raises IntegrityFault."""
    entries, at = list[bytes](), 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            raise IntegrityFault(f"a bundle of entries that is cut off after {len(entries)}")
        entries.append(data[at + 2 : end])
        at = end
    return entries


def finished(frontier: Frontier, leaf: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(level, number, hash) of what one more leaf hash makes whole, from level 1 up."""
    hashes, size, height = list(frontier.hashes), frontier.size, 0
    while size & 1:
        leaf, size, height = node_hash(hashes.pop(), leaf), size >> 1, height + 1
        if height % HEIGHT == 0:
            yield height // HEIGHT, size, leaf


def listed(leaf_hashes: Sequence[bytes]) -> Hashes:
    """The hashes of a log whose leaf hashes are all in memory."""
    levels = [list(leaf_hashes)]
    while len(levels[-1]) >= WIDTH:
        below = levels[-1]
        levels.append([root(below[at : at + WIDTH]) for at in range(0, len(below) - WIDTH + 1, WIDTH)])
    return lambda level, first, count: levels[level][first : first + count]


def over(hashes: Hashes, first: int, last: int) -> bytes:
    """The root over leaves `first` to `last` (exclusive), a range as RFC 6962 cuts it. Raises IntegrityFault where hashes are missing."""
    count = last - first
    if count & (count - 1):
        split = _split(count)
        return node_hash(over(hashes, first, first + split), over(hashes, first + split, last))
    level, rest = divmod(count.bit_length() - 1, HEIGHT)
    found = hashes(level, first >> HEIGHT * level, 1 << rest)
    if len(found) != 1 << rest:
        raise IntegrityFault(f"hashes of level {level} are missing behind {first >> HEIGHT * level}", next="run comity fsck")
    return root(found)


def _split(count: int) -> int:
    """The largest power of two below `count` (RFC 6962 section 2.1)."""
    return 1 << ((count - 1).bit_length() - 1)


def inclusion(hashes: Hashes, index: int, size: int) -> tuple[bytes, ...]:
    """The audit path of leaf `index`, lowest sibling first (RFC 6962 section 2.1.1). Raises OurFault out of range."""
    if not 0 <= index < size:
        raise OurFault(f"no leaf {index} in a tree of {size}")
    first, last, path = 0, size, []
    while last - first > 1:
        middle = first + _split(last - first)
        if index < middle:
            path.append(over(hashes, middle, last))
            last = middle
        else:
            path.append(over(hashes, first, middle))
            first = middle
    return tuple(reversed(path))


def consistency(hashes: Hashes, old_size: int, size: int) -> tuple[bytes, ...]:
    """Proof that the first `old_size` leaves are a prefix (RFC 6962 section 2.1.2). Raises OurFault unless 1 <= old_size <= size.

    There is no proof from size 0: every tree extends the empty one, so such a proof would show nothing.
    """
    if not 1 <= old_size <= size:
        raise OurFault(f"no consistency proof from size {old_size} to {size}")
    first, last, path, whole = 0, size, list[bytes](), True
    while last != old_size:
        middle = first + _split(last - first)
        if old_size <= middle:
            path.append(over(hashes, middle, last))
            last = middle
        else:
            # What stands left of here is in both trees; the old one is no complete sub-tree of the new one any more.
            path.append(over(hashes, first, middle))
            first, whole = middle, False
    return tuple(reversed(path if whole else [*path, over(hashes, first, last)]))

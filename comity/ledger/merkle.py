"""RFC 6962 Merkle trees over SHA-256: roots, checking proofs, and the frontier that makes appending cheap (`tiles` makes proofs).

Hashes are 32 bytes. Leaves and nodes are told apart by a prefix byte (RFC 6962 section 2.1), so neither can pose as the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from comity.errors import IntegrityFault

#: The root of the empty tree: SHA-256 of nothing (RFC 6962 section 2.1).
EMPTY = sha256(b"").digest()
#: Bytes in a hash.
WIDTH = 32


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf with these contents."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def _level_up(level: Sequence[bytes]) -> list[bytes]:
    """The next level of the tree; an odd last hash moves up unchanged."""
    above = [sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
    if len(level) & 1:
        above.append(level[-1])
    return above


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, in order; `EMPTY` for none (RFC 6962 section 2.1)."""
    if not leaf_hashes:
        return EMPTY
    level: Sequence[bytes] = leaf_hashes
    while len(level) > 1:
        level = _level_up(level)
    return level[0]


def _check_hashes(proof: Sequence[bytes]) -> None:
    """Other lengths would let one proof be cut into nodes in two ways."""
    for position, part in enumerate(proof):
        if len(part) != WIDTH:
            raise IntegrityFault(f"proof hash {position} has {len(part)} bytes instead of {WIDTH}")


def _check_subtree(start: int, end: int) -> None:
    """A range of leaves has a hash of its own in the tree only where it begins at a multiple of the power of two that holds it."""
    if not 0 <= start < end or start % (1 << (end - start - 1).bit_length()):
        raise IntegrityFault(f"leaves {start} to {end} are no sub-tree")


def verify_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes, start: int = 0) -> None:
    """Check that leaf hash `leaf` stands at `index` in the tree of `size` leaves with this root. Raises IntegrityFault.

    The algorithm is RFC 9162 section 2.1.3.2 (the same tree as RFC 6962). With `start`, the root is that of leaves `start` to `size` alone
    (draft-ietf-plants-merkle-tree-certs section 4.3).
    """
    if not start <= index < size:
        raise IntegrityFault(f"leaf {index} cannot be in a tree of {size}")
    _check_subtree(start, size)
    _check_hashes((leaf, *proof))
    node, last, running = index - start, size - start - 1, leaf
    for part in proof:
        if last == 0:
            raise IntegrityFault("the inclusion proof is too long")
        if node & 1 or node == last:
            running = node_hash(part, running)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            running = node_hash(running, part)
        node, last = node >> 1, last >> 1
    if last:
        raise IntegrityFault("the inclusion proof is too short")
    if running != root:
        raise IntegrityFault(f"the inclusion proof of leaf {index} does not lead to the root of size {size}")


def verify_consistency(*, old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes], start: int = 0) -> None:
    """Check that the tree (size, root) extends the tree (old_size, old_root). Raises IntegrityFault.

    The algorithm is RFC 9162 section 2.1.4.2; a proof from size 0 is refused, since it would show nothing. With `start`, the old root is
    that of leaves `start` to `old_size` alone (draft-ietf-plants-merkle-tree-certs section 4.4.3), of which the RFC's is the case of 0.
    """
    if not 1 <= old_size <= size:
        raise IntegrityFault(f"a tree of {size} cannot be shown to extend one of {old_size}")
    _check_subtree(start, old_size)
    _check_hashes(proof)
    # 1. The largest whole sub-tree at the old one's end: from there the proof leads up. If it is all of the old one, its root is known.
    first, old, last = start, old_size - 1, size - 1
    while first != old and (old == last or old & 1):
        first, old, last = first >> 1, old >> 1, last >> 1
    parts = [old_root, *proof] if first == old else list(proof)
    if not parts:
        raise IntegrityFault("the consistency proof is empty")
    # 2. Up to both roots at once.
    old_running = running = parts[0]
    for part in parts[1:]:
        if last == 0:
            raise IntegrityFault("the consistency proof is too long")
        if old & 1 or old == last:
            old_running = node_hash(part, old_running) if first < old else old_running
            running = node_hash(part, running)
            while not old & 1 and old:
                first, old, last = first >> 1, old >> 1, last >> 1
        else:
            running = node_hash(running, part)
        first, old, last = first >> 1, old >> 1, last >> 1
    # 3. They are the roots that were said.
    if last:
        raise IntegrityFault("the consistency proof is too short")
    if old_running != old_root or running != root:
        raise IntegrityFault(f"the tree of {size} does not extend the tree of {old_size}")


class Frontier(msgspec.Struct, frozen=True, kw_only=True):
    """The compact range of a whole tree: the roots of its complete sub-trees, largest first, one per set bit of `size`."""

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> Frontier:
        """The frontier after one more leaf hash; O(log size)."""
        hashes, size = list(self.hashes), self.size
        while size & 1:
            leaf, size = node_hash(hashes.pop(), leaf), size >> 1
        return Frontier(size=self.size + 1, hashes=(*hashes, leaf))

    def root(self) -> bytes:
        """The root of the tree."""
        if not self.hashes:
            return EMPTY
        running = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            running = node_hash(left, running)
        return running


def write_frontier(frontier: Frontier) -> bytes:
    """Size (8 bytes, big-endian), then the hashes."""
    return frontier.size.to_bytes(8, "big") + b"".join(frontier.hashes)


def read_frontier(data: bytes) -> Frontier:
    """The inverse of `write_frontier`. Raises IntegrityFault for any other length than the size asks for."""
    size = int.from_bytes(data[:8], "big")
    if len(data) != 8 + WIDTH * size.bit_count():
        raise IntegrityFault(f"a frontier of {len(data)} bytes does not fit a log of {size} entries")
    return Frontier(size=size, hashes=tuple(data[at : at + WIDTH] for at in range(8, len(data), WIDTH)))

"""Which log entries name objects, and say that they went to a party.

Entries tell no ids: an object is known by the SHA-256 of its bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from comity.ledger.leaf import Entry, Leaf, Opening, read_entry

#: Kinds of entries by which objects go to a party: it asked for them, or they were sent to it.
RELEASES = ("disclose", "push")
#: In the detail of one by which something of them was told, and not they themselves.
ABOUT = "about"
#: Hashes up to this many are looked for one by one in a leaf's bytes, which is quicker than taking the leaf apart.
_FEW = 16


def where(leaves: Iterable[Leaf], hashes: Collection[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """(index, position, hash) of every record that opens one of these hashes, in whatever entry, in the order of the leaves.

    `hashes` are 32 bytes each; what was erased is not found. Raises IntegrityFault for records that cannot be read.
    """
    for leaf in leaves:
        if not leaf.opening or (len(hashes) <= _FEW and not any(hash_ in leaf.opening for hash_ in hashes)):
            continue
        for position, hash_ in enumerate(Opening(records=leaf.opening).hashes()):
            if hash_ is not None and hash_ in hashes:
                yield leaf.index, position, hash_


def given(leaves: Iterable[Leaf], hashes: Collection[bytes]) -> Iterator[tuple[int, Entry, set[bytes]]]:
    """(index, entry, which of these objects) for every entry by which any of them went to a party, in the order of the leaves.

    `hashes` are 32 bytes each. What was erased from the log is not found. Raises IntegrityFault for an entry that cannot be read.
    """
    wanted = set(hashes)
    for leaf in leaves:
        if len(wanted) <= _FEW and not any(sha in leaf.opening for sha in wanted):
            continue
        named = wanted.intersection(Opening(records=leaf.opening).hashes())
        entry = read_entry(leaf.entry) if named else None
        if entry is not None and entry.kind in RELEASES and entry.party is not None:
            yield leaf.index, entry, named

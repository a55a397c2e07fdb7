"""Tiles: names, bundles, and proofs from few hashes that are the proofs from all of them."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import IntegrityFault, OurFault
from comity.ledger.merkle import EMPTY, Frontier, leaf_hash, root, verify_consistency, verify_inclusion
from comity.ledger.tiles import (
    Tile,
    consistency,
    finished,
    inclusion,
    listed,
    over,
    read_bundle,
    read_path,
    tiles,
    width,
    write_bundle,
    write_path,
)

#: More than 256 tiles of 256, so that there is a level 2.
LEAVES = [sha256(number.to_bytes(4, "big")).digest() for number in range(66_000)]
ALL = listed(LEAVES)


class Counting:
    """Hashes as a store gives them: only what was put, and how many were asked for."""

    def __init__(self) -> None:
        self.kept: dict[tuple[int, int], bytes] = {}
        self.asked = 0
        frontier = Frontier()
        for number, leaf in enumerate(LEAVES):
            self.kept[0, number] = leaf
            self.kept |= {(level, at): hash_ for level, at, hash_ in finished(frontier, leaf)}
            frontier = frontier.append(leaf)

    def __call__(self, level: int, first: int, count: int) -> list[bytes]:
        self.asked += count
        return [self.kept[level, at] for at in range(first, first + count) if (level, at) in self.kept]


KEPT = Counting()
sizes = st.one_of(st.integers(1, len(LEAVES)), st.sampled_from([1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 65_792, 66_000]))


def test_what_is_finished_is_what_all_leaves_give() -> None:
    for level, count in ((1, 257), (2, 1)):
        assert KEPT(level, 0, count + 1) == list(ALL(level, 0, count + 1))
        assert len(KEPT(level, 0, count + 1)) == count


@settings(max_examples=60, deadline=None)
@given(sizes, st.data())
def test_proofs_lead_to_the_root(size: int, data: st.DataObject) -> None:
    top = root(LEAVES[:size])
    assert over(KEPT, 0, size) == top
    index = data.draw(st.integers(0, size - 1))
    KEPT.asked = 0
    path = inclusion(KEPT, index, size)
    assert KEPT.asked <= 4 * 256 + 256
    verify_inclusion(leaf=LEAVES[index], index=index, size=size, proof=path, root=top)
    old = data.draw(sizes.filter(lambda least: least <= size))
    proof = consistency(KEPT, old, size)
    verify_consistency(old_size=old, old_root=root(LEAVES[:old]), size=size, root=top, proof=proof)
    assert (path, proof) == (inclusion(ALL, index, size), consistency(ALL, old, size))


def test_a_missing_hash_is_named() -> None:
    with pytest.raises(IntegrityFault, match="level 1"):
        inclusion(lambda level, first, count: KEPT(level, first, count) if level == 0 else [], 3, 1_000)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(level=0, number=1_234_067), "tile/0/x001/x234/067"),
        (Tile(level=0, number=0, width=1), "tile/0/000.p/1"),
        (Tile(level=63, number=999, width=255), "tile/63/999.p/255"),
        (Tile(level=None, number=1_000), "tile/entries/x001/000"),
    ],
)
def test_paths(tile: Tile, path: str) -> None:
    assert write_path(tile) == path
    assert read_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "", "tile", "tile/0", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000", "tile/64/000", "tile/-1/000", "tile/0/x000/000",
        "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000/", "/tile/0/000", "tile/0/001/000",
        "tile/0/x001/x000", "tile/entries/000.p/999", "tile/0/000\n", "tile/٠/000", "tile/0/٠٠٠", "tile/0/" + "x001/" * 9 + "000",
        "0/000",
    ],
)  # fmt: skip
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(IntegrityFault):
        read_path(path)


@given(st.text("tile/entries0123456789x.p", max_size=30))
def test_a_path_is_spelled_in_one_way(path: str) -> None:
    with suppress(IntegrityFault):
        assert write_path(read_path(path)) == path


def test_the_tiles_of_a_log() -> None:
    """The standard's own example: 70,000 entries."""
    found = list(tiles(70_000))
    assert sum(tile.level == 0 and tile.width == 256 for tile in found) == 273
    assert [tile.width for tile in found if tile.width < 256] == [112, 112, 17, 1]
    assert [(tile.level, tile.width) for tile in tiles(256)] == [(None, 256), (0, 256), (1, 1)]
    assert list(tiles(0)) == []
    assert [width(1, number, 70_000) for number in range(3)] == [256, 17, 0]


@given(st.lists(st.binary(max_size=70), max_size=9))
def test_bundles(entries: list[bytes]) -> None:
    data = write_bundle(entries)
    assert read_bundle(data) == entries
    for end in range(len(data)):
        with suppress(IntegrityFault):
            assert write_bundle(read_bundle(data[:end])) == data[:end]


def test_entries_that_fit_no_bundle() -> None:
    with pytest.raises(OurFault):
        write_bundle([bytes(65_536)])
    assert len(write_bundle([bytes(65_535)])) == 65_537


def test_no_proofs_of_nothing() -> None:
    for index, size in ((0, 0), (5, 5), (-1, 5)):
        with pytest.raises(OurFault):
            inclusion(ALL, index, size)
    assert inclusion(ALL, 0, 1) == ()
    assert consistency(ALL, 7, 7) == ()
    assert leaf_hash(b"") != EMPTY

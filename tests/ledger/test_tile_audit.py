"""A folder of tiles: whichever bit of whichever file is changed, the file is named."""

from __future__ import annotations

import random
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from comity.errors import OperatorFault
from comity.ledger.keys import LogKey
from comity.ledger.merkle import leaf_hash, root
from comity.ledger.note import Checkpoint, sign
from comity.ledger.tile_audit import is_tiles, verify_tiles
from comity.ledger.tiles import WIDTH, listed, tiles, write_bundle, write_path

KEY = LogKey("log.kz.example/sample", bytes(range(32)))
ENTRIES = [sha256(number.to_bytes(4, "big")).digest() for number in range(700)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]


def note(size: int, leaves: list[bytes] = LEAVES, origin: str = KEY.name) -> bytes:
    return sign(Checkpoint(origin=origin, size=size, root=root(leaves[:size])), KEY)


def exported(folder: Path, *sizes: int) -> Path:
    """The folder as it is after an export at each of these sizes."""
    for size in sizes:
        hashes = listed(LEAVES[:size])
        for tile in tiles(size):
            path = folder / write_path(tile)
            path.parent.mkdir(parents=True, exist_ok=True)
            first = tile.number * WIDTH
            entries = write_bundle(ENTRIES[first : first + tile.width])
            path.write_bytes(entries if tile.level is None else b"".join(hashes(tile.level, first, tile.width)))
        (folder / "checkpoint").write_bytes(note(size))
    return folder


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tmp_path_factory.mktemp("tiles"), 3, 300, 700)


def test_a_sound_folder(sound: Path) -> None:
    assert is_tiles(sound)
    found = verify_tiles(sound, KEY.verifier, held=note(300))
    assert (found.problems, found.size, found.root, found.held) == ((), 700, root(LEAVES).hex(), 300)
    assert verify_tiles(sound, KEY.verifier, held=note(0)).ok


def test_a_bit_anywhere_is_named_with_its_file(sound: Path, tmp_path: Path) -> None:
    """Of every file, twice: tiles, bundles, those that were partial before, and the checkpoint."""
    dice = random.Random(8)
    files = [path for path in sorted(sound.rglob("*")) if path.is_file()]
    assert len(files) == 13
    for number, path in enumerate([*files, *files]):
        raw = bytearray(path.read_bytes())
        raw[dice.randrange(len(raw))] ^= 1 << dice.randrange(8)
        copy = tmp_path / str(number)
        shutil.copytree(sound, copy)
        name = path.relative_to(sound).as_posix()
        (copy / name).write_bytes(bytes(raw))
        problems = verify_tiles(copy, KEY.verifier).problems
        assert len(problems) == 1, name
        assert problems[0].startswith(f"{name}: "), problems


def test_a_changed_hash_is_found_by_its_number(sound: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(sound, tmp_path / "copy")
    for name in ("tile/0/001", "tile/entries/002.p/188"):
        raw = bytearray((copy / name).read_bytes())
        raw[34 * 20 + 5] ^= 1
        (copy / name).write_bytes(bytes(raw))
    # Both copies are changed, each elsewhere: what does not fit is named.
    problems = verify_tiles(copy, KEY.verifier).problems
    assert problems[0].startswith("checkpoint: neither")
    assert "tile/0/001 and tile/entries/001" in problems[1]
    assert "tile/0/002.p/188 and tile/entries/002.p/188" in problems[2]
    shutil.copy(sound / "tile/0/001", copy / "tile/0/001")
    assert verify_tiles(copy, KEY.verifier).problems == ("tile/entries/002.p/188: entry 532 is not the one that was signed",)


def test_what_is_missing_strange_or_longer(sound: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(sound, tmp_path / "copy")
    (copy / "tile/1/000.p/2").unlink()
    (copy / "tile/0/x").write_bytes(b"")
    (copy / "tile/0/003.part").write_bytes(b"cut off")
    (copy / "tile/entries/000").write_bytes((copy / "tile/entries/000").read_bytes() + b"\0\0")
    problems = verify_tiles(copy, KEY.verifier).problems
    assert sorted(problem.partition(" ")[0] for problem in problems) == ["'tile/0/x'", "tile/1/000.p/2:", "tile/entries/000:"]


def test_a_longer_export_that_was_cut_before_its_checkpoint_is_sound(tmp_path: Path) -> None:
    folder = exported(tmp_path, 300, 700)
    (folder / "checkpoint").write_bytes(note(300))
    assert verify_tiles(folder, KEY.verifier).ok


def test_a_checkpoint_kept_elsewhere(sound: Path) -> None:
    forked = [*LEAVES[:5], leaf_hash(b"another"), *LEAVES[6:]]
    for held, said in (
        (note(701, [*LEAVES, leaf_hash(b"one more")]), "its end was removed"),
        (note(300, forked), "are not those"),
        (note(700, forked), "are not those"),
        (note(300, origin="other.example/log"), "is of 'other.example/log'"),
        (note(300)[:-4], "the checkpoint kept elsewhere"),
    ):
        (problem,) = verify_tiles(sound, KEY.verifier, held=held).problems
        assert said in problem


def test_no_checkpoint_and_another_key(tmp_path: Path) -> None:
    with pytest.raises(OperatorFault):
        verify_tiles(tmp_path, KEY.verifier)
    exported(tmp_path, 3)
    (problem,) = verify_tiles(tmp_path, LogKey("log.uz.example", bytes(32)).verifier).problems
    assert problem.startswith("checkpoint: none of the given keys")

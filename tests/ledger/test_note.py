"""Checkpoints and signed notes: exact both ways; every other spelling is refused."""

from __future__ import annotations

import base64
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import IntegrityFault
from comity.ledger.merkle import leaf_hash, root
from comity.ledger.note import (
    Checkpoint,
    LogKey,
    cosign,
    open_note,
    read_checkpoint,
    read_note,
    read_verifier,
    sign,
    write_checkpoint,
    write_note,
)
from comity.ledger.tiles import read_bundle, read_path, write_bundle, write_path

KEY = LogKey("log.kz.example/sample", bytes(range(32)))
WITNESS = LogKey("witness.uz.example", bytes(32))
POINT = Checkpoint(origin="log.kz.example/sample", size=12, root=sha256(b"root").digest())
NOTE = sign(POINT, KEY)
ROOT = base64.b64encode(POINT.root).decode()

lines = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


@given(lines, st.integers(0, 2**60), st.binary(min_size=32, max_size=32), st.lists(lines, max_size=3))
def test_what_is_written_is_read_back(origin: str, size: int, top: bytes, extensions: list[str]) -> None:
    point = Checkpoint(origin=origin, size=size, root=top, extensions=tuple(extensions))
    data = sign(point, KEY)
    assert open_note(data, [KEY.verifier]) == point
    assert write_note(read_note(data)) == data
    assert read_checkpoint(write_checkpoint(point)) == point


@given(st.binary(max_size=200) | st.binary(max_size=20).map(lambda tail: NOTE[:-20] + tail) | st.binary(max_size=9).map(NOTE.__add__))
def test_whatever_is_accepted_is_written_the_same(data: bytes) -> None:
    try:
        note = read_note(data)
    except IntegrityFault:
        return
    assert write_note(note) == data


@pytest.mark.parametrize("size", ["+12", " 12", "12 ", "012", "1_2", "-1", "", "0x12", "1e3", "١٢", "12\r", "9" * 20])
def test_sizes_in_another_spelling_are_refused(size: str) -> None:
    assert read_checkpoint(f"o\n12\n{ROOT}\n").size == 12
    with pytest.raises(IntegrityFault):
        read_checkpoint(f"o\n{size}\n{ROOT}\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n12\n",
        f"o\n12\n{ROOT}",
        f"\n12\n{ROOT}\n",
        f"o\n12\n{ROOT}\n\n",
        f"o\r\n12\n{ROOT}\n",
        f"o\n12\n{ROOT[:-2]}H=\n",  # the same bytes, with stray bits
        f"o\n12\n{ROOT[:-4]}\n",
        f"o\n12\n{ROOT.rstrip('=')}\n",
        f"o\n12\n{ROOT}\nextension\x07\n",
    ],
)
def test_texts_that_are_no_checkpoint(text: str) -> None:
    with pytest.raises(IntegrityFault):
        read_checkpoint(text)


def test_a_checkpoint_with_a_line_break_in_a_line_is_not_written() -> None:
    with pytest.raises(IntegrityFault):
        write_checkpoint(Checkpoint(origin="a\nb", size=1, root=bytes(32)))


def test_every_single_bit_of_a_note_counts() -> None:
    for position in range(len(NOTE) * 8):
        changed = bytearray(NOTE)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(IntegrityFault):
            open_note(bytes(changed), [KEY.verifier])


def test_other_shapes_of_a_note_are_refused() -> None:
    text, _, signature = NOTE.decode().rpartition("\n\n")
    for bad in (
        NOTE[:-1],
        NOTE + b"\n",
        NOTE + signature.encode(),
        NOTE.replace(b"\xe2\x80\x94", b"-"),
        f"{text}\n{signature}".encode(),
        f"{text}\n\n".encode(),
        NOTE.replace(b"\n", b"\r\n"),
        NOTE + "\u2014 a AAAA\n".encode(),  # too short to be a signature
        NOTE + "\u2014  AAAAAAAA\n".encode(),  # no name
        NOTE.replace(b"\n\n", b"\n" + b"x" * 70_000 + b"\n\n"),
    ):
        with pytest.raises(IntegrityFault):
            open_note(bad, [KEY.verifier])


def test_unknown_signatures_are_ignored_wrong_ones_refuse_the_note() -> None:
    both = cosign(read_note(NOTE), WITNESS)
    assert open_note(both, [KEY.verifier]) == open_note(both, [WITNESS.verifier]) == POINT
    with pytest.raises(IntegrityFault, match="none of the given keys"):
        open_note(NOTE, [WITNESS.verifier])
    note = read_note(both)
    swapped = note.signatures[1].__class__(name=KEY.name, key_id=KEY.verifier.key_id, value=note.signatures[1].value)
    forged = write_note(note.__class__(text=note.text, signatures=(swapped,)))
    with pytest.raises(IntegrityFault, match="is wrong"):
        open_note(forged, [KEY.verifier])
    with pytest.raises(IntegrityFault, match="two signatures"):
        cosign(read_note(both), KEY)


def test_public_logs_checkpoints_tiles_and_bundles(shared_data: Path) -> None:
    """A log of another implementation, sizes 0 to 15: signatures hold, roots follow from its entries, every file is spelled as we do."""
    key = read_verifier("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
    folder = shared_data / "vectors" / "tlog-checkpoints" / "log"
    entries = read_bundle((folder / "tile/entries/000.p/15").read_bytes())
    leaves = [leaf_hash(entry) for entry in entries]
    assert len(leaves) == 15
    for size in range(16):
        data = (folder / f"checkpoint.{size}").read_bytes()
        point = open_note(data, [key])
        assert (point.origin, point.size, point.root) == ("example.com/log/testdata", size, root(leaves[:size]))
        assert write_note(read_note(data)) == data
        assert write_checkpoint(point) == read_note(data).text
    assert (folder / "checkpoint").read_bytes() == (folder / "checkpoint.15").read_bytes()
    found = sorted(path.relative_to(folder).as_posix() for path in folder.glob("tile/*/*/*"))
    assert len(found) == 30
    for path in found:
        data, tile = (folder / path).read_bytes(), read_path(path)
        assert write_path(tile) == path
        if tile.level is None:
            assert read_bundle(data) == entries[: tile.width]
            assert write_bundle(read_bundle(data)) == data
        else:
            assert (tile.level, data) == (0, b"".join(leaves[: tile.width]))

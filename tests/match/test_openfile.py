from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import zstandard

from comity.errors import NotFound, OperatorFault, SenderFault
from comity.match import openfile
from comity.match.openfile import is_packed, lines, opened, whole

PACKS = (gzip.compress, zstandard.compress, bz2.compress, lzma.compress)
DATA = b"\xef\xbb\xbfone\r\ntwo\n\nlast"
WANT = [(1, b"one"), (2, b"two"), (3, b""), (4, b"last")]


@pytest.mark.parametrize("pack", [bytes, *PACKS, *(lambda d, one=one: one(d[:9]) + one(d[9:]) for one in PACKS)])
def test_content_tells_the_compression(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "any.name"
    path.write_bytes(pack(DATA))
    with opened(str(path)) as file:
        assert list(lines(file)) == WANT


def test_bzip2_is_told_by_more_than_its_letters(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"BZh9.example\n")
    with opened(str(tmp_path / "x")) as file:
        assert file.read() == b"BZh9.example\n"


def test_damage_of_any_packing_says_where(tmp_path: Path) -> None:
    for pack in PACKS:
        packed = pack(b"".join(b"%032x\n" % (n * 0x9E3779B97F4A7C15) for n in range(3_000)))
        (tmp_path / "x").write_bytes(packed[:10] + bytes([byte ^ 255 for byte in packed[10:]]))
        with opened(str(tmp_path / "x")) as file, pytest.raises(openfile.DAMAGED) as error:
            file.read()
        assert "damaged: " in str(openfile.damaged("x", error.value)) and "byte" in str(error.value)


def test_an_archive_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("dns.log", b"bad.example\n")
    with pytest.raises(SenderFault, match="ZIP archive") as fault, opened(str(tmp_path / "x.zip")):
        pass
    assert "unzip" in fault.value.next


def test_zstd_frames_one_after_another(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(zstandard.compress(DATA[:9]) + zstandard.compress(DATA[9:]))
    with opened(str(path)) as file:
        assert list(lines(file)) == WANT


@pytest.mark.parametrize("nibble", [0, 15])
def test_zstd_behind_skippable_frames(tmp_path: Path, nibble: int) -> None:
    path = tmp_path / "x"
    skipped = bytes([0x50 + nibble]) + b"\x2a\x4d\x18" + (4).to_bytes(4, "little")
    packed = zstandard.compress(DATA[:9])
    path.write_bytes(skipped + len(packed).to_bytes(4, "little") + packed + skipped + bytes(4) + zstandard.compress(DATA[9:]))
    assert is_packed(str(path)) == "zstd"
    with opened(str(path)) as file:
        assert list(lines(file)) == WANT


def test_a_line_without_end_is_read_in_pieces_of_one_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openfile, "MAX_LINE", 4)
    assert list(lines(io.BufferedReader(io.BytesIO(b"abcdefgh\nij")))) == [(1, b"abcd"), (1, b"efgh"), (1, b""), (2, b"ij")]


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress, lzma.compress])
def test_what_stands_before_the_damage_is_read(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "x"
    packed = pack(b"".join(b"%032x\n" % (n * 0x9E3779B97F4A7C15) for n in range(30_000)))
    path.write_bytes(packed[: len(packed) * 3 // 4])
    numbers: list[int] = []
    with opened(str(path)) as file, pytest.raises(EOFError, match="middle"):
        numbers.extend(number for number, _ in lines(file))
    # `extend` keeps what it was given before the error.
    assert 15_000 < len(numbers) < 30_000


def test_a_bad_checksum_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "x"
    packed = bytearray(gzip.compress(DATA * 100))
    packed[-6] ^= 1
    path.write_bytes(packed)
    with opened(str(path)) as file, pytest.raises(openfile.DAMAGED):
        list(lines(file))


def test_padding_after_a_member_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(gzip.compress(DATA) + bytes(512))
    with opened(str(path)) as file:
        assert list(lines(file)) == WANT


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(DATA))))
    with opened("-") as file:
        assert list(lines(file)) == WANT


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(NotFound), opened(str(tmp_path / "none")):
        pass
    with pytest.raises(OperatorFault), opened(str(tmp_path)):
        pass


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no file that cannot be read")
def test_a_read_error_names_the_file_and_the_place() -> None:
    with pytest.raises(OperatorFault, match="cannot read /proc/self/mem: Input/output error, at byte 0"), opened("/proc/self/mem"):
        pass
    with openfile._File("/proc/self/mem") as file:
        file.seek(4096)
        with pytest.raises(OSError, match="at byte 4,096") as error:
            file.readinto(bytearray(10))
    fault = openfile.damaged("x.log", error.value, " after line 7")
    assert isinstance(fault, OperatorFault) and str(fault) == "cannot read x.log after line 7: Input/output error, at byte 4,096"


@pytest.mark.parametrize("pack", [bytes, *PACKS])
def test_a_document_is_held_up_to_a_bound_of_what_it_unpacks_to(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "x"
    path.write_bytes(pack(bytes(3_000_000)))
    with opened(str(path)) as file:
        assert whole(file, "x", 3_000_000) == bytes(3_000_000)
    with opened(str(path)) as file, pytest.raises(SenderFault, match="more than the 2999999") as fault:
        whole(file, "x", 2_999_999)
    assert fault.value.next


@pytest.mark.parametrize("pack", PACKS)
def test_a_bomb_costs_no_more_than_the_bound(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "x"
    path.write_bytes(pack(bytes(200_000_000)))
    assert path.stat().st_size < 300_000
    tracemalloc.start()
    try:
        with opened(str(path)) as file, pytest.raises(SenderFault):
            whole(file, "x", 1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 80_000_000
    finally:
        tracemalloc.stop()

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable

import pytest
import zstandard

from comity.match import inflate
from comity.match.inflate import PACKINGS, Piecemeal

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress, "zstd": zstandard.ZstdCompressor(write_checksum=True).compress, "bzip2": bz2.compress, "xz": lzma.compress,
}  # fmt: skip


@pytest.mark.parametrize(("name", "fast"), [("gzip", True), ("gzip", False), ("zstd", True), ("bzip2", True), ("xz", True)])
def test_members_and_damage(monkeypatch: pytest.MonkeyPatch, name: str, fast: bool) -> None:
    monkeypatch.setattr(inflate, "_FAST", fast and inflate._FAST)
    one, text = PACK[name](b"abc" * 1_000), b"abc" * 1_000
    member = PACKINGS[name].fresh()
    assert member.decompress(one[:20]) + member.decompress(one[20:] + b"next") == text
    assert (member.eof, member.unused_data) == (True, b"next")
    with pytest.raises(inflate.DAMAGE):
        PACKINGS[name].fresh().decompress(one[:4] + bytes([byte ^ 255 for byte in one[4:]]))


@pytest.mark.parametrize("name", ["bzip2", "xz"])
def test_a_bomb_is_given_piece_by_piece(name: str) -> None:
    member = Piecemeal(bz2.BZ2Decompressor() if name == "bzip2" else lzma.LZMADecompressor())
    pieces = [member.decompress(PACK[name](bytes(10_000_000)))]
    while member.full:
        pieces.append(member.decompress(b""))
    assert max(map(len, pieces)) == 1 << 20 and sum(map(len, pieces)) == 10_000_000
    assert member.eof


def test_an_xz_file_gets_no_more_memory_than_its_bound() -> None:
    large = lzma.compress(b"x", filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}])
    with pytest.raises(inflate.DAMAGE, match=r"[Mm]emory"):
        PACKINGS["xz"].fresh().decompress(large)

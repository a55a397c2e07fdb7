from __future__ import annotations

import gzip

import pytest

from comity.match import inflate


@pytest.mark.parametrize("fast", [True, False])
def test_members_and_damage(monkeypatch: pytest.MonkeyPatch, fast: bool) -> None:
    monkeypatch.setattr(inflate, "_FAST", fast and inflate._FAST)
    one = gzip.compress(b"abc" * 1_000)
    member = inflate.gzip_member()
    assert member.decompress(one[:20]) + member.decompress(one[20:] + b"next") == b"abc" * 1_000
    assert (member.eof, member.unused_data) == (True, b"next")
    for wrong in (one[:12] + b"\xff" * 8 + one[20:], one[:-6] + bytes([one[-6] ^ 1]) + one[-5:]):
        with pytest.raises(inflate.DAMAGE):
            inflate.gzip_member().decompress(wrong)

"""What the API says of the register goes there and back."""

from __future__ import annotations

import msgspec
import pytest

from comity.wire_register import AccessionPage, TakeStep


@pytest.mark.parametrize("kind", ["sponsor", "object"])
def test_a_step_is_read(kind):
    assert msgspec.json.decode(msgspec.json.encode({"kind": kind, "note": "why"}), type=TakeStep) == TakeStep(kind=kind, note="why")


@pytest.mark.parametrize("raw", [b'{"kind":"admit"}', b'{"kind":"applaud"}', b'{"kind":"object","who":"KZ"}', b"{}"])
def test_what_is_no_step_is_refused(raw):
    with pytest.raises(msgspec.MsgspecError):
        msgspec.json.decode(raw, type=TakeStep)


def test_a_page_without_more_has_no_cursor():
    assert msgspec.to_builtins(AccessionPage(items=(), more=False)) == {"items": (), "more": False, "next": None}

"""Manifests and parts: strict where it matters, and what a later release may add."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import SenderFault
from comity.forms.medium import Line, Manifest, Part, read_manifest, read_part, write_manifest, write_part

MANIFEST = Manifest(
    version=1, body="sco", sender="KZ/kz", receiver="UZ/uz", number=3, made=datetime(2021, 11, 1, tzinfo=UTC), heard=2,
    lines=(Line(kind="parcel", sequence=4, sha256="a" * 64, size=10),),
)  # fmt: skip
PART = Part(
    bundle="b" * 64, sender="KZ/kz", receiver="UZ/uz", number=3, part=2, parts=3, offset=5, size=5, total=15, sha256="c" * 64
)  # fmt: skip


def test_both_directions() -> None:
    assert read_manifest(write_manifest(MANIFEST)) == MANIFEST
    assert read_part(write_part(PART)) == PART
    assert PART.name == "comity-KZ-UZ-000003-002of003.airgap"


def later(**more: Any) -> bytes:
    """A manifest as a later release might write it."""
    return msgspec.json.encode({**msgspec.json.decode(write_manifest(MANIFEST)), **more})


def test_what_a_later_release_adds_is_passed_over_unless_it_is_needed() -> None:
    assert read_manifest(later(colour="blue", lines=[{**msgspec.to_builtins(MANIFEST.lines[0]), "weight": 3}])) == MANIFEST
    for needs in ({"needs": ["tiles"]}, {"version": 2}):
        with pytest.raises(SenderFault, match="made by a later release") as caught:
            read_manifest(later(**needs))
        assert "update this node" in caught.value.next


@pytest.mark.parametrize(
    "change",
    [
        {"version": "1"}, {"sender": "KZ"}, {"receiver": "a/\n"}, {"body": "S C O"}, {"made": "2021-11-01T00:00:00"}, {"number": -1},
        {"lines": [{"kind": "parcel", "sequence": 1, "sha256": "x", "size": 1}]}, {"lines": 1}, {"number": 1 << 60},
    ],
)  # fmt: skip
def test_a_malformed_manifest_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(SenderFault):
        read_manifest(later(**change))


@pytest.mark.parametrize(
    "change",
    [
        {"form": "comity airgap part v2"}, {"part": 0}, {"part": 4}, {"size": 0}, {"size": 11}, {"sha256": "x"}, {"bundle": ""}, {"sender": ""},
        {"parts": 1 << 40, "part": 1},
    ],
)  # fmt: skip
def test_a_part_that_says_what_cannot_be_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(SenderFault):
        read_part(write_part(msgspec.structs.replace(PART, **change)))


@given(st.binary(max_size=200))
def test_nothing_else_is_a_part_or_a_manifest(data: bytes) -> None:
    for read in (read_part, read_manifest):
        with pytest.raises(SenderFault):
            read(data)

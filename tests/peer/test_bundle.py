"""Bundles as files: what one part says of itself, and parts that do not fit together."""

from __future__ import annotations

import io
import os
import resource
import stat
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.errors import IntegrityFault, OperatorFault, SenderFault
from comity.forms.medium import Part, read_part, write_part
from comity.peer.bundle import LEAST, Bundle, check_size, gathered, split, writing

PART = Part(bundle="", sender="KZ/a", receiver="UZ/b", number=7, part=1, parts=1, offset=0, size=0, total=0, sha256="")


@given(body=st.binary(min_size=1, max_size=90_000), size=st.integers(LEAST, 40_000))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_split_is_joined(tmp_path: Path, body: bytes, size: int) -> None:
    body = body.replace(b"\n", b" ") + b"\n"
    files = split(b"manifest\n", io.BytesIO(body), tmp_path, PART, size)
    assert all(file.stat().st_size <= size and stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    (bundle,) = gathered(list(reversed(files)))
    assert bundle.fault is None and list(bundle.lines()) == [b"manifest\n", body]
    for file in files:
        file.unlink()


def test_parts_are_named_by_whose_they_are(tmp_path: Path) -> None:
    (file,) = split(b"manifest\n", io.BytesIO(b"x\n"), tmp_path, PART, None)
    assert file.name == "comity-KZ-UZ-000007-001of001.airgap"
    assert [path.name for path in tmp_path.iterdir()] == [file.name]  # nothing unfinished is left


def test_nothing_is_written_through_a_link_on_the_medium(tmp_path: Path) -> None:
    (kept := tmp_path / "kept").write_bytes(b"mine")
    for name in ("comity-KZ-UZ-000007-001of001.airgap", ".comity-KZ-UZ-000007-001of001.airgap.unfinished"):
        (tmp_path / name).symlink_to(kept)
    (file,) = split(b"manifest\n", io.BytesIO(b"x\n"), tmp_path, PART, None)
    assert kept.read_bytes() == b"mine" and not file.is_symlink()


def test_more_parts_than_a_process_may_have_open_are_joined(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    parts = [tmp_path / str(number) for number in range(100)]
    for path in parts:
        path.write_bytes(b"head\n" + path.name.encode() + b"\n")
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 50, hard))
    try:
        assert list(Bundle([(PART, path) for path in parts]).lines()) == [b"%d\n" % number for number in range(100)]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_parts_that_tell_different_things_are_refused(tmp_path: Path) -> None:
    files = split(b"manifest\n", io.BytesIO(b"x" * 40_000 + b"\n"), tmp_path, PART, LEAST)
    head, _, rest = files[1].read_bytes().partition(b"\n")
    part = read_part(head + b"\n")
    files[1].write_bytes(write_part(msgspec.structs.replace(part, total=part.total + 1)) + rest)
    (bundle,) = gathered(files)
    assert isinstance(bundle.fault, IntegrityFault) and "do not agree" in str(bundle.fault)
    files[1].write_bytes(write_part(msgspec.structs.replace(part, offset=part.offset - 1)) + rest)
    (bundle,) = gathered(files)
    assert isinstance(bundle.fault, IntegrityFault) and "do not fit together" in str(bundle.fault)


def test_sizes_and_places_are_checked(tmp_path: Path) -> None:
    check_size(None)
    check_size(LEAST)
    with pytest.raises(SenderFault):
        check_size(LEAST - 1)
    with pytest.raises(OperatorFault, match="cannot write to"), writing(tmp_path / "nowhere"):
        split(b"m\n", io.BytesIO(b"x\n"), tmp_path / "nowhere", PART, None)

"""Files that commands are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.doors.cli.files import bytes_of, text_of, write_new
from comity.errors import Conflict, NotFound, OperatorFault, SenderFault


def test_what_is_wrong_with_a_file_is_said(tmp_path):
    (tmp_path / "big").write_bytes(b"x" * 11)
    (tmp_path / "latin").write_bytes(b"\xe9")
    with pytest.raises(NotFound):
        bytes_of(tmp_path / "none")
    with pytest.raises(OperatorFault):
        bytes_of(tmp_path)
    with pytest.raises(SenderFault, match="more than the 10"):
        bytes_of(tmp_path / "big", 10)
    with pytest.raises(SenderFault, match="UTF-8"):
        text_of(tmp_path / "latin")


def test_what_a_file_says_of_its_size_is_not_believed():
    """A device or a pipe says 0 and never ends."""
    with pytest.raises(SenderFault, match="more than the 10"):
        bytes_of(Path("/dev/zero"), 10)


def test_a_byte_order_mark_is_no_text(tmp_path):
    (tmp_path / "bom").write_bytes(b"\xef\xbb\xbfx")
    assert text_of(tmp_path / "bom") == "x"


def test_a_new_file_is_for_its_owner_alone_and_takes_nobodys_place(tmp_path):
    write_new(tmp_path / "a", "text\n")
    assert ((tmp_path / "a").read_text(), (tmp_path / "a").stat().st_mode & 0o777) == ("text\n", 0o600)
    with pytest.raises(Conflict):
        write_new(tmp_path / "a", "other")
    with pytest.raises(OperatorFault):
        write_new(tmp_path / "none" / "a", "text")
    assert (tmp_path / "a").read_text() == "text\n"

"""`comity agreement new`."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("like", [(), ("--like", "green-isac")])
def test_a_text_to_begin_from(comity, tmp_path, like):
    said = comity("agreement", "new", "a.toml", "--id", "ours", "--body", "sco", "--title", "Ours", "--in-force", "2021-09-17", *like)
    assert b"comity agreement lint a.toml" in said.stderr
    assert b"nothing to complain about" in comity("agreement", "lint", "a.toml", node="none").stderr
    assert "in_force = 2021-09-17" in (tmp_path / "a.toml").read_text("utf-8")


def test_nothing_is_written_over(comity, tmp_path):
    (tmp_path / "a.toml").write_text("mine")
    comity("agreement", "new", "a.toml", "--id", "ours", "--body", "sco", "--title", "Ours", code=6)
    assert (tmp_path / "a.toml").read_text() == "mine"
    comity("agreement", "new", "no/such/a.toml", "--id", "ours", "--body", "sco", "--title", "Ours", code=1)
    assert (
        b"is not an agreement id" in comity("agreement", "new", "b.toml", "--id", "OURS", "--body", "sco", "--title", "Ours", code=1).stderr
    )
    assert not (tmp_path / "b.toml").exists()

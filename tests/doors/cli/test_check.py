"""`comity fsck` and `comity doctor`."""

from __future__ import annotations

import json
import os
import sqlite3

import pytest


def test_a_fresh_node_is_sound(comity):
    comity("init", "--party", "KZ")
    assert comity("fsck").stdout == b""
    assert all(json.loads(row)["ok"] for row in comity("doctor").stdout.splitlines())


def test_doctor_names_readable_keys(comity, tmp_path):
    comity("init", "--party", "KZ")
    (tmp_path / "node" / "keys" / "log").chmod(0o644)
    assert b'"log"' in comity("doctor", code=1).stdout


def test_doctor_without_a_node_says_so(comity):
    assert b'"ok":false' in comity("doctor", node="none", code=1).stdout


def test_doctor_says_that_a_folder_is_anothers(comity, tmp_path):
    folder = tmp_path / "node"
    comity("init", "--party", "KZ")
    if os.geteuid() != 0:
        folder.chmod(0)
        said = comity("doctor", code=1).stderr
        folder.chmod(0o700)
    else:  # nothing is forbidden to root: a name that is too long is refused to everybody
        said = comity("doctor", "--node", "x" * 300, code=1).stderr
    assert said.startswith(b"comity: cannot look into")
    assert b"Traceback" not in said


@pytest.mark.parametrize("form", ["json", "ndjson", "table"])
def test_fsck_in_every_form(comity, tmp_path, form):
    comity("init", "--party", "KZ")
    assert comity("fsck", "-o", form).stdout.strip() == (b"[]" if form == "json" else b"")
    with sqlite3.connect(tmp_path / "node" / "comity.db") as db:
        db.execute("UPDATE leaves SET hash=zeroblob(32) WHERE idx=0")
    said = comity("fsck", "-o", form, code=8).stdout.decode()
    if form == "table":
        problems = said.splitlines()
    else:
        problems = [row["problem"] for row in (json.loads(said) if form == "json" else map(json.loads, said.splitlines()))]
    assert any("0" in problem for problem in problems)
    assert len(problems) >= 1

"""`comity fsck` and `comity doctor`."""

from __future__ import annotations

import json


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

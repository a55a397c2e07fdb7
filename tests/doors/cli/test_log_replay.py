"""`comity log replay`."""

from __future__ import annotations

import json

import pytest

from comity import samples
from comity.doors.cli import log_replay

SAID = samples.read("kz-threat-report.stix.json")


@pytest.fixture
def centre(comity, tmp_path):
    comity("init", "--party", "SCO-CENTRE", "--standing", "partner")
    (tmp_path / "a.toml").write_bytes(samples.read("sco-ict-sample.toml"))
    comity("agreement", "add", "a.toml")
    return comity


def test_a_log_without_disclosures(centre):
    done = centre("log", "replay")
    assert done.stdout == b""
    assert b"0 of 0" in done.stderr
    centre("log", "replay", "0", code=2)
    centre("log", "replay", "99", code=3)
    centre("log", "replay", "0", "--case", "x", code=2)
    centre("log", "replay", "--out", "x", code=2)


def test_rows_say_what_is_decided():
    row = log_replay._row((7, "why"))
    assert json.loads(json.dumps(row)) == {"ok": False, "index": 7, "why": "why"}

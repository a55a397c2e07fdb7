"""`comity log replay`."""

from __future__ import annotations

import json

import pytest

from comity import samples
from comity.node import open_node
from comity.release.desk import Desk
from comity.release.select import Query
from comity.release.sight import Reader

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


def test_a_disclosure_is_decided_again_here_and_elsewhere(centre, tmp_path):
    for party, standing in (("KZ", "member"), ("UZ", "member")):
        centre("party", "add", "--party", party, "--body", "sco", "--standing", standing, "--from", "2001-06-15")
    (tmp_path / "kz.json").write_bytes(SAID)
    centre("add", "kz.json", "--as", "KZ")
    world = open_node(tmp_path / "node")
    given = Desk(world).page(Reader(party="UZ", body="sco", purposes=("network-defence",)), Query())
    index = world.store.head().size - 1
    world.store.close()
    (row,) = map(json.loads, centre("log", "replay").stdout.splitlines())
    assert (row["index"], row["same"], row["gone"], row["ok"]) == (index, len(given.found), 0, True)
    assert json.loads(centre("log", "replay", str(index)).stdout) == row
    centre("log", "replay", str(index), "--out", "it.case")
    key = json.loads(centre("log", "witness", "key", "-o", "json").stdout)["log"]
    assert json.loads(centre("log", "replay", "--case", "it.case", "--key", key, node="nowhere").stdout) == row
    case = json.loads((tmp_path / "it.case").read_text())
    (tmp_path / "bent.case").write_text(json.dumps({**case, "standings": []}))
    bent = centre("log", "replay", "--case", "bent.case", "--key", key, node="nowhere", code=8)
    assert b"0 of 1" in bent.stderr
    centre("log", "replay", "--case", "it.case", "--key", key.replace("SCO", "XXX"), node="nowhere", code=8)

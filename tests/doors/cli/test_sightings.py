"""`comity sightings tell`, on a centre that tells at once and on what is none."""

from __future__ import annotations

import json

from tests.consortium import RETURNING, indicator, sighting


def test_what_is_due_is_told_and_listed(comity, tmp_path):
    comity("init", "--party", "SCO-CENTRE")
    settings = tmp_path / "node" / "node.toml"
    settings.write_text(settings.read_text() + "\n[sightings]\ndelay = 0\nparties = 2\n")
    (tmp_path / "a.toml").write_text(RETURNING)
    comity("agreement", "add", "a.toml")
    item = indicator()
    (tmp_path / "item.json").write_text(json.dumps(item))
    for party in ("KZ", "UZ", "IN"):
        comity("party", "add", "--party", party, "--body", "sco", "--standing", "member", "--from", "2001-06-15")
    comity("add", "item.json", "--as", "KZ")
    for party in ("UZ", "IN"):
        assert b"nothing is due" in comity("sightings", "tell").stderr
        (tmp_path / "seen.json").write_text(json.dumps(sighting(item["id"])))
        comity("add", "seen.json", "--as", party)
    (told,) = map(json.loads, comity("sightings", "tell").stdout.splitlines())
    assert (told["outcome"], told["of"]) == ("accepted", item["id"])
    assert json.loads(comity("get", told["id"]).stdout)["count"] == 2
    assert comity("sightings", "tell").stdout == b""

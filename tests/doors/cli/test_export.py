"""`comity export`."""

from __future__ import annotations

import json

import pytest

from comity import samples

EVENT = "report--3f80ef19-5acf-4127-92d2-e0fe8cd0296e"


@pytest.fixture
def held(comity, tmp_path):
    comity("init", "--party", "KZ")
    (tmp_path / "e.json").write_bytes(samples.read("kz-phishing.misp.json"))
    comity("add", "e.json")
    return comity, tmp_path


def test_an_event_goes_out_as_it_came(held):
    comity, folder = held
    came = json.loads(samples.read("kz-phishing.misp.json"))["Event"]
    went = json.loads(comity("export", "misp", EVENT).stdout)["Event"]
    assert (went["uuid"], went["info"], went["Orgc"]["uuid"]) == (came["uuid"], came["info"], came["Orgc"]["uuid"])
    keys = ("uuid", "type", "category", "value", "to_ids", "comment", "timestamp")
    for key in ("Attribute", "Object"):
        for whole in (came, went):
            whole[key] = sorted(whole[key], key=lambda part: part["uuid"])
    assert [[part[key] for key in keys] for part in went["Attribute"]] == [[part[key] for key in keys] for part in came["Attribute"]]
    assert [part["name"] for part in went["Object"]] == [part["name"] for part in came["Object"]]
    # Its own distribution, 3, went further than its TLP:AMBER.
    assert went["distribution"] == "1"
    comity("export", "misp", EVENT, "-o", "out.json")
    assert json.loads((folder / "out.json").read_text())["Event"]["uuid"] == came["uuid"]
    assert comity("add", "out.json").stdout.count(b'"outcome":"duplicate"') >= 38


def test_since(held):
    comity, folder = held
    (folder / "b.json").write_bytes(samples.read("kz-threat-report.stix.json"))
    comity("add", "b.json")
    found = json.loads(comity("export", "misp", "--since", "2020-01-01").stdout)["response"]
    assert {each["Event"]["distribution"] for each in found} <= {"0", "1", "2"}
    assert any(each["Event"]["info"].startswith("STEPPE HERON") for each in found)
    told = comity("export", "misp", "--since", "2020-01-01").stderr.decode()
    assert "left out" in told
    assert json.loads(comity("export", "misp", "--since", "2999-01-01").stdout) == {"response": []}


def test_it_says_what_is_wrong(held):
    comity, _ = held
    comity("export", "misp", code=2)
    comity("export", "misp", EVENT, "--since", "2020-01-01", code=2)
    comity("export", "misp", "report--00000000-0000-4000-8000-00000000ffff", code=3)
    assert b"cannot write" in comity("export", "misp", EVENT, "-o", "no/such/folder/x.json", code=1).stderr

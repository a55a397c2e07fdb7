"""`comity why` and `comity audience`."""

from __future__ import annotations

import json

import pytest

from comity import node, samples
from comity.intake.submit import Submitter, submit
from comity.release.desk import Desk
from comity.release.select import Query
from comity.release.sight import Reader
from tests.consortium import drafts, indicator


@pytest.fixture
def centre(comity, tmp_path):
    comity("init", "--party", "SCO-CENTRE", "--standing", "partner")
    (tmp_path / "a.toml").write_bytes(samples.read("sco-ict-sample.toml"))
    comity("agreement", "add", "a.toml")
    for party, standing in (("KZ", "member"), ("UZ", "member"), ("IR", "observer")):
        comity("party", "add", "--party", party, "--body", "sco", "--standing", standing, "--from", "2001-06-15")
    item = indicator()
    (tmp_path / "i.json").write_text(json.dumps(item))
    comity("add", "i.json", "--as", "KZ", "--tlp", "amber")
    return comity, item["id"]


def test_a_permit_has_clause_and_text(centre):
    comity, id_ = centre
    said = json.loads(comity("why", id_, "UZ").stdout)
    assert (said["effect"], said["reasons"][0]["agreement"], said["reasons"][0]["clause"]) == ("permit", "sco-ict-sample", "art-2.1")
    assert said["reasons"][0]["text"]


def test_a_deny_exits_0_with_clause_fact_expected_actual(centre):
    comity, id_ = centre
    said = json.loads(comity("why", id_, "IR").stdout)
    assert said["effect"] == "deny"
    for reason in said["reasons"]:
        assert reason["clause"] and reason["fact"] and reason["expected"] and reason["actual"]


def test_purpose_and_date_are_part_of_the_question(centre):
    comity, id_ = centre
    assert json.loads(comity("why", id_, "UZ", "--purpose", "training").stdout)["rule"] == "purpose"
    assert json.loads(comity("why", id_, "UZ", "--on", "2021-09-01").stdout)["effect"] == "deny"
    comity("why", id_, "UZ", "--purpose", "x", code=2)


def test_an_object_not_held_is_not_found(centre):
    comity, _ = centre
    comity("why", "indicator--00000000-0000-4000-8000-000000000000", "UZ", code=3)
    comity("audience", "indicator--00000000-0000-4000-8000-000000000000", code=3)


def test_the_table_is_for_people(centre):
    comity, id_ = centre
    assert comity("why", id_, "IR", "-o", "table").stdout.startswith(b"DENY")
    assert b"\x1b" not in comity("audience", id_, "-o", "table").stdout


def test_audience_lists_every_party_with_its_clause(centre):
    comity, id_ = centre
    rows = {row["party"]: row for row in map(json.loads, comity("audience", id_).stdout.splitlines())}
    assert {code: row["effect"] for code, row in rows.items() if code in ("KZ", "UZ", "IR", "SCO-CENTRE")} == {
        "KZ": "permit", "UZ": "permit", "IR": "deny", "SCO-CENTRE": "deny",
    }  # fmt: skip
    assert rows["UZ"]["clause"] == "art-2.1"


def test_a_value_stands_for_the_one_object_that_carries_it(centre, tmp_path):
    comity, _ = centre
    items = [indicator(pattern=f"[domain-name:value = '{name}']") for name in ("one.example", "two.example", "two.example")]
    (tmp_path / "v.json").write_text(json.dumps({"type": "bundle", "objects": items}))
    comity("add", "v.json", "--as", "KZ", "--tlp", "amber")
    assert comity("audience", "one[.]example").stdout == comity("audience", items[0]["id"]).stdout != b""
    assert json.loads(comity("why", "one.example", "UZ").stdout)["id"] == items[0]["id"]
    for command in (("audience", "two.example"), ("why", "two.example", "UZ")):
        said = comity(*command, code=2).stderr.decode()
        assert items[1]["id"] in said
        assert items[2]["id"] in said
    comity("audience", "three.example", code=3)
    assert json.loads(comity("why", f"{items[0]['id']}@{items[0]['modified']}", "UZ").stdout)["effect"] == "permit"
    # What this node's own party may not see stays hidden from the commands that read.
    for command in (("search", "one.example"), ("get", items[0]["id"]), ("search", "three.example")):
        assert comity(*command, code=3).stdout == b""


def test_fields_would_change_and_known(centre):
    comity, id_ = centre
    said = json.loads(comity("why", id_, "IR").stdout)
    assert set(said["fields"].values()) == {"deny"}
    assert said["would_change"]
    assert "would permit it if" in comity("why", id_, "IR", "-o", "table").stdout.decode()
    assert json.loads(comity("why", id_, "UZ").stdout)["fields"]["pattern"] == "permit"
    # Before this node knew of the agreement, nobody could have received it.
    then = json.loads(comity("why", id_, "UZ", "--known", "2001-01-01").stdout)
    assert (then["effect"], then["known"]) == ("deny", "2001-01-01T00:00:00+00:00")
    comity("why", id_, "UZ", "--known", "soon", code=2)
    assert {row["effect"] for row in map(json.loads, comity("audience", id_, "--known", "2001-01-01").stdout.splitlines())} == {
        "permit",
        "deny",
    }


def test_a_past_disclosure_is_told_with_its_log_entry(centre, tmp_path):
    comity, id_ = centre
    assert json.loads(comity("why", id_, "UZ").stdout)["disclosed"] == []
    world = node.open_node(tmp_path / "node")
    Desk(world).page(Reader(party="UZ", body="sco", purposes=("network-defence",)), Query())
    world.store.close()
    (told,) = json.loads(comity("why", id_, "UZ").stdout)["disclosed"]
    assert told["agreements"] == ["sco-ict-sample@1/art-2.1"]
    text = comity("why", id_, "UZ", "-o", "table").stdout.decode()
    assert f"(log entry {told['entry']}; comity log prove {told['entry']})." in text
    comity("log", "prove", str(told["entry"]))
    rows = {row["party"]: row for row in map(json.loads, comity("audience", id_).stdout.splitlines())}
    assert (rows["UZ"]["received"], rows["IR"]["received"]) == (told["at"], "")
    assert rows["UZ"]["withheld"] == []


def test_arrival_says_how_far_it_has_come(comity, tmp_path):
    comity("init", "--party", "KZ")
    comity("party", "add", "--party", "UZ", "--body", "sco", "--standing", "member", "--from", "2001-06-15")
    obj = indicator()
    (tmp_path / "x").write_text(json.dumps(obj))
    comity("add", "x", "--tlp", "green")
    assert json.loads(comity("why", obj["id"], "UZ", "--arrival").stdout)["arrival"]["state"] == "denied"
    assert b"Arrival: denied" in comity("why", obj["id"], "UZ", "--arrival", "-o", "table").stdout
    assert "arrival" not in json.loads(comity("why", obj["id"], "UZ").stdout)


def test_what_came_over_a_link_says_who_vouches_for_it(comity, tmp_path):
    comity("init", "--party", "UZ")
    world, obj = node.open_node(tmp_path / "node"), indicator()
    submitter = Submitter(party="KZ", received_from="SCO-CENTRE", hops=("KZ/kz", "SCO-CENTRE/hub"))
    list(submit(world, drafts([obj]), submitter))
    world.store.close()
    assert json.loads(comity("why", obj["id"], "UZ").stdout)["provenance"]["vouched_by"] == "SCO-CENTRE"
    assert b"vouched for by SCO-CENTRE" in comity("why", obj["id"], "UZ", "-o", "table").stdout

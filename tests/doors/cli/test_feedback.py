"""`comity feedback`."""

from __future__ import annotations

import json

import pytest

from tests.consortium import indicator


@pytest.fixture
def node(comity, tmp_path):
    comity("init", "--party", "KZ")
    item = indicator(confidence=80)
    (tmp_path / "item.json").write_text(json.dumps(item))
    comity("add", "item.json")
    return comity, item["id"]


def test_a_false_positive_shows_among_the_claims(node):
    comity, id_ = node
    before = json.loads(comity("claims", id_).stdout)["score"]
    done = comity("feedback", id_, "--false-positive", "--note", "a scanner")
    said = json.loads(done.stdout)
    assert (said["outcome"], said["opinion"], said["of"]) == ("accepted", "strongly-disagree", id_)
    after = json.loads(comity("claims", id_).stdout)
    assert (after["doubts"], after["confirmed"], after["score"]) == (1, 0, round(before / 4))
    assert f"KZ's claim now has score {after['score']} here" in done.stderr.decode()
    comity("feedback", id_, "--confirmed")
    assert json.loads(comity("claims", id_).stdout)["confirmed"] == 1


def test_what_is_wrong_with_the_question(node):
    comity, id_ = node
    comity("feedback", id_, code=2)
    comity("feedback", indicator()["id"], "--confirmed", code=3)

"""`comity agreement simulate`."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest

from comity import samples
from comity.doors.cli.moments import span
from comity.doors.cli.simulate import _said_span
from tests.consortium import indicator
from tests.whole.test_live_node import serving


@pytest.fixture
def centre(comity, tmp_path):
    """A centre with two indicators of KZ, and a text that lets observers up to AMBER."""
    comity("init", "--party", "SCO-CENTRE", "--standing", "partner")
    text = samples.read("sco-ict-sample.toml").decode()
    (tmp_path / "a.toml").write_text(text)
    (tmp_path / "next.toml").write_text(
        text.replace("version = 1", "version = 2").replace('tlp_max = "green"\nonward', 'tlp_max = "amber"\nonward', 1)
    )
    comity("agreement", "add", "a.toml")
    for party, standing in (("KZ", "member"), ("UZ", "member"), ("IR", "observer")):
        comity("party", "add", "--party", party, "--body", "sco", "--standing", standing, "--from", "2001-06-15")
    for name in ("one.json", "two.json"):
        (tmp_path / name).write_text(json.dumps(indicator()))
    comity("add", "one.json", "two.json", "--as", "KZ", "--tlp", "amber")
    return comity


def test_who_would_receive_more(centre):
    done = centre("agreement", "simulate", "next.toml", "--since", "30d")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"party": "IR", "type": "indicator", "items": 2, "before": "deny", "after": "permit"}.items() <= rows[0].items()
    assert rows[0]["clause"].startswith("sco-ict-sample@2/")
    said = done.stderr.decode()
    assert "2 items that came in since" in said
    assert "IR: 2 more indicators up to TLP:AMBER (clause " in said
    assert "nobody loses anything" in said


def test_every_format(centre):
    assert json.loads(centre("agreement", "simulate", "next.toml", "-o", "json").stdout)[0]["items"] == 2
    (row,) = csv.DictReader(io.StringIO(centre("agreement", "simulate", "next.toml", "-o", "csv").stdout.decode()))
    assert (row["party"], row["before"], row["after"]) == ("IR", "deny", "permit")
    assert centre("agreement", "simulate", "next.toml", "-o", "table").stdout.split()[:4] == [b"PARTY", b"TYPE", b"ITEMS", b"TLP"]


def test_what_governs_already_changes_nothing(centre):
    done = centre("agreement", "simulate", "sco-ict-sample")
    assert done.stdout == b""
    assert b"nobody receives more or less" in done.stderr


def test_wrong_questions(centre):
    centre("agreement", "simulate", "absent.toml", code=3)
    centre("agreement", "simulate", "absent", code=3)
    centre("agreement", "simulate", "next.toml", "--since", "x", code=2)
    centre("agreement", "simulate", "next.toml", "--purpose", "x", code=2)


def test_a_span_is_said_as_it_was_given():
    for text in ("30d", "12h", "45m", "2w"):
        assert span(_said_span(span(text))) == span(text)
    assert _said_span(timedelta(hours=36)) == "2160m"


@pytest.mark.loop
def test_a_node_elsewhere_says_the_same(centre, tmp_path):
    comity = centre
    made = comity("token", "create", "--party", "SCO-CENTRE", "--scope", "api:read", "-o", "json")
    (tmp_path / "token").write_text(json.loads(made.stdout)["token"])
    here = comity("agreement", "simulate", "next.toml").stdout
    with serving(tmp_path / "node") as (url, _, _):
        there = comity("agreement", "simulate", "next.toml", "--url", url, "--token-file", "token").stdout
        held = comity("agreement", "simulate", "sco-ict-sample", "--url", url, "--token-file", "token")
    assert there == here
    assert b"nobody receives more or less" in held.stderr

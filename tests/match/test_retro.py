"""Indicators that come later are found in what was kept, once, and within its time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from comity.config import History
from comity.intake.submit import Submitter, submit
from comity.match import retro
from comity.match.history import days, keep
from comity.match.index import Index
from comity.match.observed import Observed
from comity.match.retro import LookingBack, findings, submit_findings
from comity.release.holdings import get
from tests.consortium import START, Body, drafts, indicator

pytest.importorskip("duckdb", reason="needs the extra: pip install 'comity[history]'")
SHA = "ab" * 32


class _Known:
    def known_good(self, kind: str, value: str) -> tuple[str, ...]:
        return ("Large sites",) if value == "cdn.test" else ()


@pytest.fixture
def body(tmp_path, monkeypatch) -> Body:
    """KZ's own node with what its logs showed in the last days."""
    monkeypatch.setattr(retro, "open_warninglists", _Known)
    body = Body(agreement=None)
    settings = msgspec.structs.replace(body.world.settings, party="KZ", history=History(folder=str(tmp_path), days=10))
    object.__setattr__(body.world, "settings", settings)
    body.member("KZ")
    for age, values in ((1, ["www.bad.test", "198.51.100.7"]), (3, ["www.bad.test", "bad.test", "cdn.test"]), (20, ["bad.test"])):
        at = START - timedelta(days=age)
        keep(tmp_path, f"{age}.log", [Observed("ipv4" if value[0].isdigit() else "domain", value, at) for value in values] * age, at)
    return body


def adds(body: Body, pattern: str, **more) -> str:
    item = indicator(pattern=pattern, **more)
    (outcome,) = submit(body.world, drafts([item]), Submitter(party="UZ", received_from="SCO-CENTRE", to=("KZ",)))
    assert outcome.outcome == "accepted"
    return str(item["id"])


def test_the_matching_rule_is_that_of_logs(body):
    entries = [("domain", "bad.test", "a"), ("cidr", "198.51.100.0/24", "b"), ("sha256", SHA, "c"), ("url", "http://bad.test/x", "d")]
    at = START - timedelta(days=1)
    more = [Observed("sha256", SHA, at), Observed("url", "http://bad.test/x", at), Observed("ipv6", "2001:db8::1", at)]
    keep(Path(body.world.settings.history.folder), "more.log", more, at)
    back = LookingBack(body.desk, pytest.fail)
    rows = retro.kept(Path(body.world.settings.history.folder), back.since())
    found = {(each.day, each.observed, each.how, each.indicator, each.count) for each in findings(rows, Index.build(entries))}
    assert found == {
        ("2021-10-29", "bad.test", "exact", "a", 3), ("2021-10-29", "www.bad.test", "subdomain", "a", 3),
        ("2021-10-31", "www.bad.test", "subdomain", "a", 1), ("2021-10-31", "198.51.100.7", "cidr", "b", 1),
        ("2021-10-31", SHA, "exact", "c", 1), ("2021-10-31", "http://bad.test/x", "exact", "d", 1),
    }  # fmt: skip


def test_a_new_indicator_becomes_sightings_of_the_days_it_was_seen_on(body):
    id_ = adds(body, "[domain-name:value = 'bad.test']")
    adds(body, "[domain-name:value = 'www.bad.test']", valid_until="2021-10-31T00:00:00Z")
    outcomes = LookingBack(body.desk, pytest.fail).look()
    assert [outcome.outcome for outcome in outcomes] == ["accepted", "accepted"]
    seen = [msgspec.json.decode(get(body.desk, str(outcome.id))[1]) for outcome in outcomes]
    assert [(obj["sighting_of_ref"], obj["count"], obj["first_seen"][:10], obj["summary"]) for obj in seen] == [
        (id_, 3, "2021-10-29", True), (id_, 1, "2021-10-31", True),
    ]  # fmt: skip
    assert not {"where_sighted_refs", "observed_data_refs", "created_by_ref"} & set(seen[0])


def test_it_is_looked_for_once_and_what_comes_then_is_new(body):
    adds(body, "[domain-name:value = 'bad.test']")
    assert len(LookingBack(body.desk, pytest.fail).look()) == 2
    assert LookingBack(body.desk, pytest.fail).look() == []
    adds(body, "[ipv4-addr:value = '198.51.100.7']")
    assert len(LookingBack(body.desk, pytest.fail).look()) == 1


def test_cut_off_before_its_place_is_kept_it_gives_the_same_sightings(body):
    adds(body, "[domain-name:value = 'bad.test']")
    back = LookingBack(body.desk, pytest.fail)
    found = list(back.new())
    assert len(submit_findings(body.desk, found)) == 2
    assert submit_findings(body.desk, list(LookingBack(body.desk, pytest.fail).new())) == []


def test_a_day_of_which_more_was_kept_gives_a_new_version(body):
    id_ = adds(body, "[domain-name:value = 'bad.test']")
    first = submit_findings(body.desk, LookingBack(body.desk, pytest.fail).new())
    at = START - timedelta(days=1)
    keep(Path(body.world.settings.history.folder), "late.log", [Observed("domain", "www.bad.test", at)] * 4, at)
    (second,) = submit_findings(body.desk, LookingBack(body.desk, pytest.fail).new())
    assert (second.outcome, second.id) == ("accepted", first[1].id)
    obj = msgspec.json.decode(get(body.desk, str(second.id))[1])
    assert (obj["count"], obj["sighting_of_ref"]) == (5, id_)


def test_what_is_known_to_be_good_or_over_its_time_is_left(body):
    adds(body, "[domain-name:value = 'cdn.test']")
    folder = Path(body.world.settings.history.folder)
    assert len(days(folder)) == 3
    assert LookingBack(body.desk, pytest.fail).look() == []
    assert len(days(folder)) == 2


def test_a_node_that_keeps_nothing_does_nothing(body):
    object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, history=History()))
    adds(body, "[domain-name:value = 'bad.test']")
    assert LookingBack(body.desk, pytest.fail).look() == []

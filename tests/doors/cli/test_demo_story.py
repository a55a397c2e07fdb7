"""The demo's story: told once over real nodes, and what it says is what the nodes hold."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from comity import node, samples
from comity.admin import logbook
from comity.admin.fsck import fsck
from comity.agree.agreement import read as read_agreement
from comity.clock import parse
from comity.doors.cli.demo_nodes import BODY, MEMBERS, Fleet
from comity.doors.cli.demo_story import PURPOSES, REGISTER, Story, Summary
from comity.release.holdings import every, own_reader
from comity.terms.item import PURPOSES as ALL_PURPOSES
from comity.terms.item import Envelope
from comity.terms.party import Register, Standing
from comity.terms.stix import OWN_TYPES

# The register


def register() -> Register:
    return Register(Standing(party=code, body=BODY, standing=standing, since=parse(since)) for code, _, standing, since, _ in REGISTER)


@pytest.mark.parametrize(
    ("party", "day", "standing"),
    [
        ("KZ", "2001-06-14", None), ("KZ", "2001-06-15", "member"), ("UZ", "2021-11-01", "member"), ("IN", "2005-07-05", "observer"),
        ("IN", "2017-06-08", "observer"), ("IN", "2017-06-09", "member"), ("IR", "2005-07-04", None), ("IR", "2021-11-01", "observer"),
    ],
)  # fmt: skip
def test_the_register_is_right_on_its_dates(party, day, standing):
    assert register().standing(party, BODY, parse(day)) == standing


def test_every_claim_in_the_register_has_a_source():
    assert all(source for *_, source in REGISTER)
    assert {code for code, *_ in REGISTER} == {"KZ", "UZ", "IN", "IR"}


def test_the_agreement_it_is_told_under_is_marked_as_a_sample():
    agreement = read_agreement(samples.read("sco-ict-sample.toml").decode(), name="sample")
    assert agreement.illustrative
    assert set(PURPOSES) <= set(agreement.purposes) <= set(ALL_PURPOSES)


# The story


class Told:
    """A story that was told, with its fleet still up."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.lines: list[str] = []
        self.story = Story(fleet, tell=self.lines.append)
        self.story.run()
        self.summary = Summary.of(self.story, 1.234)


@pytest.fixture(scope="module")
def told(tmp_path_factory) -> Iterator[Told]:
    with Fleet(node, tmp_path_factory.mktemp("demo")) as fleet:
        yield Told(fleet)


def held(told: Told, name: str) -> list:
    desk = told.fleet.desks[name]
    return [row for _, row, _ in every(desk, own_reader(desk))]


@pytest.mark.loop
def test_it_has_seven_steps_and_says_that_its_wording_is_a_sample(told):
    numbered = [line for line in told.lines if line[:3].strip().isdigit()]
    assert [line.split()[1] for line in numbered] == ["Nodes", "Share", "Deliver", "Match", "Sight", "Refuse", "Prove"]
    assert any("not the text of any treaty" in line for line in told.lines)


@pytest.mark.loop
def test_what_was_received_is_what_the_nodes_hold(told):
    for name in ("uz", "in"):
        received = [row for row in held(told, name) if row.origin != MEMBERS[name][0]]
        assert len(received) == told.story.received[MEMBERS[name][0]]
    received = told.story.received
    assert 0 < received["IR"] < received["UZ"] <= told.story.items
    assert received["UZ"] == received["IN"]


@pytest.mark.loop
def test_what_was_marked_for_nobody_else_stayed_at_home(told):
    kz, centre = told.fleet.world("kz"), told.fleet.world("centre")
    own = [row for row in kz.store.recent(10_000) if row.origin == "KZ" and row.type not in OWN_TYPES]
    arrived = {row.id for row in centre.store.recent(10_000)}
    kept = [
        msgspec.json.decode(raw, type=Envelope) for raw in kz.store.envelopes([row.item for row in own if row.id not in arrived]).values()
    ]
    assert kept
    assert all(envelope.tlp == "red" or envelope.to == () for envelope in kept)
    assert len(own) == told.story.items
    assert any(f"{len(kept)} it marked for nobody else never leave its node" in line for line in told.lines)


@pytest.mark.loop
def test_disclosures_are_counted_from_the_centres_own_log(told):
    disclosures = told.summary.disclosures
    assert disclosures["IR"] == told.story.received["IR"]
    assert disclosures["UZ"] >= told.story.received["UZ"]
    assert disclosures["KZ"] == told.story.returned
    entries = [record for record in logbook.entries(told.fleet.world("centre"), 0, 10_000) if record["kind"] == "disclose"]
    assert all(record["agreements"] for record in entries)


@pytest.mark.loop
def test_sightings_that_come_back_tell_no_host_and_no_sighter(told):
    sightings = [row for row in held(told, "kz") if row.type == "sighting"]
    assert len(sightings) == told.story.returned > 0
    bodies = told.fleet.world("kz").store.bodies([row.item for row in sightings])
    for raw in bodies.values():
        obj = msgspec.json.decode(raw)
        assert not {"where_sighted_refs", "observed_data_refs", "created_by_ref"} & set(obj)
        assert obj["count"] >= 1


@pytest.mark.loop
def test_the_refusal_is_explained_by_clause(told):
    refused = told.story.refused
    assert refused is not None
    assert refused.row.type == "indicator"
    found = refused.as_json()
    assert found["effect"] == "deny"
    assert found["reasons"]
    assert told.story.refusals > 0


@pytest.mark.loop
def test_all_logs_are_sound_and_so_are_the_stores(told):
    assert told.summary.verified
    assert set(told.summary.ledgers) == {party for party, _, _ in MEMBERS.values()}
    for name in MEMBERS:
        assert list(fsck(told.fleet.world(name))) == []


@pytest.mark.loop
def test_the_summary_is_the_story_in_numbers(told):
    found = told.summary.as_json()
    assert found["parties"] == ["SCO-CENTRE", "KZ", "UZ", "IN", "IR"]
    assert (found["items"], found["hits"]) == (told.story.items, sum(told.story.hits.values()))
    assert (
        found["log_lines"] == told.story.log_lines == sum(len(samples.read(f"{name}.log").splitlines()) for name in ("uz-dns", "in-proxy"))
    )
    assert found["ledger_size"] == found["ledgers"]["SCO-CENTRE"]
    assert found["seconds"] == 1.23
    assert msgspec.json.decode(msgspec.json.encode(found)) == found

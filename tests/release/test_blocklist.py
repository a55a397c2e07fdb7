"""Guardrail G8, entry by entry: what a block-list may hold, and what stays off it and why."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from publicsuffixlist import PublicSuffixList

from comity.clock import micros, parse, stamp
from comity.forms.unblockable import Unblockable
from comity.intake.submit import Submitter, submit
from comity.ledger.journal import Opening, read_entry
from comity.release import blocklist
from comity.release.blocklist import LIFE, Choice, Picked, pick, record
from tests.consortium import START, Body, drafts, indicator, relationship, report, sdo, sighting

GUARD = Unblockable(PublicSuffixList().is_public)
TYPES = ["malicious-activity"]
PAPER = [{"source_name": "cert", "url": "https://cert.example/7"}]


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(agreement=None, store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, party="KZ", name="KZ-sco"))
    body.member("KZ")
    yield body
    body.world.store.close()


def bad(name: str = "login.example.net", **more) -> dict:
    return indicator(**{"pattern": f"[domain-name:value = '{name}']", "indicator_types": TYPES, "external_references": PAPER, **more})


def adds(body: Body, *objects: dict, **options) -> None:
    found = list(submit(body.world, drafts(objects), Submitter(**{"party": "KZ", **options})))
    assert all(outcome.outcome == "accepted" for outcome in found), found


def picked(body: Body, **choice) -> Picked:
    return pick(body.desk, Choice(unblockable=choice.pop("unblockable", GUARD), **choice))


def listed(body: Body, **choice) -> list[str]:
    return [entry.value for entry in picked(body, **choice).entries]


def reasons(body: Body, **choice) -> list[str]:
    return [one.why for one in picked(body, **choice).passed]


def test_an_entry_has_all_that_g8_asks_for(body):
    item = bad(confidence=80, valid_until="2022-03-01T00:00:00Z")
    adds(body, item, tlp="green")
    (entry,) = picked(body).entries
    assert (entry.kind, entry.value, entry.id, entry.origin, entry.tlp) == ("domain", "login.example.net", item["id"], "KZ", "green")
    assert (entry.threat, entry.evidence, entry.confidence) == (("malicious-activity",), "https://cert.example/7", 80)
    assert entry.expires == parse("2022-03-01T00:00:00Z") and entry.score > 0


# Step 1


def test_what_states_no_end_gets_one_from_when_it_came(body):
    adds(body, bad())
    (entry,) = picked(body).entries
    assert abs(entry.expires - START - LIFE) < timedelta(seconds=1)
    body.clock.at += LIFE
    assert reasons(body) == ["expired"]


def test_the_earlier_end_counts(body):
    adds(body, bad(valid_until="2022-03-01T00:00:00Z"), expires=parse("2022-01-01T00:00:00Z"))
    (entry,) = picked(body).entries
    assert entry.expires == parse("2022-01-01T00:00:00Z")


@pytest.mark.parametrize(
    ("more", "why"),
    [({"revoked": True}, "revoked"), ({"valid_from": "2021-01-01T00:00:00Z", "valid_until": "2021-10-01T00:00:00Z"}, "expired")],
)
def test_what_is_over_is_left_out(body, more, why):
    adds(body, bad(**more))
    assert not listed(body) and reasons(body) == [why]


def test_age_counts_from_when_the_producer_said_it(body):
    old = stamp(micros(START - timedelta(days=50)))
    adds(body, bad(created=old, modified=old, valid_from=old))
    assert listed(body, max_age=timedelta(days=90)) == listed(body) == ["login.example.net"]
    assert reasons(body, max_age=timedelta(days=30)) == ["said longer ago than the greatest age"]


def test_only_for_network_defence(body):
    adds(body, bad("a.example.net"), purposes=("training",))
    adds(body, bad("b.example.net"), purposes=("training", "network-defence"))
    assert listed(body) == ["b.example.net"] and reasons(body) == ["not for network defence"]


def test_what_others_gave_this_node_counts_and_what_they_did_not_does_not(body):
    adds(body, bad("given.example.net"), party="UZ", received_from="SCO-CENTRE")
    adds(body, bad("passing.example.net"), party="UZ", to=("IN",))
    assert listed(body) == ["given.example.net"] and reasons(body) == []


def test_what_is_in_quarantine_stays_off(body):
    item = bad(created="2021-10-01T00:00:00.000Z", modified="2021-10-01T00:00:00.000Z")
    adds(body, item)
    changed = {**item, "pattern": "[domain-name:value = 'other.example.net']"}
    assert [outcome.outcome for outcome in submit(body.world, drafts([changed]), Submitter(party="KZ"))] == ["quarantined"]
    assert "other.example.net" not in listed(body)


# Step 2


def test_tlp_pap_confidence_and_score(body):
    adds(body, bad("red.example.net"), tlp="red")
    adds(body, bad("strict.example.net", confidence=30), tlp="amber+strict")
    assert listed(body) == ["strict.example.net"] and reasons(body) == ["TLP:RED is above TLP:AMBER+STRICT"]
    assert set(listed(body, tlp_max="red")) == {"red.example.net", "strict.example.net"}
    assert listed(body, tlp_max="green") == []
    assert listed(body, min_confidence=30) == ["strict.example.net"] and listed(body, min_confidence=31) == []
    assert "its score is below 31" in reasons(body, min_score=31)


@pytest.mark.parametrize(("pap", "count"), [("red", 0), ("amber", 0), ("green", 1), ("clear", 1), (None, 1)])
def test_pap_says_whether_a_block_is_allowed(body, pap, count):
    draft = msgspec.structs.replace(drafts([bad()])[0], pap=pap)
    assert next(submit(body.world, [draft], Submitter(party="KZ"))).outcome == "accepted"
    assert len(listed(body)) == count


# Step 3


@pytest.mark.parametrize(
    "more",
    [
        {"indicator_types": ["anonymization"]}, {"indicator_types": ["malicious-activity", "attribution"]}, {"indicator_types": ["benign"]},
        {"labels": ['rsit:abusive-content="harmful-speech"']}, {"labels": ["misinformation"]}, {"labels": ["Disinformation:narrative"]},
        {"labels": ["propaganda"]}, {"labels": ["extremism"]}, {"labels": ["terrorism"]}, {"labels": ["political-opposition"]}, {"labels": ["fake-news"]},
        {"labels": ["drug-market"]}, {"labels": ["religion"]}, {"kill_chain_phases": [{"kill_chain_name": "disinformation-tactics", "phase_name": "develop-content"}]},
    ],
)  # fmt: skip
def test_motive_and_content_are_no_reason_to_block(body, more):
    adds(body, bad(**more))
    assert not listed(body)
    assert "G8" in reasons(body)[0] or "G7" in reasons(body)[0] or "G5" in reasons(body)[0]


def test_a_report_about_content_takes_its_indicators_off(body):
    item = bad()
    adds(body, item, report(item["id"], labels=["misinformation"]))
    assert not listed(body)


def test_a_leak_of_information_content_is_no_control_of_content(body):
    adds(body, bad(labels=['rsit:information-content-security="unauthorised-access-to-information"']))
    assert listed(body)


# Steps 4 and 5


@pytest.mark.parametrize(
    "more",
    [
        {"indicator_types": ["compromised"]}, {"labels": ["phishing"]}, {"labels": ['rsit:malicious-code="c2-server"']}, {"x_misp_category": "Payload delivery"},
        {"labels": ['misp:category="Network activity"']}, {"x_misp_attributes": [{"type": "domain", "category": "Network activity"}]},
        {"kill_chain_phases": [{"kill_chain_name": "lockheed-martin-cyber-kill-chain", "phase_name": "command-and-control"}]},
    ],
)  # fmt: skip
def test_many_words_are_technical(body, more):
    adds(body, bad(**{"indicator_types": ["unknown"], **more}))
    assert listed(body)


@pytest.mark.parametrize(
    "more", [{"indicator_types": ["unknown"]}, {"indicator_types": ["anomalous-activity"]}, {"labels": ["source:lab", "important"]}]
)
def test_others_are_not(body, more):
    adds(body, bad(**{"indicator_types": ["unknown"], **more}))
    assert "no technical threat type" in reasons(body)[0]


def test_what_it_indicates_is_a_technical_effect_and_evidence(body):
    item, malware = (
        indicator(pattern="[domain-name:value = 'login.example.net']", indicator_types=["unknown"]),
        sdo("malware", name="x", is_family=True),
    )
    adds(body, item, malware, relationship(item["id"], malware["id"]))
    (entry,) = picked(body).entries
    assert (entry.threat, entry.evidence) == (("malware",), malware["id"])


def test_who_it_is_attributed_to_is_none(body):
    item, actor = indicator(pattern="[domain-name:value = 'login.example.net']", indicator_types=["unknown"]), sdo("threat-actor", name="x")
    adds(body, item, actor, relationship(item["id"], actor["id"]))
    assert not listed(body)


def test_without_evidence_it_stays_off(body):
    item = bad()
    del item["external_references"]
    adds(body, item)
    assert "no evidence reference" in reasons(body)[0]
    adds(body, sighting(item["id"]))
    (entry,) = picked(body).entries
    assert entry.evidence == "seen by KZ"
    paper = report(item["id"])
    adds(body, paper)
    assert picked(body).entries[0].evidence == paper["id"]


# Step 6


def test_values_that_no_list_may_hold(body):
    for name in ("localhost.local", "co.uk", "github.io"):
        adds(body, bad(name))
    adds(body, bad(pattern="[ipv4-addr:value = '10.0.0.1']"), bad(pattern="[ipv4-addr:value ISSUBSET '0.0.0.0/0']"))
    assert not listed(body) and len(reasons(body)) == 5


def test_an_allow_list_and_lists_of_known_good_values(body):
    adds(body, bad("a.example.net"), bad("b.example.net"), bad("c.example.net"))
    spared = Unblockable(lambda name: False, [("domain", "a.example.net")])
    good = lambda kind, value: ("top sites",) if value == "b.example.net" else ()  # noqa: E731
    assert listed(body, unblockable=spared, known_good=good) == ["c.example.net"]
    assert any("without a second approver: top sites" in why for why in reasons(body, known_good=good))


def test_a_pattern_of_many_values_gives_each_its_entry(body):
    pattern = "[domain-name:value IN ('a.example.net', 'b.example.net')] OR [ipv4-addr:value = '198.51.100.7']"
    adds(body, bad(pattern=pattern))
    assert listed(body) == ["a.example.net", "b.example.net", "198.51.100.7"]


@pytest.mark.parametrize(
    "pattern", ["[domain-name:value LIKE '%.example']", "[domain-name:value = 'a.example' AND url:value = 'http://a.example/']"]
)
def test_a_pattern_about_more_than_values_gives_none(body, pattern):
    adds(body, bad(pattern=pattern))
    assert reasons(body) == ["its pattern is not about single values"]


def test_a_certificates_fingerprint(body):
    adds(body, bad(pattern=f"[x509-certificate:hashes.'SHA-1' = '{'AB' * 20}']"))
    assert [(entry.kind, entry.value) for entry in picked(body).entries] == [("cert-sha1", "ab" * 20)]


# Step 7


def test_several_claims_of_a_value_are_one_entry_of_the_best(body):
    adds(body, bad(confidence=20))
    adds(body, bad(confidence=90), party="UZ", received_from="SCO-CENTRE")
    adds(body, bad(confidence=50), party="IN", received_from="SCO-CENTRE")
    (entry,) = picked(body).entries
    assert (entry.origin, entry.confidence, entry.also) == ("UZ", 90, 2)


def test_doubt_and_sightings_move_the_score(body):
    item = bad(confidence=80)
    adds(body, item)
    before = picked(body).entries[0].score
    adds(body, sdo("opinion", opinion="strongly-disagree", object_refs=[item["id"]]), party="IN", received_from="SCO-CENTRE")
    assert picked(body).entries[0].score == round(before / 4)


# The record


def test_a_use_is_in_the_log_before_it_is_one_with_a_commitment_per_object(body, monkeypatch):
    adds(body, *(bad(f"n{number}.example.net") for number in range(3)))
    monkeypatch.setattr(blocklist, "MAX_OBJECTS", 2)
    found = picked(body)
    before = body.world.store.head().size
    record(body.desk, found.shas, "blocklist zeek")
    leaves = list(body.world.store.leaves(before))
    entries = [read_entry(leaf.entry) for leaf in leaves]
    assert [(entry.kind, entry.party, entry.count, entry.detail) for entry in entries] == [
        ("access", "KZ", 2, {"use": "blocklist zeek"}),
        ("access", "KZ", 1, {"use": "blocklist zeek"}),
    ]
    assert sum(len(Opening(records=leaf.opening)) for leaf in leaves) == 3


def test_nothing_used_is_nothing_recorded(body):
    before = body.world.store.head().size
    record(body.desk, (), "blocklist zeek")
    assert body.world.store.head().size == before

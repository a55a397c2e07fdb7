"""Claims side by side: whose they are, what the reader may not see, where they differ."""

from __future__ import annotations

import msgspec
import pytest

from comity.errors import NotFound, SenderFault
from comity.intake.submit import Submitter, submit
from comity.ledger.journal import read_entry
from comity.release.claims import claims
from tests.consortium import Body, drafts, indicator, sighting


@pytest.fixture
def body():
    body = Body(agreement=None)
    object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, party="KZ", name="KZ-sco"))
    body.member("KZ")
    return body


def adds(body: Body, *objects: dict, **options) -> None:
    found = list(submit(body.world, drafts(objects), Submitter(**{"party": "KZ", **options})))
    assert all(outcome.outcome == "accepted" for outcome in found), found


def domain(**more) -> dict:
    return indicator(pattern="[domain-name:value = 'login.example.net']", **more)


def test_every_origins_copy_of_one_version_stands_by_itself(body):
    """A page of a collection would show one of them for both."""
    item = domain(confidence=80, indicator_types=["malicious-activity"])
    adds(body, item, tlp="green")
    adds(body, {**item, "confidence": 20, "indicator_types": ["benign"]}, party="UZ", received_from="SCO-CENTRE")
    found = claims(body.desk, item["id"])
    assert [(one.origin, one.received_from, one.confidence, one.tlp) for one in found.claims] == [
        ("KZ", "", 80, "green"),
        ("UZ", "SCO-CENTRE", 20, "amber"),
    ]
    assert found.conflicts == {"tlp": ("green", "amber"), "words": ("malicious-activity", "benign"), "confidence": ("80", "20")}
    assert all(one.score > 0 for one in found.claims)


def test_claims_of_a_value_under_several_ids_defanged_or_not(body):
    one, other = domain(), domain()
    adds(body, one)
    adds(body, other, party="UZ", received_from="SCO-CENTRE")
    found = claims(body.desk, "login[.]example[.]net")
    assert sorted(claim.id for claim in found.claims) == sorted([one["id"], other["id"]])
    assert claims(body.desk, "login.example.net") == found and found.conflicts == {}


def test_only_the_latest_word_of_each(body):
    item = domain(created="2021-10-01T00:00:00.000Z", modified="2021-10-01T00:00:00.000Z", confidence=10)
    adds(body, item, {**item, "modified": "2021-10-02T00:00:00.000Z", "confidence": 60})
    (claim,) = claims(body.desk, item["id"]).claims
    assert (claim.version, claim.confidence) == ("2021-10-02T00:00:00.000Z", 60)


def test_sightings_doubts_and_ends(body):
    item = domain(valid_until="2022-01-01T00:00:00Z")
    adds(body, item)
    adds(body, sighting(item["id"], count=3, last_seen="2021-10-30T00:00:00.000Z"), party="UZ", received_from="SCO-CENTRE")
    adds(body, sighting(item["id"], count=0), party="IN", received_from="SCO-CENTRE")
    (claim,) = claims(body.desk, item["id"]).claims
    assert (claim.sightings, claim.doubts, claim.last_seen, claim.valid_until) == (
        3,
        1,
        "2021-10-30T00:00:00.000Z",
        "2022-01-01T00:00:00.000Z",
    )


def test_what_is_hidden_is_not_there(body):
    hidden, seen = domain(), domain(confidence=80)
    adds(body, hidden, party="UZ", to=("IN",))
    with pytest.raises(NotFound) as absent:
        claims(body.desk, "indicator--00000000-0000-4000-8000-000000000000")
    with pytest.raises(NotFound) as fault:
        claims(body.desk, hidden["id"])
    assert str(fault.value).replace(hidden["id"], "") == str(absent.value).replace("indicator--00000000-0000-4000-8000-000000000000", "")
    adds(body, seen)
    assert [claim.id for claim in claims(body.desk, "login.example.net").claims] == [seen["id"]]


def test_nobody_looks_up_mail_addresses(body):
    adds(body, indicator(pattern="[email-addr:value = 'a@mail.example.net']"), person="attacker")
    with pytest.raises(SenderFault, match="G6"):
        claims(body.desk, "a@mail.example.net")


def test_a_url_with_two_dashes_is_no_id(body):
    adds(body, indicator(pattern="[url:value = 'http://a.example.net/x--y']"))
    assert len(claims(body.desk, "http://a.example.net/x--y").claims) == 1


def test_looking_is_in_the_log(body):
    adds(body, domain())
    claims(body.desk, "login.example.net")
    body.desk.flush()
    assert [read_entry(leaf.entry).detail for leaf in body.world.store.leaves()][-1] == {"reads": {"KZ": 1}}

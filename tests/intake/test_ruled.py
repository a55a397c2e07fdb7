from __future__ import annotations

import json

import pytest

from comity.clock import parse
from comity.errors import Fault
from comity.intake.deeds import deed, sign
from comity.intake.deeds import take as take_deed
from comity.intake.govern import add_agreement, add_key, add_standing
from comity.intake.ruled import receive
from comity.ledger.keys import LogKey, write_verifier
from comity.rulebook import RULES
from comity.terms.party import Standing
from tests.consortium import MEMBERS, Body

KEY = LogKey.generate("comity.example/sco/KZ/KZ-sco/acts")


def rules(body: Body) -> list[bytes]:
    rows = sorted((row for type_ in RULES for row in body.world.store.by_type(type_)), key=lambda row: row.added)
    bodies = body.world.store.bodies([row.item for row in rows])
    return [bodies[row.item] for row in rows]


@pytest.fixture
def there():
    """A centre with an agreement, standings, a party's key and its signed act."""
    body = Body()
    add_standing(
        body.world,
        Standing(party="KZ", body="sco", standing="member", since=parse("2001-06-15"), name="KZ-CERT", source="x", note="y"),
        by="test",
    )
    add_standing(
        body.world, Standing(party="IR", body="sco", standing="suspended", since=parse("2021-01-01"), until=parse("2022-01-01")), by="test"
    )
    add_key(body.world, "KZ", write_verifier(KEY.verifier), by="test")
    made = deed(body.world, "test", "sign", party="KZ", on=parse("2021-02-01"))
    take_deed(body.world, sign(made, KEY), by="test")
    return body


def test_rules_become_what_they_were_and_the_same_again_changes_nothing(there):
    here = Body(agreement=None, party="KZ")
    for raw in rules(there):
        receive(here.world, "sco", raw, "link centre")
    one, other = there.world.rulebook.current()[1], here.world.rulebook.current()[1]
    assert [(each.ref, each.body) for each in one.agreements] == [(each.ref, each.body) for each in other.agreements]
    for party in ("KZ", "IR"):
        assert (
            one.register.standing(party, "sco", parse("2021-06-01"))
            == other.register.standing(party, "sco", parse("2021-06-01"))
            is not None
        )
    assert there.world.rulebook.party_keys() == here.world.rulebook.party_keys()
    size = here.world.store.head().size
    for raw in rules(there):
        receive(here.world, "sco", raw, "link centre")
    assert here.world.store.head().size == size


def test_a_signed_act_needs_the_partys_own_signature(there):
    here = Body(party="UZ")
    act = rules(there)[-1]
    assert b"comity-agreement-act" in act
    with pytest.raises(Fault, match="no key of KZ"):
        receive(here.world, "sco", act, "link centre")
    other = LogKey.generate("comity.example/sco/KZ/KZ-sco/acts")
    add_key(here.world, "KZ", write_verifier(other.verifier), by="test")
    with pytest.raises(Fault, match="not signed by KZ"):
        receive(here.world, "sco", act, "link centre")


def test_a_rule_of_another_body_is_refused(there):
    here = Body(agreement=None, party="KZ")
    for raw in rules(there)[:2]:
        with pytest.raises(Fault, match="comes from the centre of cica"):
            receive(here.world, "cica", raw, "link centre")


def test_another_text_under_a_version_that_is_held_is_refused(there):
    here = Body(agreement=None, party="KZ")
    add_agreement(here.world, MEMBERS.replace("AMBER.", "AMBER, they say."), "test.toml", by="test")
    with pytest.raises(Fault, match="another text"):
        receive(here.world, "sco", rules(there)[0], "link centre")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b'{"type": "indicator"}',
        b'{"type": "comity-standing"}',
        b'{"type": "comity-standing", "id": "comity-standing--x", "party": "KZ", "body": "sco", "standing": "king", "since": "2001-01-01T00:00:00Z"}',
        b'{"type": "comity-agreement", "text": "x", "name": "x"}',
        b'{"type": "comity-party-key", "id": "x", "party": "KZ", "key": "x", "trusted": true}',
        b'{"type": "comity-agreement-act", "agreement": "test@1", "text": 1}',
    ],
)
def test_what_is_no_rule_is_refused(raw):
    here = Body(party="KZ")
    size = here.world.store.head().size
    with pytest.raises(Fault):
        receive(here.world, "sco", raw, "link centre")
    assert here.world.store.head().size == size


def test_a_standing_with_more_in_it_or_another_id_is_refused(there):
    here = Body(agreement=None, party="KZ")
    raw = json.loads(rules(there)[1])
    for change in ({"more": "x"}, {"id": raw["id"][:-1] + "0"}, {"party": "kz"}, {"since": "2001-06-15"}):
        if {**raw, **change} == raw:
            continue
        with pytest.raises(Fault):
            receive(here.world, "sco", json.dumps({**raw, **change}).encode(), "link centre")

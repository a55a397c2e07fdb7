"""Caps per role: what somebody sends above the ceiling of their role is rejected, whatever said how strict it is."""

from __future__ import annotations

import pytest

from comity.intake.govern import add_agreement, add_standing
from comity.terms.party import Standing
from comity.terms.tlp import LEVELS
from tests.consortium import MEMBERS, START, Body, indicator, report, sdo

CAPS = '\n[cap.analyst]\ntlp_max = "green"\n\n[cap.duty-officer]\ntlp_max = "amber"\n'


def outcome(body: Body, tlp: str, role: str, party: str = "KZ", **options):
    (found,) = body.member(party).submits(indicator(), tlp=tlp, role=role, **options)
    return found


@pytest.fixture
def body() -> Body:
    return Body(MEMBERS + CAPS)


@pytest.mark.parametrize("role", ["analyst", "duty-officer", "point-of-contact", "robot", ""])
@pytest.mark.parametrize("tlp", LEVELS)
def test_each_role_shares_up_to_its_ceiling(body, role, tlp):
    found = outcome(body, tlp, role, to=("UZ",))
    assert found.outcome == ("rejected" if {"analyst": 1, "duty-officer": 2}.get(role, 9) < LEVELS.index(tlp) else "accepted")


def test_the_reason_names_agreement_ceiling_and_who_may(body):
    why = outcome(body, "amber", "analyst").why
    assert why == "TLP:AMBER is beyond the role analyst, whose ceiling by test@1 is TLP:GREEN; another role may share it"
    assert outcome(body, "amber", "duty-officer").outcome == "accepted"


def test_tools_have_a_ceiling_only_where_one_is_declared(body):
    assert outcome(body, "red", "robot", to=("UZ",)).outcome == "accepted"
    strict = (MEMBERS + CAPS + '\n[cap.robot]\ntlp_max = "clear"\n').replace("version = 1", "version = 2")
    add_agreement(body.world, strict, "v2", by="test")
    assert outcome(body, "green", "robot").outcome == "rejected"
    assert outcome(body, "clear", "robot").outcome == "accepted"


def test_only_agreements_that_bind_the_party_count_in_whatever_body(body):
    other = (MEMBERS + '\n[cap.auditor]\ntlp_max = "clear"\n').replace('id = "test"', 'id = "other"').replace('"sco"', '"cica"')
    add_agreement(body.world, other, "other", by="test")
    assert outcome(body, "green", "auditor").outcome == "accepted"
    add_standing(body.world, Standing(party="KZ", body="cica", standing="member", since=START), by="test")
    assert "other@1" in outcome(body, "green", "auditor").why
    assert outcome(body, "green", "auditor", party="UZ").outcome == "accepted"


def test_what_the_rest_of_the_submission_says_counts(body):
    """A marking that is defined after its use, and an observable that is named by something stricter."""
    kz = body.member("KZ")
    marking = {
        "type": "marking-definition", "spec_version": "2.1", "id": "marking-definition--11111111-1111-4111-8111-111111111111",
        "created": "2021-10-01T00:00:00.000Z", "definition_type": "statement", "definition": {"statement": "sample"},
    }  # fmt: skip
    domain = {
        "type": "domain-name",
        "spec_version": "2.1",
        "id": "domain-name--ecb120bf-2694-4902-a737-62b74539a41b",
        "value": "example.com",
    }
    seen = sdo("observed-data", object_refs=[domain["id"]], x_tlp="amber", number_observed=1,
               first_observed="2021-10-01T00:00:00Z", last_observed="2021-10-01T00:00:00Z")  # fmt: skip
    outcomes = {each.type: each for each in kz.submits(marking, domain, seen, indicator(), tlp="green", role="analyst")}
    assert {type_: each.outcome for type_, each in outcomes.items()} == {
        "marking-definition": "accepted", "indicator": "accepted", "observed-data": "rejected", "domain-name": "rejected",
    }  # fmt: skip


def test_public_vocabulary_has_no_ceiling(body):
    marking = {
        "type": "marking-definition", "spec_version": "2.1", "id": "marking-definition--11111111-1111-4111-8111-111111111111",
        "created": "2021-10-01T00:00:00.000Z", "definition_type": "statement", "definition": {"statement": "sample"},
    }  # fmt: skip
    (found,) = body.member("KZ").submits(marking, tlp="amber", role="analyst")
    assert found.outcome == "accepted"


def test_what_is_rejected_leaves_nothing(body):
    size = len(body.world.store.recent(100))
    (found, other) = body.member("KZ").submits(indicator(), report(sdo("malware")["id"]), tlp="red", role="analyst", to=("UZ",))
    assert (found.outcome, other.outcome) == ("rejected", "rejected")
    assert len(body.world.store.recent(100)) == size + 1  # KZ's standing

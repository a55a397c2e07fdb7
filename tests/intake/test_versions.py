"""Versions of one origin's objects (STIX 2.1 sections 3.2, 3.5, 3.6), each rule under the id it has in our list of requirements."""

from __future__ import annotations

import msgspec
import pytest

from comity.admin.fsck import fsck
from comity.forms import stix_json
from comity.intake.submit import Submitter, submit
from comity.intake.withdraw import recalls, recipients
from tests.consortium import Body, drafts, indicator, sdo

CREATOR = "identity--12345678-1234-4234-8234-123456789012"
OTHER = "identity--12345678-1234-4234-8234-123456789013"


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    assert list(fsck(body.world)) == []
    body.world.store.close()


@pytest.fixture
def kz(body):
    return body.member("KZ")


@pytest.fixture
def uz(body):
    return body.member("UZ")


def at(obj: dict, day: int, **changes: object) -> dict:
    return {**obj, "modified": f"2021-10-{day:02d}T00:00:00.000Z", **changes}


def told(outcomes) -> list[tuple[str, str]]:
    """In the order of the submission."""
    return [(o.outcome, o.why) for o in sorted(outcomes, key=lambda o: o.position)]


def current(member, id_: str) -> list[str]:
    return [msgspec.json.decode(raw)["modified"] for raw in member.gets(id_)]


# O3


def test_o3_created_never_changes(body, kz, uz):
    item = indicator()
    kz.submits(item)
    ((outcome, why),) = told(kz.submits(at(item, 5, created="2021-10-02T00:00:00.000Z")))
    assert outcome == "quarantined"
    assert f"created {item['created']}" in why
    assert current(uz, item["id"]) == [item["modified"]]


def test_o3_within_one_submission(kz, uz):
    item = indicator()
    assert [word for word, _ in told(kz.submits(item, at(item, 5, created="2021-10-02T00:00:00.000Z")))] == ["accepted", "quarantined"]
    assert current(uz, item["id"]) == [item["modified"]]


def test_o3_another_spelling_of_the_same_moment_is_no_change(kz):
    item = indicator()
    kz.submits(item)
    assert told(kz.submits(at(item, 5, created="2021-10-01T00:00:00Z"))) == [("accepted", "")]


def test_o3_one_in_quarantine_settles_nothing(kz):
    item = indicator()
    kz.submits(item, {**item, "name": "other content", "created": "2021-09-01T00:00:00.000Z"})
    assert told(kz.submits(at(item, 5))) == [("accepted", "")]


def test_o3_holds_within_one_origin_only(kz, uz):
    item = indicator()
    kz.submits(item)
    assert told(uz.submits(at(item, 5, created="2021-10-02T00:00:00.000Z"))) == [("accepted", "")]


# O5


def test_o5_nothing_follows_a_revocation(kz, uz):
    item = indicator()
    kz.submits(item, at(item, 5, revoked=True))
    ((outcome, why),) = told(kz.submits(at(item, 6)))
    assert (outcome, "revocation" in why) == ("quarantined", True)
    assert current(uz, item["id"]) == ["2021-10-05T00:00:00.000Z"]


def test_o5_within_one_submission(kz, uz):
    item = indicator()
    assert [word for word, _ in told(kz.submits(at(item, 5, revoked=True), at(item, 6)))] == ["accepted", "quarantined"]
    assert current(uz, item["id"]) == ["2021-10-05T00:00:00.000Z"]


def test_o5_an_older_version_that_comes_late_is_history_and_never_current(kz, uz):
    item = indicator()
    kz.submits(at(item, 5, revoked=True))
    assert told(kz.submits(at(item, 3))) == [("accepted", "")]
    assert current(uz, item["id"]) == ["2021-10-05T00:00:00.000Z"]
    assert len(uz.gets(item["id"], versions=("all",))) == 2


def test_o5_the_revocation_again_is_a_duplicate_and_another_party_is_not_bound(kz, uz):
    item = indicator()
    gone = at(item, 5, revoked=True)
    kz.submits(gone)
    assert told(kz.submits(gone)) == [("duplicate", "")]
    assert told(uz.submits(at(item, 6))) == [("accepted", "")]


def test_o5_revoked_false_revokes_nothing(kz):
    item = indicator()
    kz.submits(at(item, 5, revoked=False))
    assert told(kz.submits(at(item, 6))) == [("accepted", "")]


# O6


@pytest.mark.parametrize(("first", "then"), [(CREATOR, OTHER), (CREATOR, None), (None, CREATOR)])
def test_o6_only_the_creator_versions(kz, uz, first, then):
    item = indicator(**({"created_by_ref": first} if first else {}))
    kz.submits(item)
    changed = {key: value for key, value in at(item, 5, created_by_ref=then).items() if value is not None}
    ((outcome, why),) = told(kz.submits(changed))
    assert (outcome, "only the creator" in why, (first or "nobody") in why) == ("quarantined", True, True)
    assert current(uz, item["id"]) == [item["modified"]]


def test_o6_the_creator_goes_on(kz, uz):
    item = indicator(created_by_ref=CREATOR)
    kz.submits(item, at(item, 5))
    assert told(kz.submits(at(item, 9), at(item, 7))) == [("accepted", "")] * 2
    assert current(uz, item["id"]) == ["2021-10-09T00:00:00.000Z"]


# O15


def definition(number: int, *marked_by: int) -> dict:
    refs = {"object_marking_refs": [definition(each)["id"] for each in marked_by]} if marked_by else {}
    return {
        "type": "marking-definition", "spec_version": "2.1", "id": f"marking-definition--12345678-1234-4234-8234-{number:012d}",
        "created": "2021-10-01T00:00:00.000Z", "definition_type": "statement", "definition": {"statement": "ours"}, **refs,
    }  # fmt: skip


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize(
    "circle", [[definition(1, 2), definition(2, 1)], [definition(1, 3, 2), definition(2), definition(3, 4), definition(4, 1)]]
)
def test_o15_no_circle_of_markings(body, kz, circle, apart):
    found = [each for one in circle for each in kz.submits(one)] if apart else kz.submits(*circle)
    outcomes = [(o.outcome, o.why) for o in found] if apart else told(found)
    assert [word for word, _ in outcomes] == ["accepted"] * (len(circle) - 1) + ["rejected"]
    assert "circle" in outcomes[-1][1]


def test_o15_a_definition_may_be_marked_and_another_partys_close_nothing(kz, uz):
    assert [o.outcome for o in kz.submits(definition(1, 2), definition(2, 3), definition(3))] == ["accepted"] * 3
    assert [o.outcome for o in uz.submits(definition(3, 1))] == ["accepted"]
    assert [o.outcome for o in kz.submits(definition(4, 1, 2, 3))] == ["accepted"]


def test_o15_nothing_marks_itself(kz):
    (outcome,) = kz.submits(definition(1, 1))
    assert outcome.outcome == "rejected"


# O23


def old(**more: object) -> dict:
    obj = {
        key: value for key, value in indicator(labels=["malicious-activity"], **more).items() if key not in ("spec_version", "pattern_type")
    }
    return obj


def test_o23_what_is_20_stays_20_and_what_is_21_stays_21_whatever_the_bundle_says(body, kz):
    for bundle in (b'{"type":"bundle","spec_version":"2.0","objects":[%b,%b]}', b'{"type":"bundle","objects":[%b,%b]}'):
        one, other = old(), indicator()
        raws = [msgspec.json.encode(each) for each in (one, other)]
        outcomes = submit(body.world, stix_json.read(bundle % tuple(raws)), Submitter(party="KZ"))
        assert {o.outcome for o in outcomes} == {"accepted"}
        rows = [row for each in (one, other) for row in body.world.store.by_id([each["id"]])]
        assert [row.spec for row in rows] == ["2.0", "2.1"]
        assert list(body.world.store.bodies([row.item for row in rows]).values()) == raws


def test_o23_an_observed_data_of_20_keeps_its_container(body, kz):
    moment = "2021-10-01T00:00:00Z"
    seen = sdo(
        "observed-data", first_observed=moment, last_observed=moment, number_observed=1, objects={"0": {"type": "url", "value": "x:y"}}
    )
    del seen["spec_version"]
    assert [o.outcome for o in kz.submits(seen)] == ["accepted"]
    (row,) = body.world.store.by_id([seen["id"]])
    assert row.spec == "2.0"


# A later version that goes less far


@pytest.mark.parametrize("less", [{"tlp": "red", "to": ("RU",)}, {"tlp": "green", "to": ("RU",)}, {"tlp": "green", "to": ()}])
def test_a_later_version_takes_back_what_earlier_ones_gave_beyond_it(body, kz, uz, less):
    item = indicator()
    kz.submits(item, tlp="green")
    assert current(uz, item["id"]) == [item["modified"]]
    ((outcome, why),) = told(kz.submits(at(item, 5), **less))
    assert outcome == "accepted" and "earlier versions went further" in why
    assert uz.gets(item["id"], versions=("all",)) == []
    (gone,) = recalls(body.world, item["id"])
    assert (gone.version, gone.cause) == (item["modified"], "narrowed") and recipients(body.world, [gone])[gone.name] == ("UZ",)
    assert len(kz.gets(item["id"], versions=("all",))) == 2


def test_a_later_version_that_goes_as_far_or_further_takes_nothing_back(body, kz, uz):
    item = indicator()
    kz.submits(item, tlp="amber")
    kz.submits(at(item, 5), tlp="green")
    kz.submits(at(item, 6), tlp="green")
    assert current(uz, item["id"]) == ["2021-10-06T00:00:00.000Z"] and recalls(body.world) == []


def test_an_earlier_version_that_comes_later_goes_no_further_than_what_follows_it(body, kz, uz):
    item = indicator()
    kz.submits(at(item, 5), tlp="green", to=("RU",))
    ((outcome, why),) = told(kz.submits(item, tlp="green"))
    assert outcome == "accepted" and "a later version goes less far" in why
    assert uz.gets(item["id"], versions=("all",)) == []


def test_within_one_submission_too(body, kz, uz):
    item = indicator()
    both = [msgspec.structs.replace(draft, to=to) for draft, to in zip(drafts([item, at(item, 5)]), (None, ("RU",)), strict=True)]
    assert [each for each, _ in told(submit(body.world, both, Submitter(party="KZ", tlp="green")))] == ["accepted", "accepted"]
    assert uz.gets(item["id"], versions=("all",)) == []

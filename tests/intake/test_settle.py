"""What the rest of a submission says: markings defined after their use; observables by what contains them."""

from __future__ import annotations

import itertools
import json

import msgspec
import pytest

from comity.admin.fsck import fsck
from comity.forms import stix_json
from comity.intake import settle
from comity.intake.submit import Submitter, submit
from comity.terms.item import Envelope
from comity.terms.stix import sco_id
from comity.terms.tlp import TLP1_IDS, TLP2_IDS
from tests.consortium import MEMBERS, Body, indicator, relationship, report, sdo, sighting

OWN = "marking-definition--12345678-1234-4234-8234-123456789012"
PAP = "marking-definition--12345678-1234-4234-8234-123456789013"


@pytest.fixture
def body():
    body = Body()
    for code in ("KZ", "UZ"):
        body.member(code)
    yield body
    assert list(fsck(body.world)) == []


def adds(body: Body, *objects: dict, party: str = "KZ", tlp: str = "amber") -> set[str]:
    raw = json.dumps({"type": "bundle", "id": "bundle--1", "objects": objects}).encode()
    return {o.outcome for o in submit(body.world, stix_json.read(raw), Submitter(party=party, tlp=tlp))}


def levels(body: Body, id_: str, party: str = "KZ") -> list[str]:
    rows = [row for row in body.world.store.by_id([id_]) if row.origin == party]
    envelopes = body.world.store.envelopes([row.item for row in rows])
    return [msgspec.json.decode(envelopes[row.item], type=Envelope).tlp for row in rows]


def definition(level: str, id_: str = OWN, **more: object) -> dict:
    return {
        "type": "marking-definition", "spec_version": "2.1", "id": id_, "created": "2021-10-01T00:00:00.000Z",
        "definition_type": "statement", "definition": {"statement": level}, **more,
    }  # fmt: skip


def marked(level: str, **more: object) -> dict:
    return {"object_marking_refs": [TLP2_IDS[level]], **more}


def domain(name: str = "example.com", **more: object) -> dict:
    obj = {"type": "domain-name", "spec_version": "2.1", "value": name}
    return {**obj, "id": sco_id(obj), **more}


def observed(*refs: str, **more: object) -> dict:
    moment = "2021-10-01T00:00:00Z"
    return sdo("observed-data", first_observed=moment, last_observed=moment, number_observed=1, object_refs=list(refs), **more)


def grouping(*refs: str, **more: object) -> dict:
    return sdo("grouping", context="suspicious-activity", object_refs=list(refs), **more)


# Markings defined after their use


def test_a_definition_behind_its_use_counts(body):
    item, other = indicator(object_marking_refs=[OWN]), indicator()
    assert adds(body, item, other, definition("TLP:RED")) == {"accepted", "quarantined"}
    assert (levels(body, item["id"]), levels(body, other["id"])) == (["red"], ["amber"])


def test_an_object_under_a_marking_that_nobody_defined_waits_for_it(body):
    item = indicator(object_marking_refs=[OWN])
    reader = body.member("UZ")
    assert adds(body, item) == {"accepted"}
    assert reader.reads() == []
    assert adds(body, definition("Only among ourselves")) == {"accepted"}
    assert item["id"] in reader.reads()
    assert list(fsck(body.world)) == []


def test_a_level_that_is_defined_after_its_use_shows_the_object_to_nobody(body):
    item = indicator(object_marking_refs=[OWN])
    reader = body.member("UZ")
    adds(body, item)
    adds(body, definition("TLP:RED"))
    assert reader.reads() == []
    adds(body, item, definition("TLP:RED"))
    assert reader.reads() == []
    assert list(fsck(body.world)) == []


def test_of_a_known_and_a_late_marking_the_stricter_counts(body):
    wide = indicator(object_marking_refs=[TLP1_IDS["green"], OWN])
    strict = indicator(object_marking_refs=[TLP1_IDS["red"], OWN])
    adds(body, wide, strict, definition("TLP:AMBER"))
    assert (levels(body, wide["id"]), levels(body, strict["id"])) == (["amber"], ["red"])


def test_a_definition_that_this_origin_sent_before_counts_and_no_other_does(body):
    adds(body, definition("TLP:RED"))
    adds(body, definition("TLP:CLEAR"), party="UZ")
    for party, level in (("KZ", "red"), ("UZ", "clear")):
        item = indicator(object_marking_refs=[OWN])
        adds(body, item, party=party)
        assert levels(body, item["id"], party) == [level]


def test_a_marking_that_nobody_defined_says_nothing(body):
    """An unresolvable reference is legal (STIX 2.1 section 3.3)."""
    item = indicator(object_marking_refs=[OWN])
    assert adds(body, item, tlp="green") == {"accepted"}
    assert levels(body, item["id"]) == ["green"]


def test_a_late_pap_counts_too(body):
    item = indicator(object_marking_refs=[PAP])
    adds(body, item, definition("PAP:RED", PAP))
    (row,) = body.world.store.by_id([item["id"]])
    assert msgspec.json.decode(body.world.store.envelopes([row.item])[row.item], type=Envelope).pap == "red"


# Observables by what contains them


@pytest.mark.parametrize("level", ["clear", "green", "amber", "amber+strict", "red"])
@pytest.mark.parametrize(
    "container",
    [
        lambda ref, more: observed(ref, **more),
        lambda ref, more: report(ref, **more),
        lambda ref, more: grouping(ref, **more),
        lambda ref, more: relationship("indicator--12345678-1234-4234-8234-123456789012", ref, **more),
        lambda ref, more: sdo("note", object_refs=[ref], **more),
        lambda ref, more: domain("parent.example", resolves_to_refs=[ref], **more),
    ],
)
def test_an_unmarked_observable_takes_the_level_of_what_names_it(body, container, level):
    name = domain()
    for objects in itertools.permutations([name, container(name["id"], marked(level)), indicator()]):
        fresh = Body()
        fresh.member("KZ")
        adds(fresh, *objects)
        assert levels(fresh, name["id"]) == [level]


def test_the_strictest_of_several_counts_and_an_unmarked_one_counts_as_the_default(body):
    one, other, alone, own = domain("a.example"), domain("b.example"), domain("c.example"), domain("d.example", **marked("green"))
    adds(
        body, one, other, alone, own, observed(one["id"], own["id"], **marked("red")), report(one["id"], other["id"], **marked("clear")),
        grouping(other["id"]), tlp="green",
    )  # fmt: skip
    assert [levels(body, each["id"]) for each in (one, other, alone, own)] == [["red"], ["green"], ["green"], ["green"]]


def test_observables_pass_on_what_they_took(body):
    first, second, third = domain("a.example"), domain("b.example"), domain("c.example")
    first["resolves_to_refs"], second["resolves_to_refs"] = [second["id"]], [third["id"]]
    adds(body, third, second, first, observed(first["id"], **marked("clear")))
    assert [levels(body, each["id"]) for each in (first, second, third)] == [["clear"]] * 3


def test_observables_that_only_name_each_other_are_under_the_default(body):
    first, second = domain("a.example"), domain("b.example")
    first["resolves_to_refs"], second["resolves_to_refs"] = [second["id"]], [first["id"]]
    adds(body, first, second, tlp="green")
    assert [levels(body, each["id"]) for each in (first, second)] == [["green"]] * 2


def test_a_sighting_speaks_for_the_observables_of_its_observed_data(body):
    name, of = domain(), indicator()
    seen = observed(name["id"], **marked("green"))
    adds(body, name, of, seen, sighting(of["id"], observed_data_refs=[seen["id"]], **marked("red")))
    assert levels(body, name["id"]) == ["red"]
    assert levels(body, seen["id"]) == ["green"]


def test_a_container_whose_own_marking_is_defined_late_counts_under_it(body):
    name = domain()
    adds(body, name, observed(name["id"], object_marking_refs=[OWN]), definition("TLP:RED"))
    assert levels(body, name["id"]) == ["red"]


def test_a_chain_too_long_to_follow_makes_all_of_them_as_strict_as_anything(body, monkeypatch):
    monkeypatch.setattr(settle, "ROUNDS", 3)
    chain = [domain(f"h{n}.example") for n in range(12)]
    for one, other in itertools.pairwise(chain):
        one["resolves_to_refs"] = [other["id"]]
    adds(body, *reversed(chain), observed(chain[0]["id"], **marked("red")))
    assert {level for each in chain for level in levels(body, each["id"])} == {"red"}


def test_nothing_is_taken_from_another_party_or_another_submission(body):
    name = domain()
    adds(body, name, observed(name["id"], **marked("green")), party="UZ")
    adds(body, observed(name["id"], **marked("clear")))
    adds(body, name, observed(name["id"], **marked("red")))
    assert (levels(body, name["id"], "UZ"), levels(body, name["id"], "KZ")) == (["green"], ["red"])
    assert body.observer("IR").reads().count(name["id"]) == 1  # UZ's copy


def test_the_same_observable_in_another_container_is_a_claim_of_its_own(body):
    name = domain()
    adds(body, name, observed(name["id"], **marked("red")))
    assert adds(body, name, observed(name["id"], **marked("green"))) == {"accepted"}
    assert levels(body, name["id"]) == ["red", "green"]
    reader = body.observer("IR")
    assert [id_ for id_ in reader.reads() if id_ == name["id"]] == [name["id"]]
    assert adds(body, name, observed(name["id"], **marked("green"))) == {"duplicate", "accepted"}
    assert levels(body, name["id"]) == ["red", "green"]


# The rest of the standard's rules about what goes with what


def test_o10_language_content_goes_with_its_object():
    """It names it by `object_ref` (STIX 2.1 section 7.1.1): who may not see the object does not see its translation."""
    body = Body(MEMBERS.replace('["@threat", "@observables", "@links"]', '["*"]'))
    body.member("KZ")
    reader = body.observer("IR")
    words = []
    for level in ("red", "green"):
        item = sdo("campaign", name="Bank Attack", **marked(level))
        translated = sdo("language-content", object_ref=item["id"], contents={"de": {"name": "Bank Angriff"}}, **marked("green"))
        assert adds(body, translated, item) == {"accepted"}
        words += [item["id"], translated["id"]]
    assert set(reader.reads()) == set(words[2:])


def test_o13_o14_a_granular_marking_counts_for_the_whole_object(body):
    parts = [{"marking_ref": TLP2_IDS["red"], "selectors": ["description"]}]
    item = indicator(description="x", granular_markings=parts, **marked("green"))
    adds(body, item)
    assert levels(body, item["id"]) == ["red"]

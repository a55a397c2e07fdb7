"""Whole previews of the samples, counted by hand, and of files with something wrong in them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from comity import samples
from comity.doors.cli.preview_look import Preview
from comity.match import openfile
from comity.release.preview import summary

BUNDLE, EVENT = "kz-threat-report.stix.json", "kz-phishing.misp.json"


def got(preview: Preview) -> dict[str, int]:
    return {party: counts["permit"] for party, counts in summary(preview.items, preview.others).items()}


def test_the_bundle(previewed: Callable[..., Preview]) -> None:
    found = previewed(BUNDLE)
    assert (len(found.items), found.submitter.party, found.illustrative) == (128, "KZ", True)
    # Nobody: the RED indicator and its link, the forbidden one, and its link: 4.
    # IR: the 31 GREEN indicators but the forbidden one. The centre: what is GREEN of that.
    green = sum(item.tlp == "green" for item in found.items)
    assert got(found) == {"UZ": 124, "IN": 124, "IR": 30, "SCO-CENTRE": green - 2}
    reasons = {("forbidden", 1), ("references", 1), ("red-names-recipients", 2)}
    assert {(each.rule, len(each.items)) for each in found.unreached} == reasons
    assert (found.breaks, found.wider, found.groups, found.not_taken, found.changes) == ([], [], [], [], [])


def test_the_misp_event(previewed: Callable[..., Preview]) -> None:
    found = previewed(EVENT)
    assert [(wide.tlp, wide.distribution, wide.whole, wide.attributes) for _, wide in found.wider] == [("amber", 3, True, 38)]
    assert [each.group.name for each in found.groups] == ["Banking group (being set up)"]
    assert "has no organisations" in found.groups[0].text
    addressed = next(each for each in found.unreached if each.rule == "addressed")
    assert {item.value for item in addressed.items} == {"staging-kit.example", "drop-kit.example"}
    # What STIX has no place for is kept, and stays at home.
    assert {item.type for each in found.unreached if each.rule == "no-clause" for item in each.items} <= {"x-misp-attribute"}


def test_a_group_with_one_party_left_is_not_empty(previewed: Callable[..., Preview]) -> None:
    event = json.loads(samples.read(EVENT))
    (grouped,) = (each for each in event["Event"]["Attribute"] if each["distribution"] == "4")
    grouped["SharingGroup"]["SharingGroupOrg"] = [{"Organisation": {"name": "UZ"}}, {"Organisation": {"name": "A bank"}}]
    found = previewed(files={"e.json": event})
    assert found.groups == []
    item = next(item for item in found.items if item.value == "drop-kit.example")
    assert [each.party for each in item.reached(found.parties)] == ["UZ"]
    grouped["SharingGroup"]["SharingGroupOrg"] = [{"Organisation": {"name": "KZ"}}, {"Organisation": {"name": "A bank"}}]
    assert "none of its organisations (KZ and A bank)" in previewed(files={"e.json": event}).groups[0].text
    del grouped["SharingGroup"]
    assert "does not say who is in it" in previewed(files={"e.json": event}).groups[0].text


def test_a_changed_clause(previewed: Callable[..., Preview], changed: str) -> None:
    found = previewed(BUNDLE, change=changed)
    assert {(each.what, each.party) for each in found.changes} == {("gained", "IR")}
    assert len(found.changes) == 28  # the AMBER indicators
    assert {(each.before.clause, each.before.fact, each.after.clause) for each in found.changes} == {("art-2.2", "TLP", "art-2.2")}
    assert summary(found.items, found.parties)["IR"]["permit"] == 58
    assert found.agreements[0].instead_of == "sco-ict-sample@1"
    same = previewed(BUNDLE, change=changed.replace('tlp_max = "amber"\nonward = "none"', 'tlp_max = "green"\nonward = "none"'))
    assert same.compared
    assert same.changes == []


def test_what_is_marked_strictly_and_permitted_is_a_break(previewed: Callable[..., Preview]) -> None:
    event = samples.read(EVENT).replace(b'"tlp:amber"', b'"tlp:amber+strict"')
    wide = samples.read("sco-ict-sample.toml").decode().replace('tlp_max = "amber"\nonward = "parties"', 'onward = "parties"')
    found = previewed(files={"e.json": event}, agreement=wide)
    assert [(each.tlp, each.clause, each.parties) for each in found.breaks] == [("amber+strict", "art-2.1", ("UZ", "IN"))]
    assert previewed(files={"e.json": event}).breaks == []  # the sample stops at AMBER


def test_quarantine_duplicates_and_damage_are_told(previewed: Callable[..., Preview]) -> None:
    person = {
        "type": "identity", "spec_version": "2.1", "id": "identity--6d2a1f7e-3c41-4f6e-9c6c-0a8f0c5f2b11", "name": "A person",
        "created": "2021-10-01T00:00:00Z", "modified": "2021-10-01T00:00:00Z", "identity_class": "individual",
    }  # fmt: skip
    broken = {"type": "indicator", "id": "indicator--1"}
    damaged = gzip.compress(b"198.51.100.7\n" * 9)[:-9]
    files: dict[str, Any] = {
        "a.json": [person, broken],
        "list.txt": "198.51.100.7\n198.51.100.7\n",
        "cut.gz": damaged,
        "zeek.log": "#fields\tts\n",
    }
    found = previewed(files=files)
    told = {(each.outcome, each.position): each.why for each in found.not_taken}
    assert told["quarantined", "[0]"].startswith("it leads to persons")
    assert ("rejected", "[1]") in told
    assert "damaged" in told["rejected", "file"] or "zeek" in told["rejected", "file"]
    assert [item.value for item in found.items] == ["198.51.100.7"]
    assert found.duplicates >= 1
    assert any("1 of 1 items carry no TLP" in text for text in found.notes)


def test_items_keep_the_order_of_the_file(previewed: Callable[..., Preview]) -> None:
    objects = [obj["id"] for obj in json.loads(samples.read(BUNDLE))["objects"]]
    assert [item.id for item in previewed(BUNDLE).items] == objects


def test_before_its_day_the_agreement_permits_nothing(previewed: Callable[..., Preview]) -> None:
    early = previewed(BUNDLE, on=datetime(2021, 9, 20, tzinfo=UTC))
    assert got(early) == {"UZ": 0, "IN": 0, "IR": 0, "SCO-CENTRE": 0}
    assert any("KZ is not bound by sco-ict-sample@1 on 2021-09-20 (in force for it from 2021-10-01)" in text for text in early.notes)
    before = previewed(BUNDLE, on=datetime(2021, 9, 1, tzinfo=UTC))
    assert any("sco-ict-sample@1 is not in force" in text for text in before.notes)
    assert {item.answers["UZ"].effect for item in before.items} == {"deny"}


def test_five_thousand_attributes(previewed: Callable[..., Preview]) -> None:
    event = json.loads(samples.read(EVENT))
    first = event["Event"]["Attribute"][0]
    event["Event"]["Attribute"] = [
        {**first, "uuid": f"{n:08x}-0000-4000-8000-000000000000", "value": f"h{n}.example.net"} for n in range(5000)
    ]
    event["Event"]["Object"] = []
    found = previewed(files={"big.json": event})
    assert len(found.items) == 5002
    report = next(item for item in found.items if item.type == "report")
    assert report.answers["UZ"].effect == "permit"


def test_a_document_that_unpacks_to_too_much(previewed: Callable[..., Preview], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openfile, "MOST", 1_000)
    bomb = gzip.compress(b'{"type": "bundle", "objects": []}' + b" " * 1_000)
    found = previewed(files={"bomb": bomb, "bomb.misp": gzip.compress(b'{"Event": {"info": "x"}}' + b" " * 1_000)})
    assert ["more than the 1000" in each.why for each in found.not_taken] == [True, True]


def test_a_change_counts_observables_too(previewed: Callable[..., Preview]) -> None:
    """Observables have no version of their own: both looks must still be about the same ones."""
    text = samples.read("sco-ict-sample.toml").decode().replace('tlp_max = "amber"', 'tlp_max = "green"')
    found = previewed(EVENT, change=text)
    lost = {change.item.id for change in found.changes if change.party == "UZ" and change.what == "lost"}
    assert any(id_.startswith("file--") for id_ in lost)
    before = previewed(EVENT)
    assert len(lost) == got(before)["UZ"] - got(found)["UZ"]

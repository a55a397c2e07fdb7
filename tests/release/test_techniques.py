"""Counting what stands around ATT&CK's techniques."""

from __future__ import annotations

import pytest

from comity.release import techniques
from comity.release.techniques import atlas, technique_of
from tests.consortium import Body, indicator, relationship, report, sdo


def technique(id_: str, *tactics: str, **more) -> dict:
    phases = [{"kill_chain_name": "mitre-attack", "phase_name": tactic} for tactic in tactics]
    return sdo(
        "attack-pattern",
        name=more.pop("name", f"technique {id_}"),
        external_references=[{"source_name": "mitre-attack", "external_id": id_}],
        **({"kill_chain_phases": phases} if phases else {}),
        **more,
    )


@pytest.fixture
def body() -> Body:
    return Body()


def counts(body, member) -> dict[str, dict[str, int]]:
    return {each.id: each.by_type for each in atlas(body.desk, member.reader).techniques}


def test_what_is_tied_to_a_technique_is_counted_once_by_type(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    first, again, second = technique("T1059", "execution"), technique("T1059", "impact"), technique("T1059.001", "execution")
    bad, family = indicator(), sdo("malware")
    kz.submits(first, second, bad, family, relationship(bad["id"], first["id"]), relationship(family["id"], first["id"]))
    uz.submits(again, relationship(bad["id"], again["id"]), report(again["id"]), relationship(second["id"], first["id"]))
    kz.submits(sdo("course-of-action", name="x"), tlp="green")
    found = {each.id: each for each in atlas(body.desk, kz.reader).techniques}
    assert found["T1059"].by_type == {"indicator": 1, "malware": 1, "report": 1}
    assert (found["T1059"].count, found["T1059"].more) == (3, False)
    assert found["T1059"].tactics == ("execution", "impact")
    assert set(found["T1059"].patterns) == {first["id"], again["id"]}
    assert (found["T1059.001"].count, found["T1059.001"].domain) == (0, "enterprise-attack")


def test_only_what_the_reader_sees_is_counted(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    shown, hidden = technique("T1001", "discovery"), technique("T1002", "discovery")
    bad = indicator()
    kz.submits(shown, tlp="green")
    before = atlas(body.desk, ir.reader)
    kz.submits(hidden, bad, relationship(bad["id"], shown["id"]), tlp="amber")
    assert atlas(body.desk, ir.reader) == before
    assert counts(body, kz) == {"T1001": {"indicator": 1}, "T1002": {}}


def test_what_is_no_technique_or_no_longer_one_is_left_out(body):
    kz = body.member("KZ")
    kz.submits(
        technique("T1003", revoked=True), technique("T1004", x_mitre_deprecated=True), technique("T99"), sdo("attack-pattern", name="own")
    )
    assert counts(body, kz) == {}
    assert technique_of({"external_references": [{"source_name": "capec", "external_id": "T1001"}]}) is None
    assert technique_of({"external_references": "T1001"}) is None
    ics = {"external_references": [{"source_name": "x"}, {"source_name": "mitre-ics-attack", "external_id": "T0817"}]}
    assert technique_of(ics) == ("ics-attack", "T0817")


def test_the_release_is_what_a_collection_says(body):
    kz = body.member("KZ")
    assert atlas(body.desk, kz.reader).version == ""
    kz.submits(sdo("x-mitre-collection", name="Some ATT&CK", x_mitre_version="17.1"))
    assert atlas(body.desk, kz.reader).version == "Some ATT&CK 17.1"


def test_bounds_are_told(body, monkeypatch):
    kz = body.member("KZ")
    hit = technique("T1005")
    found = [indicator() for _ in range(3)]
    kz.submits(hit, *found, *(relationship(each["id"], hit["id"]) for each in found))
    assert not atlas(body.desk, kz.reader).more
    monkeypatch.setattr(techniques, "TIES", 2)
    (one,) = atlas(body.desk, kz.reader).techniques
    assert (one.count, one.more) == (2, True)
    kz.submits(technique("T1006"))
    monkeypatch.setattr(techniques, "PATTERNS", 1)
    assert (len(atlas(body.desk, kz.reader).techniques), atlas(body.desk, kz.reader).more) == (1, True)

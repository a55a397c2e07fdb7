"""Consent to be named, after the fact."""

from __future__ import annotations

import msgspec

from comity.match.consent import consent
from comity.release.holdings import own_named
from tests.consortium import RETURNING, Body, indicator, sighting


def test_what_was_only_counted_goes_to_the_producer_once_named():
    body = Body(agreement=RETURNING)
    kz, uz = body.member("KZ"), body.member("UZ")
    bad = indicator()
    kz.submits(bad)
    seen, other = sighting(bad["id"], count=3), sighting(bad["id"])
    uz.submits(seen, other, named=False)
    assert seen["id"] not in kz.reads(own=False)
    (outcome,) = consent(body.desk, uz.reader, [seen["id"]], "a.person", "analyst")
    assert (outcome.outcome, outcome.id) == ("accepted", seen["id"])
    assert [id_ for id_ in kz.reads(own=False) if id_.startswith("sighting")] == [seen["id"]]
    versions = [(msgspec.json.decode(each[2]), each[3]) for each in own_named(body.desk, [seen["id"]], uz.reader)]
    assert [(obj["count"], envelope.gate, envelope.tlp) for obj, envelope in versions] == [(3, "counted", "amber"), (3, "open", "amber")]
    assert consent(body.desk, uz.reader, [seen["id"]]) == []


def test_only_ones_own_sightings_can_be_named():
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    bad = indicator()
    kz.submits(bad)
    seen = sighting(bad["id"])
    uz.submits(seen, named=False)
    assert consent(body.desk, kz.reader, [seen["id"], bad["id"]]) == []
    revoked = sighting(bad["id"], revoked=True)
    uz.submits(revoked, named=False)
    assert consent(body.desk, uz.reader, [revoked["id"], bad["id"], "sighting--0"]) == []

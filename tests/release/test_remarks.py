"""What is said about one object, for different readers."""

from __future__ import annotations

from comity.release.remarks import gathered, remarks
from comity.terms.decay import Seen
from tests.consortium import Body, indicator, report, sdo, sighting
from tests.release.test_copies import REDACTED


def test_sightings_and_opinions_are_told_apart_and_the_last_comes_first():
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    bad = indicator()
    kz.submits(bad, report(bad["id"]), tlp="green")
    seen, again = sighting(bad["id"], count=2), sighting(bad["id"], count=0)
    says = sdo("opinion", opinion="agree", object_refs=[bad["id"]])
    uz.submits(seen)
    uz.submits(again)
    uz.submits(says, sdo("note", object_refs=[bad["id"]]))
    found = remarks(body.desk, kz.reader, bad["id"])
    assert [one.row.id for one in found.sightings] == [again["id"], seen["id"]]
    assert {one.row.type for one in found.opinions} == {"opinion", "note"}
    assert not found.more
    assert [(one.party, one.count) for one in found.about.seen] == [("UZ", 2)]
    assert [one.party for one in found.about.doubts] == ["UZ"]
    assert [type(one) for one in found.about.confirmed] == [Seen]
    assert remarks(body.desk, kz.reader, bad["id"], 1).more
    assert gathered(body.desk, kz.reader, ()) == []


def test_what_is_hidden_leaves_no_trace():
    body = Body()
    kz, ir = body.member("KZ"), body.observer("IR")
    bad = indicator()
    kz.submits(bad, tlp="green")
    kz.submits(sighting(bad["id"]), tlp="amber")
    found = remarks(body.desk, ir.reader, bad["id"])
    assert (found.sightings, found.opinions, found.more) == ([], [], False)
    assert remarks(body.desk, ir.reader, "indicator--x") == found


def test_what_is_said_of_a_copy_is_said_of_its_original():
    body = Body(agreement=REDACTED)
    kz, ir = body.member("KZ"), body.observer("IR")
    bad = indicator(description="secret")
    kz.submits(bad, tlp="green")
    (copy,) = [id_ for id_ in ir.reads() if id_.startswith("indicator")]
    seen = sighting(copy)
    ir.submits(seen, tlp="green")
    assert [one.row.id for one in remarks(body.desk, kz.reader, bad["id"]).sightings] == [seen["id"]]
    assert [one.row.id for one in remarks(body.desk, ir.reader, copy).sightings] == [seen["id"]]
    assert remarks(body.desk, ir.reader, bad["id"]).sightings == []

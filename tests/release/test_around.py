"""What stands around an object, for different readers."""

from __future__ import annotations

import pytest

from comity.release.around import Tie, around, visible
from tests.consortium import Body, indicator, relationship, report, sdo, sighting


@pytest.fixture
def body() -> Body:
    return Body()


def ties(body: Body, member, obj, most: int = 100) -> list[Tie]:
    return list(around(body.desk, member.reader, [obj["id"]], most)[obj["id"]].ties)


def test_relationships_tie_their_ends_and_others_tie_themselves(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    bad, found = indicator(), sdo("malware")
    tied, told, seen = relationship(bad["id"], found["id"]), report(bad["id"], found["id"]), sighting(bad["id"])
    kz.submits(bad, found, tied, told, seen)
    assert set(ties(body, uz, bad)) == {
        Tie(other=found["id"], outward=True, label="indicates", via=tied["id"]),
        Tie(other=told["id"], outward=False),
        Tie(other=seen["id"], outward=False),
    }
    assert set(ties(body, uz, found)) == {
        Tie(other=bad["id"], outward=False, label="indicates", via=tied["id"]),
        Tie(other=told["id"], outward=False),
    }
    assert {tie.other: tie.outward for tie in ties(body, uz, told)} == {bad["id"]: True, found["id"]: True}
    assert {tie.other for tie in ties(body, uz, tied)} == {bad["id"], found["id"]}


def test_what_is_hidden_leaves_no_trace(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    bad, shown, hidden = indicator(), sdo("malware"), sdo("malware")
    kz.submits(bad, shown, relationship(bad["id"], shown["id"]), tlp="green")
    before = around(body.desk, ir.reader, [bad["id"]], 1)
    kz.submits(hidden, relationship(bad["id"], hidden["id"]), report(bad["id"]), tlp="amber")
    assert around(body.desk, ir.reader, [bad["id"]], 1) == before
    assert not before[bad["id"]].more
    assert around(body.desk, ir.reader, [hidden["id"], "malware--0"], 1) == {}
    assert visible(body.desk, ir.reader, [hidden["id"], bad["id"], bad["id"]]) == [bad["id"]]


def test_ones_own_tie_to_what_one_may_not_see_is_none(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    bad, found = indicator(), sdo("malware")
    kz.submits(found, tlp="amber")
    ir.submits(bad, relationship(bad["id"], found["id"]), relationship(bad["id"], "malware--00000000-0000-4000-8000-000000000000"))
    assert ties(body, ir, bad) == []


def test_as_many_as_are_asked_for_in_the_order_in_which_they_came(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    bad = indicator()
    told = [report(bad["id"]) for _ in range(5)]
    kz.submits(bad, *told)
    for most in (1, 4, 5, 6):
        found = around(body.desk, uz.reader, [bad["id"]], most)[bad["id"]]
        assert found.others == [each["id"] for each in told][:most]
        assert found.more == (most < 5)


def test_only_the_last_visible_version_ties(body):
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    bad, other = indicator(), indicator()
    told = report(bad["id"])
    kz.submits(other)
    kz.submits(bad, told, {**told, "object_refs": [other["id"]], "modified": "2021-10-02T00:00:00.000Z"}, tlp="green")
    assert ([t.other for t in ties(body, uz, bad)], [t.other for t in ties(body, uz, other)]) == ([], [told["id"]])
    assert [t.other for t in ties(body, ir, bad)] == [told["id"]]
    assert [t.other for t in ties(body, uz, told)] == [other["id"]]


def test_what_is_past_its_end_is_tied_to_nothing(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    bad, told = indicator(), None
    kz.submits(bad)
    told = report(bad["id"])
    kz.submits(told, expires=body.clock.at.replace(year=2021, month=12))
    assert [tie.other for tie in ties(body, uz, bad)] == [told["id"]]
    body.clock.at = body.clock.at.replace(month=12, day=24)
    assert ties(body, uz, bad) == []

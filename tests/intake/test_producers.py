"""Whom a sighting goes back to."""

from __future__ import annotations

from comity.intake.producers import producers
from tests.consortium import Body, indicator


def test_those_whose_copy_the_sighter_could_see():
    body = Body()
    kz, uz, tj, ir = body.member("KZ"), body.member("UZ"), body.member("TJ"), body.observer("IR")
    item = indicator()
    kz.submits(item, tlp="amber")
    tj.submits({**item, "name": "another claim"}, tlp="red", to=("IR",))
    assert producers(body.world, "UZ", ("network-defence",), [item["id"]]) == {item["id"]: ("KZ",)}
    assert producers(body.world, "IR", ("network-defence",), [item["id"]]) == {item["id"]: ()}
    uz.submits({**item, "name": "a third"}, tlp="green")
    assert producers(body.world, "IR", ("network-defence",), [item["id"], "indicator--x"]) == {item["id"]: ("UZ",), "indicator--x": ()}
    assert ir.reads() == [item["id"]]


def test_not_for_other_purposes():
    body = Body()
    kz = body.member("KZ")
    body.member("UZ")
    item = indicator()
    kz.submits(item)
    assert producers(body.world, "UZ", ("training",), [item["id"]]) == {item["id"]: ()}

from __future__ import annotations

from datetime import timedelta

import msgspec

from comity.intake.withdraw import withdraw
from comity.release.basis import all_new, basis, holds
from comity.release.matchable import matchable
from tests.consortium import START, Body, indicator


def test_arrivals_alone_change_nothing_that_a_reading_stands_on() -> None:
    body = Body()
    member = body.member("KZ")
    item = indicator()
    member.submits(item)
    known = basis(body.desk)
    member.submits(indicator())
    assert holds(body.desk, known)
    assert all_new(body.desk, [item["id"]])
    member.submits({**item, "modified": "2021-10-05T00:00:00.000Z"})
    assert holds(body.desk, known)
    assert not all_new(body.desk, [item["id"]])
    withdraw(body.world, "KZ", item["id"])
    assert not holds(body.desk, known)


def test_rules_dates_and_another_store_do() -> None:
    body = Body()
    member = body.member("KZ")
    known = basis(body.desk)
    other = Body()
    other.member("KZ")
    assert not holds(other.desk, known)
    body.member("UZ")
    assert not holds(body.desk, known)
    known = basis(body.desk)
    ends = START + timedelta(hours=1)
    object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, party="KZ"))
    assert not holds(body.desk, known)
    member.submits(indicator(), expires=ends)
    known = basis(body.desk)
    list(matchable(body.desk, met=known.met))
    assert known.until == ends
    assert holds(body.desk, known)
    body.clock.at = ends - timedelta(milliseconds=1)
    assert not holds(body.desk, known)
    body.clock.at = START - timedelta(days=1)
    assert not holds(body.desk, known)

"""What a node could see and no longer may."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.release import narrowing
from comity.release.leaving import reader_of, shared
from comity.release.narrowing import lost, note
from comity.release.sight import Reader
from tests.consortium import Body, indicator, relationship


def read(body: Body) -> Reader:
    reader = reader_of(body.desk, "UZ", ("network-defence",), "uz")
    after = 0
    while (batch := shared(body.desk, reader, "UZ/uz", after, 100)).items:
        after = batch.reached
    return reader


def of(body: Body, after: int = 0) -> list[tuple[int, set[str]]]:
    return [(number, {each.row.id for each in found}) for number, found in lost(body.desk, "uz", after)]


def test_a_standing_that_ends_takes_back_what_was_given_and_nothing_else() -> None:
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    given, after = indicator(), indicator()
    kz.submits(given)
    kz.submits(indicator(), to=("RU",))
    reader = read(body)
    kz.submits(after)
    body.party("UZ", "suspended", since=body.clock())
    note(body.desk, reader, "uz")
    assert of(body) == [(1, {given["id"]})]
    assert next(lost(body.desk, "uz", 0))[1][0].why
    note(body.desk, reader, "uz")
    assert len(of(body)) == 1 and of(body, 1) == []
    assert uz.reads() == []


def test_who_may_see_it_again_gets_it_again() -> None:
    body = Body()
    kz, _ = body.member("KZ"), body.member("UZ")
    one, two = indicator(), indicator()
    kz.submits(one, two)
    kz.submits(relationship(one["id"], two["id"]))
    reader = read(body)
    head = body.world.store.reader(reader.key) or 0
    body.party("UZ", "suspended", since=body.clock())
    note(body.desk, reader, "uz")
    assert sum(len(ids) for _, ids in of(body)) == 3
    body.party("UZ", "member", since=body.clock())
    again = shared(body.desk, reader, "UZ/uz", head, 100)
    assert len(again.items) == 3
    body.party("UZ", "withdrawn", since=body.clock())
    note(body.desk, reader, "uz")
    assert sum(len(ids) for _, ids in of(body, 2)) == 3


def test_many_are_told_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrowing, "_STEP", 3)
    body = Body()
    kz, _ = body.member("KZ"), body.member("UZ")
    kz.submits(*(indicator() for _ in range(7)))
    reader = read(body)
    body.clock.at += timedelta(days=1)
    body.party("UZ", "suspended", since=body.clock())
    note(body.desk, reader, "uz")
    assert [(number, len(ids)) for number, ids in of(body)] == [(1, 3), (2, 3), (3, 1)]

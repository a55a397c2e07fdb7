"""Keeping something longer than the node's own rule says: for a reason, and no longer than origin and agreements allow."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from comity.admin.fsck import fsck
from comity.errors import NotFound, SenderFault
from comity.intake.extending import extend
from comity.intake.govern import add_agreement
from comity.ledger.journal import read_entry
from comity.retention import EXTENSIONS
from tests.consortium import START, Body, indicator
from tests.test_retention import KEPT, dates

DAY = timedelta(days=1)


def test_an_extension_needs_a_reason_an_end_and_something_to_extend() -> None:
    body = Body()
    obj = indicator()
    body.member("KZ").submits(obj)
    for until, reason, said in (
        (START + 9 * DAY, " ", "reason"), (START, "x", "ends after now"), (START + 2_000 * DAY, "x", "by 2024-10-31"),
    ):  # fmt: skip
        with pytest.raises(SenderFault, match=said):
            extend(body.world, obj["id"], until, reason, "test")
    with pytest.raises(NotFound):
        extend(body.world, indicator()["id"], START + 9 * DAY, "x", "test")


@pytest.mark.parametrize(("until", "word"), [(5, "its origin"), (20, "its origin")])
def test_nobody_here_extends_what_its_origin_ends(until: int, word: str) -> None:
    body = Body(KEPT)
    kz, _ = body.member("KZ"), body.member("UZ")
    obj = indicator()
    kz.submits(obj, expires=START + 3 * DAY)
    with pytest.raises(SenderFault, match=word) as fault:
        extend(body.world, obj["id"], START + until * DAY, "x", "test")
    assert "ask the origin" in str(fault.value.next)


def test_nobody_here_extends_what_an_agreement_ends() -> None:
    body = Body(KEPT)
    kz, _ = body.member("KZ"), body.member("UZ")
    obj = indicator()
    kz.submits(obj)
    with pytest.raises(SenderFault, match="test@1/members"):
        extend(body.world, obj["id"], START + 40 * DAY, "x", "test")
    extend(body.world, obj["id"], START + 20 * DAY, "within what it gives", "test")
    assert dates(body, obj["id"]) == [(30, "test@1/members")]


def test_an_extension_never_outlasts_a_clause() -> None:
    text = KEPT.replace('"P1M"', '"P4Y"')
    body = Body(text)
    kz, _ = body.member("KZ"), body.member("UZ")
    obj = indicator()
    kz.submits(obj)
    body.clock.at = START + 1_000 * DAY
    extend(body.world, obj["id"], START + 1_400 * DAY, "still in use", "test")
    add_agreement(body.world, KEPT.replace('"P1M"', '"P3Y6M"').replace("version = 1", "version = 2"), "two.toml", by="test")
    assert dates(body, obj["id"]) == [(1_277, "test@2/members")]


def test_extensions_are_in_the_log_by_reason_and_not_by_id() -> None:
    body = Body()
    obj = indicator()
    body.member("KZ").submits(obj)
    extend(body.world, obj["id"], START + 9 * DAY, "still in use", "test")
    entry = read_entry(list(body.world.store.leaves())[-1].entry)
    assert (entry.kind, entry.count, entry.detail["reason"]) == ("extend", 1, "still in use")
    assert obj["id"] not in msgspec.json.encode(entry).decode()


@pytest.mark.parametrize("change", ["until", "reason", "key", "bytes"])
def test_an_extension_that_was_altered_is_named(change: str) -> None:
    body = Body()
    body.member("KZ").submits(obj := indicator())
    extend(body.world, obj["id"], START + 9 * DAY, "still in use", "test")
    assert list(fsck(body.world)) == []
    ((key, value),) = body.world.store.privates(EXTENSIONS)
    there = {
        "until": (key, value.replace(b"2021-11-10", b"2021-11-11")), "reason": (key, value.replace(b"still", b"never")),
        "key": (f"KZ|{indicator()['id']}", value), "bytes": (key, value[:-1]),
    }  # fmt: skip
    altered, raw = there[change]
    assert (altered, raw) != (key, value)
    with body.world.store.write() as tx:
        tx.put_private(EXTENSIONS, key, None)
        tx.put_private(EXTENSIONS, altered, raw)
    assert list(fsck(body.world)) == [f"extension of {altered.partition('|')[2]}: it is not as it was made"]

"""From its date on nothing is given out, whether or not it was erased by then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from comity.admin.fsck import fsck
from comity.clock import from_micros
from comity.errors import SenderFault
from comity.intake.extending import extend
from comity.intake.govern import add_agreement
from comity.intake.purge import purge
from comity.lapsing import Lapsing
from comity.release.explain import why
from comity.retention import DEFAULT, EXTENDED, Retention
from tests.consortium import START, Body, Member, indicator
from tests.test_retention import DAY, KEPT


def shown(body: Body, code: str, *ids: str) -> list[list[bytes]]:
    """What a party gets by name, and whether the lists that it reads say the same."""
    reader = Member(body, code)
    listed = {row.id for _, row in reader.page(limit=1_000).found}
    got = [reader.gets(id_) for id_ in ids]
    assert [bool(each) for each in got] == [id_ in listed for id_ in ids]
    return got


@pytest.mark.parametrize("store", ["memory:", "sqlite:"])
def test_nothing_is_given_from_its_date_on_though_nothing_was_purged(store: str, tmp_path: Path) -> None:
    body = Body(KEPT, store=store if store == "memory:" else f"sqlite:{tmp_path}/store.db")
    kz, _, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    amber, green, later = indicator(), indicator(), indicator()
    kz.submits(amber, tlp="amber")
    kz.submits(green, tlp="green")
    (row,) = body.world.store.by_id([green["id"]])
    added = from_micros(row.added)
    body.clock.at = added + 10 * DAY - timedelta(seconds=1)
    assert all(shown(body, "UZ", amber["id"], green["id"])) and why(body.desk, green["id"], ir.reader).decision.permits
    kz.submits(later, tlp="green")
    body.clock.at = added + 10 * DAY
    assert [bool(each) for each in shown(body, "UZ", amber["id"], green["id"], later["id"])] == [True, False, True]
    assert [bool(each) for each in shown(body, "KZ", amber["id"], green["id"], later["id"])] == [True, False, True]
    verdict = why(body.desk, green["id"], ir.reader)
    assert (verdict.decision.effect, verdict.decision.rule) == ("deny", "expired")
    assert list(fsck(body.world)) == [] and body.world.store.by_id([green["id"]])
    assert purge(body.world).erased == {"test@1/observers": 1} and not body.world.store.by_id([green["id"]])
    body.clock.at = added + 30 * DAY
    assert not any(shown(body, "UZ", amber["id"], later["id"])) and list(fsck(body.world)) == []
    assert purge(body.world).erased == {"test@1/members": 1, "test@1/observers": 1}


def test_what_was_made_of_it_goes_out_of_sight_with_it() -> None:
    text = KEPT.replace("[party.SCO-CENTRE]", '[profile.plain]\nremove = ["description"]\n\n[party.SCO-CENTRE]').replace(
        'up to TLP:GREEN."', 'up to TLP:GREEN."\nredact = "plain"'
    )  # fmt: skip
    body = Body(text)
    kz, ir = body.member("KZ"), body.observer("IR")
    kz.submits(indicator(description="long"), tlp="green")
    assert len(ir.page(limit=10).found) == 1
    body.clock.at += 10 * DAY
    assert ir.page(limit=10).found == [] and list(fsck(body.world)) == []


def test_the_default_and_an_extension_end_on_the_moment() -> None:
    body = Body()
    kz, _ = body.member("KZ"), body.member("UZ")
    plain, longer = indicator(), indicator()
    kz.submits(plain)
    kz.submits(longer)
    (row,) = body.world.store.by_id([plain["id"]])
    added = from_micros(row.added)
    body.clock.at = added + 1_000 * DAY
    extend(body.world, longer["id"], added + 1_200 * DAY, "still in use", "test")
    assert all(shown(body, "UZ", plain["id"], longer["id"]))
    body.clock.at = added + 1_095 * DAY
    assert [bool(each) for each in shown(body, "UZ", plain["id"], longer["id"])] == [False, True]
    with pytest.raises(SenderFault, match="was over"):
        extend(body.world, plain["id"], added + 1_200 * DAY, "too late", "test")
    body.clock.at = added + 1_200 * DAY
    assert not any(shown(body, "UZ", plain["id"], longer["id"]))
    assert purge(body.world).erased == {DEFAULT: 1, EXTENDED: 1}


def test_a_clause_that_comes_into_force_ends_what_is_too_old_for_it() -> None:
    body = Body()
    kz, _ = body.member("KZ"), body.member("UZ")
    obj = indicator()
    kz.submits(obj)
    text = KEPT.replace("version = 1", "version = 2").replace("in_force = 2021-01-01", "in_force = 2022-03-01")
    body.clock.at = START + 40 * DAY
    add_agreement(body.world, text, "two.toml", by="test")
    assert all(shown(body, "UZ", obj["id"]))
    body.clock.at = datetime(2022, 3, 1, tzinfo=UTC)
    assert not any(shown(body, "UZ", obj["id"]))


def test_it_looks_again_only_when_something_may_have_come() -> None:
    body = Body(KEPT)
    kz, _ = body.member("KZ"), body.member("UZ")
    kz.submits(indicator())
    looks = [0]

    class Counting(Retention):
        def __init__(self, *args: Any) -> None:
            looks[0] += 1
            super().__init__(*args)

    lapsing = Lapsing(body.world)
    version, rules = body.world.rulebook.current()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("comity.lapsing.Retention", Counting)
        for days in (0, 1, 5, 9.9):
            lapsing.look(version, rules, START + timedelta(days=days, hours=1))
        assert looks == [1]
        lapsing.look(version, rules, START + timedelta(days=10, hours=2))
        assert looks == [2]
        lapsing.look(version, rules, START)  # a clock that was set back
        assert looks == [3]


def test_fsck_names_a_date_that_nothing_set() -> None:
    body = Body(KEPT)
    body.member("KZ").submits(obj := indicator())
    (row,) = body.world.store.by_id([obj["id"]])
    with body.world.store.write() as tx:
        tx.lapse([(row.item, row.added + 1)])
    (problem,) = fsck(body.world)
    assert "its row does not say what its bytes and envelope say" in problem

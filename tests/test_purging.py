"""All that a node forgets: drafts, lists, handovers, what logs have shown, tables; and nothing is served that is overdue."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from comity.admin import asked, shifts, users
from comity.admin.users import ASKED
from comity.errors import OperatorFault
from comity.intake import erase, telling
from comity.intake.withdraw import withdraw
from comity.ledger.high_water import HighWater
from comity.match import history
from comity.purging import purge_first, purge_node
from comity.share import drafts
from comity.share.drafts import Said
from comity.store import reports, tombstones
from comity.terms.item import Outcome
from tests.consortium import START, Body, indicator

DAY = timedelta(days=1)


def person(body: Body, name: str = "kz.first") -> users.User:
    return users.add(body.world, name, "KZ", "analyst")


def test_what_nobody_changed_for_as_long_as_items_are_kept_goes(tmp_path: Path) -> None:
    body = Body()
    user = person(body)
    drafts.begin(body.world, user, Said(text="evil.example"))
    asked.keep(body.world, user, ["evil.example"])
    handover = shifts.Handover(
        user=user.name, since=START, until=START, note="a word", arrived=0, more=False, settled={}, objects=(), requests=()
    )  # fmt: skip
    shifts.hand_over(body.world, user, handover)
    body.clock.at = START + 1_000 * DAY
    assert purge_node(body.world, tmp_path).erased == {}
    young = drafts.begin(body.world, user, Said(text="new.example"))
    body.clock.at = START + 1_096 * DAY
    assert purge_node(body.world, tmp_path).erased == {"drafts": 1, "lists": 1, "handovers": 1}
    assert drafts.of(body.world, user) == [young] and list(body.world.store.privates(ASKED)) == []


def test_a_draft_that_was_sent_goes_with_the_last_of_its_objects(tmp_path: Path) -> None:
    body = Body()
    user, kz = person(body), body.member("KZ")
    obj = indicator()
    draft = drafts.begin(body.world, user, Said(text="evil.example"))
    kz.submits(obj, expires=START + DAY)
    with body.world.store.write() as tx:
        drafts.close(body.world, tx, draft, (Outcome(outcome="accepted", position="1", id=obj["id"]),))
    assert purge_node(body.world, tmp_path).erased == {}
    body.clock.at = START + 2 * DAY
    assert purge_node(body.world, tmp_path).erased == {"origin": 1, "drafts": 1}
    assert drafts.of(body.world, user) == []


def test_days_of_logs_go_after_their_time(tmp_path: Path) -> None:
    body = Body()
    folder = tmp_path / "history"
    history.keep(folder, "a", [("domain", "evil.example", START)], START)
    body.clock.at = START + 29 * DAY
    assert purge_node(body.world, tmp_path).erased == {} and history.days(folder) == [date(2021, 11, 1)]
    body.clock.at = START + 31 * DAY
    assert purge_node(body.world, tmp_path).erased == {"days of logs": 1} and history.days(folder) == []


def test_nothing_is_served_that_is_overdue_and_cannot_be_purged(tmp_path: Path) -> None:
    body = Body()
    body.member("KZ").submits(indicator(), expires=START + DAY)
    mark = HighWater(tmp_path / "high-water")
    head = body.world.store.head()
    mark.raise_to(msgspec.structs.replace(head, size=head.size + 5))
    body.world.journal._mark = mark
    body.world.journal._sound = None
    purge_first(body.world, tmp_path)  # nothing is due: nothing has to be entered
    body.clock.at = START + 2 * DAY
    with pytest.raises(OperatorFault, match="1 objects are overdue"):
        purge_first(body.world, tmp_path)


def test_what_was_said_of_things_that_went_goes_when_they_would_have(tmp_path: Path) -> None:
    body = Body()
    kz, uz = body.member("KZ"), body.member("UZ")
    kz.submits(obj := indicator())
    uz.reads()
    withdraw(body.world, "KZ", obj["id"], reason="wrong", cause="recalled")
    assert telling.tell(body.world) == 1
    ((_, tomb),) = tombstones.after(body.world.store, "UZ", 0)
    with body.world.store.write() as tx:
        tombstones.keep_told(body.world.store, tx, "UZ", tomb, body.world.clock())
    assert [each.outcome for _, each in reports.since(body.world.store, 0)] == ["fetched", "told"]
    body.clock.at = START + 1_000 * DAY
    assert "tombstones" not in purge_node(body.world, tmp_path).erased
    body.clock.at = START + 1_096 * DAY
    erased = purge_node(body.world, tmp_path).erased
    assert (erased["tombstones"], erased["reports"]) == (1, 2)
    assert not list(tombstones.after(body.world.store, "UZ", 0)) and tombstones.told(body.world.store, "UZ", tomb.recalls[0]) is None


def test_a_notice_about_what_was_held_goes_with_it(tmp_path: Path) -> None:
    body = Body(party="UZ")
    member = body.member("KZ")
    member.submits(obj := indicator())
    (row,) = body.world.store.by_id([obj["id"]])
    erase.hold(body.world, obj["id"], "evidence", "ann")
    notice = erase.Notice(
        sender="KZ", origin="KZ", id=obj["id"], sha=row.sha, entered=row.added, cause="recalled", reason="", by="link kz", proven=True
    )  # fmt: skip
    assert erase.erase(body.world, notice) == "evidence"
    assert erase.forget_pending(body.world) == 0
    with body.world.store.write() as tx:
        tx.delete([row.item])
    assert erase.forget_pending(body.world) == 1 and erase.forget_pending(body.world) == 0

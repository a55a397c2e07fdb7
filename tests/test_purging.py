"""All that a node forgets: drafts, lists, handovers, what logs have shown, tables; and nothing is served that is overdue."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from comity.admin import asked, shifts, users
from comity.admin.users import ASKED
from comity.errors import OperatorFault
from comity.ledger.high_water import HighWater
from comity.match import history
from comity.purging import purge_first, purge_node
from comity.share import drafts
from comity.share.drafts import Said
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

"""Two processes do the same at the same moment on one node: one is first, the other is told, and nothing is there twice or half."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest

from comity import node
from comity.admin import users
from comity.admin.fsck import fsck
from comity.agree.approval import Person
from comity.clock import parse
from comity.config import Settings
from comity.errors import Fault
from comity.intake import approve, deeds
from comity.intake.govern import add_agreement, add_standing
from comity.intake.submit import Submitter, submit
from comity.ledger.keys import LogKey
from comity.release import approvals
from comity.release.desk import Desk
from comity.release.sight import Reader
from comity.share import drafts
from comity.share.drafts import Said
from comity.terms.party import Standing
from comity.world import World
from tests.approving import TEXT
from tests.consortium import START, indicator
from tests.consortium import drafts as submitted
from tests.doors.web.screens.test_agreements import PER_PARTY

pytestmark = pytest.mark.loop
TREATY = PER_PARTY.replace('role = "centre"', 'role = "party"') + "\n[party.KZ]\n\n[party.UZ]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "node"
    world = node.create_node(made, Settings(party="KZ", name="KZ-sco", body="sco"), "member")
    for text in (TEXT, TREATY):
        add_agreement(world, text, "a.toml", by="test")
    add_standing(world, Standing(party="UZ", body="sco", standing="member", since=parse("2001-06-15")), by="test")
    users.add(world, "ann", "KZ", "analyst")
    world.store.close()
    return made


def _child(folder: Path, barrier: Barrier, results: Any, act: Callable[[World, int], str], number: int) -> None:
    world = node.open_node(folder)
    barrier.wait(30)
    try:
        results.put(act(world, number))
    except Fault as fault:
        results.put(type(fault).__name__)


def both(folder: Path, act: Callable[[World, int], str]) -> list[str]:
    """What came of an act in two processes at once, sorted; the node is sound afterwards."""
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(2), context.Queue()
    children = [context.Process(target=_child, args=(folder, barrier, results, act, number)) for number in range(2)]
    for child in children:
        child.start()
    told = [results.get(timeout=60) for _ in children]
    for child in children:
        child.join(30)
    world = node.open_node(folder)
    assert list(fsck(world)) == []
    world.store.close()
    return sorted(told)


def _saves(world: World, number: int) -> str:
    user = users.find(world, "ann")
    (draft,) = drafts.of(world, user)
    return str(drafts.save(world, user, draft.id, 1, Said(text=f"as {number} has it")).version)


def test_of_two_who_save_a_draft_one_is_told(folder):
    world = node.open_node(folder)
    assert drafts.begin(world, users.find(world, "ann"), Said(text="begun")).version == 1
    world.store.close()
    assert both(folder, _saves) == ["2", "Overtaken"]


def _asked(folder: Path) -> str:
    """A request that an indicator of KZ's goes to UZ, which takes the consent of two persons."""
    world = node.open_node(folder)
    desk = Desk(world)
    item = indicator()
    outcomes = list(submit(world, submitted([item]), Submitter(party="KZ", tlp="amber")))
    assert [each.outcome for each in outcomes] == ["accepted"]
    reader = Reader(party="KZ", body="sco", purposes=("network-defence",))
    (made,) = approve.ask(world, approvals.askable(desk, reader, [item["id"]]), ["UZ"], Person(party="KZ", id="asker"))
    world.store.close()
    return made.id


def _only_request(world: World) -> approvals.Standing:
    (found,) = approvals.standing(Desk(world), None)
    return found


def _consents(world: World, number: int) -> str:
    id_ = _only_request(world).request.approval.id
    return str(len(approve.act(world, id_, "approve", Person(party="KZ", id=f"person{number}"), "duty-officer").acts))


def _consents_again(world: World, _: int) -> str:
    id_ = _only_request(world).request.approval.id
    return str(len(approve.act(world, id_, "approve", Person(party="KZ", id="person"), "duty-officer").acts))


def _state(folder: Path) -> str:
    world = node.open_node(folder)
    try:
        return _only_request(world).state.name
    finally:
        world.store.close()


def test_two_who_consent_are_two(folder):
    _asked(folder)
    assert both(folder, _consents) == ["1", "2"]
    assert _state(folder) == "approved"


def test_one_who_consents_twice_is_one(folder):
    _asked(folder)
    assert both(folder, _consents_again) == ["1", "1"]
    assert _state(folder) == "requested"


def _signs(world: World, number: int) -> str:
    on = START.replace(hour=0) - timedelta(days=30 + number)
    deeds.record(world, deeds.deed(world, "treaty@1", "sign", party="KZ", on=on), f"officer{number}", LogKey.generate("kz.example/acts"))
    return "signed"


def test_of_two_who_sign_an_agreement_one_is_told(folder):
    first, second = both(folder, _signs)
    assert (first, second) in {("AgreementFault", "signed"), ("Conflict", "signed")}

"""Redress tickets: a dated answer, what it sets going, and what the log says of it (G13)."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from comity.errors import Conflict, NotFound, SenderFault
from comity.intake import redress
from comity.intake.withdraw import recalls, recipients
from comity.ledger.journal import read_entry
from tests.consortium import indicator


@pytest.fixture
def own(body):
    """The centre is a member too, and shares an indicator of its own."""
    return body.member("SCO-CENTRE")


def test_g13_a_ticket_gets_a_dated_answer(body):
    made = redress.open_ticket(body.world, "a list of hosts", "hotline 12", "anna")
    assert made.due - made.opened == timedelta(days=30)
    assert redress.tickets(body.world) == [made] and not made.overdue(body.clock.at)
    after, gone = redress.answer(body.world, made.id, "kept", "the list is right", "bulat")
    assert after.answer is not None and (after.answer.decision, gone) == ("kept", ())
    assert redress.ticket(body.world, made.id) == after
    with pytest.raises(Conflict):
        redress.answer(body.world, made.id, "erased", "no", "bulat")


def test_g13_a_correction_reaches_whoever_received_it(body, own, uz):
    wrong = indicator()
    own.submits(wrong)
    assert uz.reads() == [wrong["id"]]
    made = redress.open_ticket(body.world, wrong["id"], "hotline 12", "anna")
    _, gone = redress.answer(body.world, made.id, "corrected", "another host was meant", "bulat")
    assert gone == ["SCO-CENTRE"] and uz.reads() == []
    (recall,) = recalls(body.world)
    assert (recall.id, recall.cause) == (wrong["id"], "recalled")
    assert recipients(body.world, [recall]) == {recall.name: ("UZ",)}
    own.submits({**wrong, "modified": "2021-10-02T00:00:00.000Z"})
    assert uz.reads() == [wrong["id"]]


def test_another_partys_is_erased_here(body, kz, uz):
    wrong = indicator()
    kz.submits(wrong)
    made = redress.open_ticket(body.world, wrong["id"], "hotline 12", "anna")
    _, gone = redress.answer(body.world, made.id, "erased", "it named a customer", "bulat")
    assert gone == ["KZ"] and body.world.store.by_id([wrong["id"]]) == [] and uz.reads() == []
    assert recalls(body.world) == []


def test_cut_off_before_it_was_carried_out_it_is_by_the_same_answer(body, kz):
    wrong = indicator()
    kz.submits(wrong)
    made = redress.open_ticket(body.world, wrong["id"], "hotline 12", "anna")
    assert redress.answer(body.world, made.id, "erased", "yes", "bulat")[1] == ["KZ"]
    kz.submits(wrong)
    assert redress.answer(body.world, made.id, "erased", "yes", "bulat")[1] == ["KZ"]


@pytest.mark.parametrize("decision", ["corrected", "erased"])
def test_g13_nobody_is_told_that_something_went_which_is_not_here(body, decision):
    made = redress.open_ticket(body.world, indicator()["id"], "hotline 12", "anna")
    with pytest.raises(NotFound, match="holds nothing"):
        redress.answer(body.world, made.id, decision, "no such", "bulat")
    assert redress.ticket(body.world, made.id).answer is None
    assert redress.answer(body.world, made.id, "refused", "there is no such object here", "bulat")[1] == ()


@pytest.mark.parametrize("decision", ["corrected", "erased"])
def test_words_with_a_dash_are_no_object(body, decision):
    made = redress.open_ticket(body.world, "a customer's address -- see our letter", "hotline 12", "anna")
    assert redress.answer(body.world, made.id, decision, "done by hand", "bulat")[0].answer.decision == decision
    of_version = redress.open_ticket(body.world, f"{indicator()['id']}@2021-10-01T00:00:00.000Z", "hotline 12", "anna")
    with pytest.raises(NotFound, match="holds nothing"):
        redress.answer(body.world, of_version.id, decision, "no such", "bulat")


def test_late_ones_are_told_and_old_ones_forgotten(body):
    late, done = (redress.open_ticket(body.world, text, "who", "anna") for text in ("one", "two"))
    redress.answer(body.world, done.id, "refused", "no", "bulat")
    body.clock.at += timedelta(days=31)
    assert [(each.id, each.overdue(body.clock.at)) for each in redress.tickets(body.world)] == [(late.id, True), (done.id, False)]
    assert redress.purge(body.world) == 1
    assert [each.id for each in redress.tickets(body.world)] == [late.id]
    with pytest.raises(NotFound):
        redress.ticket(body.world, done.id)


def test_every_step_is_in_the_log_without_its_contents(body):
    made = redress.open_ticket(body.world, "a name, Anna B", "hotline 12", "anna")
    redress.answer(body.world, made.id, "refused", "Anna B is no customer", "bulat")
    said = [read_entry(leaf.entry) for leaf in body.world.store.leaves()][-2:]
    assert [(each.kind, each.detail["act"], each.actor) for each in said] == [("redress", "open", "anna"), ("redress", "refused", "bulat")]
    assert "Anna B" not in str(msgspec.to_builtins(said)) and "hotline" not in str(msgspec.to_builtins(said))


@pytest.mark.parametrize(("about", "who"), [("", "x"), ("x", " "), ("x" * 4_001, "x")])
def test_what_a_ticket_has_to_say(body, about, who):
    with pytest.raises(SenderFault):
        redress.open_ticket(body.world, about, who, "anna")


def test_decisions_are_a_closed_list(body):
    made = redress.open_ticket(body.world, "x", "y", "anna")
    for decision, text in (("blamed", "x"), ("kept", " ")):
        with pytest.raises(SenderFault):
            redress.answer(body.world, made.id, decision, text, "bulat")

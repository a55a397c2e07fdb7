"""Accessions are told to whoever may read the register, and to the party itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.agree.accession import Step
from comity.errors import Denied, NotFound
from comity.intake import acceding
from comity.release import accessions
from tests.consortium import START, Body


@pytest.fixture
def body():
    body = Body()
    for code in ("KZ", "UZ"):
        body.member(code)
    body.observer("IR")
    return body


def start(body, party="IR", **more):
    return acceding.start(body.world, party, more.pop("target", "member"), by="administrator", **more).accession


def take(body, id_, kind, party="SCO-CENTRE", **more):
    acceding.take(body.world, id_, Step(kind=kind, party=party, on=body.clock(), **more), by="administrator")


def test_what_is_told_of_one(body):
    id_ = start(body, documents=(("Charter", START + timedelta(days=5)), ("Convention", None)), note="by letter")
    take(body, id_, "launch")
    take(body, id_, "document", document="Convention")
    body.clock.at += timedelta(days=6)
    told = accessions.find(body.desk, "KZ", id_)
    assert (told.stage, told.standing, told.target, told.late, told.note) == ("launched", "observer", "member", 1, "by letter")
    assert [(each.title, each.late, each.deposited is not None) for each in told.documents] == [
        ("Charter", True, False), ("Convention", False, True),
    ]  # fmt: skip
    assert told.next == ("document", "object", "end")
    assert told.effect is None


def test_the_party_itself_is_told_and_a_stranger_is_not(body):
    own, other = start(body, "TM"), start(body)
    assert [each.accession for each in accessions.accessions(body.desk, "TM")] == [own]
    assert {each.accession for each in accessions.accessions(body.desk, "KZ")} == {own, other}
    assert accessions.accessions(body.desk, "XX") == []
    for id_ in (other, "acc_0"):
        with pytest.raises(NotFound, match="no such accession for you"):
            accessions.find(body.desk, "TM", id_)
    assert accessions.accessions(body.desk, "KZ", "cica") == []


def test_those_that_go_on_come_first_then_the_latest(body):
    ended, first, second = start(body), start(body, "TM"), start(body, "MN")
    take(body, ended, "end")
    assert [each.accession for each in accessions.accessions(body.desk, "KZ")] == [second, first, ended]
    assert accessions.find(body.desk, "KZ", ended).late == 0


def test_each_party_is_told_what_it_may_do(body):
    id_ = start(body, "TM", sponsors=True)

    def open_to(party):
        return accessions.open_to(body.desk, party, accessions.find(body.desk, party, id_))

    assert open_to("KZ") == ["sponsor", "object"]
    take(body, id_, "sponsor", "KZ")
    assert open_to("KZ") == ["object"]
    assert open_to("IR") == open_to("TM") == []
    assert open_to("SCO-CENTRE") == ["end"]
    with pytest.raises(Denied):
        accessions.check_may(body.desk, "KZ", "launch")


def test_a_notice_says_when_it_has_effect(body):
    told = accessions.find(body.desk, "UZ", start(body, "UZ", target="withdrawn"))
    assert told.effect == told.deadline
    assert told.standing == "member"

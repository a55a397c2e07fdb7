"""Accessions go through intake step by step; rights follow from the standings that come of them, and from nothing else."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity import registry
from comity.admin.fsck import fsck
from comity.agree.accession import KINDS, Step
from comity.config import Accession as Asks
from comity.errors import Conflict, Denied, Fault, NotFound, OperatorFault, SenderFault
from comity.intake import acceding
from comity.ledger.journal import read_entry
from tests.consortium import START, Body, indicator

DAY = timedelta(days=1)


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    for code in ("KZ", "UZ", "CN"):
        body.member(code)
    body.observer("IR")
    yield body
    assert list(fsck(body.world)) == []
    body.world.store.close()


def take(body, accession, kind, party="SCO-CENTRE", **more):
    step = Step(kind=kind, party=party, on=more.pop("on", None) or body.clock(), **more)
    return acceding.take(body.world, accession.accession, step, by="administrator")


def recommended(body):
    made = acceding.start(body.world, "ir", "Member", by="administrator", documents=(("Charter", None),))
    take(body, made, "launch")
    take(body, made, "document", document="Charter")
    return take(body, made, "recommend")


def standing(body, party, at=None):
    register = body.world.rulebook.current()[1].register
    at = at or body.clock()
    return register.standing(party, "sco", at), register.status(party, "sco", at)


def test_who_accedes_keeps_its_rights_to_the_instant_then_gets_exactly_the_backlog(body):
    ir, kz = body.party("IR", "observer"), body.member("KZ")
    green, amber, uz = indicator(), indicator(), indicator()
    kz.submits(green, tlp="green")
    kz.submits(amber, tlp="amber")
    kz.submits(uz, tlp="amber", to=("UZ",))
    made = recommended(body)
    instant = START + 30 * DAY
    take(body, made, "admit", since=instant)
    assert ir.polls() == [green["id"]]
    assert standing(body, "IR") == ("observer", "acceding")
    body.clock.at = instant - timedelta(seconds=1)
    assert ir.polls() == []
    body.clock.at = instant
    assert standing(body, "IR") == ("member", "member")
    assert ir.polls() == [amber["id"]]
    assert ir.polls() == []


def test_each_step_is_one_entry_of_the_log_and_the_same_again_is_none(body):
    before = body.world.store.head().size
    made = recommended(body)
    take(body, made, "document", document="Charter")
    entries = [read_entry(leaf.entry) for leaf in body.world.store.leaves(before)]
    assert [entry.detail["type"] for entry in entries] == ["comity-accession", *["comity-accession-step"] * 3]
    assert {(entry.kind, entry.actor) for entry in entries} == {("govern", "administrator")}
    admitted = take(body, made, "admit", since=START + DAY)
    (last,) = [read_entry(leaf.entry) for leaf in body.world.store.leaves(before + 4)]
    assert last.detail == {"types": {"comity-accession-step": 1, "comity-standing": 1}}
    assert take(body, made, "admit", since=START + DAY) == admitted
    with pytest.raises(Conflict):
        take(body, made, "admit", since=START + 2 * DAY)


def test_the_list_has_a_day_for_each_document(body):
    made = acceding.start(
        body.world, "IR", "member", by="administrator", on=START, documents=(("  The   Charter ", None), ("Convention", START + 10 * DAY))
    )
    assert [(each.title, each.due) for each in made.documents] == [
        ("The Charter", START.replace(year=2022)), ("Convention", START + 10 * DAY),
    ]  # fmt: skip
    assert made.known is not None
    for wrong in ((("A", None), ("A", None)), (("", None),), (("x" * 401, None),), tuple((str(n), None) for n in range(201))):
        with pytest.raises(SenderFault):
            acceding.start(body.world, "IR", "member", by="administrator", documents=wrong)


def test_members_speak_and_object(body):
    made = acceding.start(body.world, "TM", "observer", by="administrator", sponsors=True)
    assert standing(body, "TM") == (None, "acceding")
    take(body, made, "sponsor", "kz")
    with pytest.raises(Denied):
        take(body, made, "sponsor", "IR")
    take(body, made, "sponsor", "UZ")
    take(body, made, "object", "CN", note="too early")
    with pytest.raises(Conflict):
        take(body, made, "admit", since=body.clock())
    assert standing(body, "TM") == (None, None)


def test_nobody_objected_for_three_weeks(body):
    made = acceding.start(body.world, "TM", "observer", by="administrator", sponsors=True)
    take(body, made, "sponsor", "KZ")
    take(body, made, "sponsor", "UZ")
    with pytest.raises(Conflict):
        take(body, made, "admit", since=START + 22 * DAY)
    body.clock.at += 21 * DAY
    take(body, made, "admit", since=START + 22 * DAY)
    assert standing(body, "TM", START + 22 * DAY) == ("observer", "observer")


def test_a_notice_of_withdrawal_has_effect_after_a_year(body):
    acceding.start(body.world, "UZ", "withdrawn", by="administrator")
    effect = START.replace(year=2022) + DAY
    assert standing(body, "UZ") == ("member", "member")
    assert standing(body, "UZ", effect) == ("withdrawn", "withdrawn")
    item = indicator()
    body.member("KZ").submits(item)
    uz = body.member("UZ")
    assert uz.polls() == [item["id"]]
    body.clock.at = effect
    assert uz.reads(own=False) == []


def test_a_notice_can_be_taken_back_while_it_runs(body):
    made = acceding.start(body.world, "UZ", "withdrawn", by="administrator")
    take(body, made, "end")
    assert standing(body, "UZ", START.replace(year=2023)) == ("member", "member")


def test_a_suspension_has_effect_at_once(body):
    uz, item = body.member("UZ"), indicator()
    body.member("KZ").submits(item)
    acceding.start(body.world, "UZ", "suspended", by="administrator")
    assert uz.reads(own=False) == []
    with pytest.raises(Conflict):
        acceding.start(body.world, "UZ", "suspended", by="administrator")
    acceding.start(body.world, "UZ", "withdrawn", by="administrator")  # whoever is suspended may still go
    assert uz.reads(own=False) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"party": "i r"},
        {"target": "boss"},
        {"target": "withdrawn", "sponsors": True},
        {"target": "withdrawn", "documents": (("Charter", None),)},
        {"target": "withdrawn", "party": "XX"},
        {"on": START + DAY},
        {"note": "x" * 401},
    ],
)
def test_what_cannot_be_begun_is_refused(body, wrong):
    size = body.world.store.head().size
    with pytest.raises(SenderFault):
        acceding.start(body.world, **{"party": "IR", "target": "member", "by": "administrator", **wrong})
    assert body.world.store.head().size == size


def test_what_is_not_there_is_not_found(body):
    with pytest.raises(NotFound):
        acceding.find(body.world, "acc_1")
    size = body.world.store.head().size
    with pytest.raises(NotFound, match="no body nosuch is known here"):
        acceding.start(body.world, "IR", "member", by="administrator", body="nosuch")
    assert body.world.store.head().size == size
    made = acceding.start(body.world, "IR", "member", by="administrator")
    with pytest.raises(SenderFault):
        take(body, made, "applaud")


def test_a_setting_that_is_no_duration_is_the_operators():
    body = Body()
    world = body.world.__class__(
        **{**body.world.__dict__, "settings": msgspec.structs.replace(body.world.settings, accession=Asks(window="three weeks"))}
    )
    with pytest.raises(OperatorFault, match="window"):
        acceding.start(world, "IR", "member", by="administrator")


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([kind for kind in KINDS if kind != "admit"]), st.sampled_from(["SCO-CENTRE", "KZ", "UZ"])), max_size=6
    )
)
def test_no_step_but_an_admission_changes_anybodys_rights(steps):
    body = Body()
    for code in ("KZ", "UZ"):
        body.member(code)
    made = acceding.start(body.world, "IR", "member", by="administrator", documents=(("Charter", None),))
    claims = [each for each in body.world.rulebook.current()[1].register.standings if not each.status_only]
    for kind, party in steps:
        try:
            take(body, made, kind, party, document="Charter" if kind == "document" else "")
        except Fault:
            continue
    assert [each for each in body.world.rulebook.current()[1].register.standings if not each.status_only] == claims
    assert registry.accessions(body.world.store)[0].accession == made.accession

"""What would become of one object, if."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.agree.agreement import read
from comity.errors import NotFound, SenderFault
from comity.release.account import panel
from comity.release.explain import Moments
from comity.release.supposing import held, suppose
from tests.consortium import MEMBERS, START, Body, indicator

PURPOSES = ("network-defence",)
WIDER = MEMBERS.replace("version = 1", "version = 2").replace('tlp_max = "green"', 'tlp_max = "amber"')


@pytest.fixture
def body():
    return Body()


def effects(body: Body, member, item, tried) -> dict[str, str]:
    found = panel(body.desk, member.reader, item["id"], PURPOSES, tried.when, supposed=tried.supposed, others=tried.others)
    return {each.party: each.decision.effect for each in found.verdicts}


def test_another_marking(body):
    kz, _ = body.member("KZ"), body.observer("IR")
    item = indicator()
    kz.submits(item, tlp="amber")
    for tlp, effect in (("", "deny"), ("green", "permit"), ("red", "deny")):
        assert effects(body, kz, item, suppose(body.desk, kz.reader, Moments(), tlp=tlp))["IR"] == effect
    with pytest.raises(SenderFault):
        suppose(body.desk, kz.reader, Moments(), tlp="puce")


def test_another_text_is_tried_in_place_of_all_versions_and_changes_nothing(body):
    kz, ir = body.member("KZ"), body.observer("IR")
    item = indicator()
    kz.submits(item, tlp="amber")
    tried = suppose(body.desk, kz.reader, Moments(), text=read(WIDER.replace("[party.SCO", "[party.AM]\n\n[party.SCO")))
    assert effects(body, kz, item, tried) == {"AM": "deny", "IR": "permit", "KZ": "permit", "SCO-CENTRE": "deny"}
    assert effects(body, kz, item, suppose(body.desk, kz.reader, Moments()))["IR"] == "deny"
    assert ir.reads() == []


def test_another_moment_and_another_text_at_once(body):
    kz, _ = body.member("KZ"), body.party("AM", "member", START + timedelta(days=10))
    item = indicator()
    kz.submits(item, tlp="amber")
    for days, effect in ((1, "deny"), (20, "permit")):
        when = Moments(on=START + timedelta(days=days))
        assert effects(body, kz, item, suppose(body.desk, kz.reader, when))["AM"] == effect
        assert effects(body, kz, item, suppose(body.desk, kz.reader, when, text=read(WIDER)))["AM"] == effect


def test_a_party_is_told_of_its_own_row_alone_of_anothers_object(body):
    kz, uz = body.member("KZ"), body.member("UZ")
    item = indicator()
    kz.submits(item)
    found = panel(body.desk, uz.reader, item["id"], PURPOSES)
    assert not found.everybody
    assert [each.party for each in found.verdicts] == ["UZ"]
    assert panel(body.desk, kz.reader, item["id"], PURPOSES).everybody
    with pytest.raises(NotFound):
        panel(body.desk, body.observer("IR").reader, item["id"], PURPOSES)


def test_a_text_is_read_by_those_who_have_a_part_in_it(body):
    kz, stranger = body.member("KZ"), body.observer("IR")
    assert held(body.desk, kz.reader, "test@1").ref == "test@1"
    assert held(body.desk, stranger.reader, "test@1").ref == "test@1"
    with pytest.raises(NotFound):
        held(body.desk, kz.reader, "test@2")

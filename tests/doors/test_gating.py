"""What is told of what waits: kinds and places in lists, the object itself alone."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from comity.agree.approval import Person
from comity.config import Gate
from comity.doors import gating
from comity.errors import Conflict, NotFound
from comity.intake import review
from comity.release.sight import Reader
from comity.terms.item import PURPOSES
from tests.consortium import START, Body, indicator

ANNA, BULAT = Person(party="KZ", id="anna"), Person(party="KZ", id="bulat")


def waiting() -> tuple[Body, dict]:
    body = Body()
    made = indicator(pattern="[email-message:from_ref.value = 'anna.b@mail.example']")
    body.member("KZ").submits(made)
    return body, made


def test_a_list_names_kinds_and_places_and_one_has_the_bytes():
    body, made = waiting()
    (item,) = review.waiting(body.world, ANNA)
    told = gating.told(item)
    assert [(each.kind, each.where) for each in told.found] == [("e-mail", "/pattern")]
    assert b"anna.b" not in msgspec.json.encode(told)
    assert msgspec.json.decode(msgspec.json.encode(gating.whole(item)))["object"] == made


def test_what_is_approved_is_the_review_that_was_seen():
    body, made = waiting()
    said = review.propose(body.world, made["id"], ANNA, "", category="victim", basis="b", expires=START.replace(year=2099)).review
    with pytest.raises(Conflict):
        gating.approve(body.world, made["id"], BULAT, "", START.replace(year=2000))
    gating.approve(body.world, made["id"], BULAT, "", said.at)
    assert list(review.waiting(body.world)) == []


def test_nobody_takes_off_what_they_are_not_shown():
    body, _ = waiting()
    body.member("UZ")
    body.world = replace(body.world, settings=msgspec.structs.replace(body.world.settings, gate=Gate(sample=1)))  # one in one is listed
    passed = [indicator(pattern=f"[email-addr:value = 'a{n}@mail.example']") for n in range(2)]
    body.member("KZ").submits(*passed, tlp="green", person="attacker")
    kz, uz = (Reader(party=party, body="sco", purposes=PURPOSES) for party in ("KZ", "UZ"))
    listed = [each.id for each in gating.sampled(body.desk, kz)]
    assert len(listed) == 2 and gating.sampled(body.desk, uz) == []
    with pytest.raises(NotFound):
        gating.looked_at(body.desk, uz, listed[0])
    gating.looked_at(body.desk, kz, listed[0])
    assert [each.id for each in gating.sampled(body.desk, kz)] == listed[1:]

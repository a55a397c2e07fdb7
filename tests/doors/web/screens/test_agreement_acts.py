"""Signing and ratifying on the pages."""

from __future__ import annotations

import re
from typing import Any

import pytest

from comity.intake import deeds
from comity.intake.govern import add_agreement, add_key
from comity.ledger.keys import LogKey, write_verifier
from tests.consortium import START, Body
from tests.doors.web.screens.test_agreements import PER_PARTY
from tests.doors.web.visitor import Visitor

REF, PATH = "treaty@1", "/agreements/treaty@1/act"
TEXT = PER_PARTY.replace('role = "centre"', 'role = "party"') + "\n[party.KZ]\n\n[party.UZ]\n"


@pytest.fixture
def body():
    made = Body()
    made.party("SCO-CENTRE", "partner")
    made.member("KZ")
    made.member("UZ")
    add_agreement(made.world, TEXT, "treaty", by="test")
    return made


@pytest.fixture
def officer(body):
    return Visitor(body, role="agreement-officer")


def shown(visitor: Visitor, **asked: str) -> Any:
    answer = visitor.client.get(f"{PATH}.json", params=asked)
    assert answer.status_code == 200
    return answer.json()


def confirm(visitor: Visitor, step: dict[str, Any], **other: Any) -> Any:
    form = {name: step[name] or "" for name in ("act", "on", "in_force", "authority", "sha256", "mark")}
    return visitor.client.post(PATH, data={**form, "clause": step["clauses"], **other})


def life(visitor: Visitor, party: str) -> list[tuple[str, str]]:
    (found,) = [each for each in visitor.data(f"/agreements/{REF}.json")["life"] if each["party"] == party]
    return [(each["step"], each["word"]) for each in found["steps"]]


def test_two_steps_and_the_first_records_nothing(body, officer):
    assert shown(officer)["can"] == ["sign", "reserve", "suspend"]
    size = body.world.store.head().size
    step = shown(officer, act="sign", on="2021-10-01", authority="Centre")["step"]
    assert (step["party"], step["on"], step["partners"]) == ("SCO-CENTRE", "2021-10-01T00:00:00Z", [])
    page = officer.see(f"{PATH}?act=sign&on=2021-10-01")
    assert "SCO-CENTRE signs treaty@1. This alone binds nobody." in page
    assert body.world.store.head().size == size
    answer = confirm(officer, step)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/agreements/{REF}#party-SCO-CENTRE")
    assert life(officer, "SCO-CENTRE") == [("signed", "signature")]


def test_a_ratification_says_who_is_bound_and_with_whom(officer):
    confirm(officer, shown(officer, act="sign", on="2021-10-01")["step"])
    step = shown(officer, act="ratify", on="2021-10-02", in_force="2021-12-01")["step"]
    assert step["at"] == "2021-12-01T00:00:00Z"
    assert [(each["party"], each["before"], each["after"]) for each in step["turns"]] == [("SCO-CENTRE", "signed but not ratified", "")]
    assert confirm(officer, step).status_code == 303
    assert life(officer, "SCO-CENTRE")[-1] == ("in force", "signature")


def test_a_reservation_names_its_clauses(officer):
    confirm(officer, shown(officer, act="sign", on="2021-10-01")["step"])
    assert "reservation names its clauses" in shown(officer, act="reserve", on="2021-10-01")["wrong"]
    step = shown(officer, act="reserve", on="2021-10-01", clause="observers")["step"]
    assert (step["clauses"], step["working"]) == (["observers"], ["members"])
    assert confirm(officer, step).status_code == 303


def test_what_cannot_be_done_says_why(officer):
    assert "has not signed" in shown(officer, act="ratify", on="2021-10-01")["wrong"]
    assert "no date" in shown(officer, act="sign", on="yesterday")["wrong"]
    assert "no act" in shown(officer, act="dance")["wrong"]
    step = shown(officer, act="sign", on="2021-10-01")["step"]
    assert confirm(officer, step, act="ratify").status_code == 422
    assert confirm(officer, step, sha256="0" * 64).status_code == 409
    assert confirm(officer, step, on="").status_code == 422
    assert confirm(officer, step).status_code == 303
    assert confirm(officer, step).status_code == 303  # the same once more is recorded once
    assert confirm(officer, step, on="2021-10-05").status_code == 409
    assert life(officer, "SCO-CENTRE") == [("signed", "signature")]


@pytest.mark.parametrize("role", ["analyst", "duty-officer", "auditor", "administrator"])
def test_others_do_not_act_for_their_party(body, officer, role):
    other = Visitor(body, role=role)
    assert shown(other, act="sign", on="2021-10-01")["step"] is None
    assert confirm(other, shown(officer, act="sign", on="2021-10-01")["step"]).status_code == 403


def signed_by(body: Body, code: str, act: str = "sign", trusted: bool = True) -> str:
    key = LogKey.generate(f"comity.example/sco/{code}/n/acts")
    if trusted:
        add_key(body.world, code, write_verifier(key.verifier), by="test")
    return deeds.sign(deeds.deed(body.world, REF, act, party=code, on=START.replace(hour=0)), key).decode()


def test_another_party_hands_in_what_its_node_signed(body):
    kz = Visitor(body, party="KZ", role="point-of-contact")
    note = signed_by(body, "KZ")
    assert shown(kz)["signs"] is False
    looked = kz.client.post(f"{PATH}/file", data={"note": note, "do": "look"})
    assert looked.status_code == 200
    assert "KZ signs treaty@1" in looked.text
    assert life_or_none(kz, "KZ") == []
    assert kz.client.post(f"{PATH}/file", data={"note": note, "do": "confirm"}).status_code == 422
    assert taken(kz, note).status_code == 303
    assert life(kz, "KZ") == [("signed", "signature")]
    (file,) = shown(kz)["files"]
    assert kz.get(f"{PATH}/{file['n']}.act").text == note


def taken(visitor: Visitor, note: str) -> Any:
    looked = visitor.client.post(f"{PATH}/file", data={"note": note, "do": "look"})
    (mark,) = re.findall(r'name="mark" value="([0-9a-f]{64})"', looked.text)
    return visitor.client.post(f"{PATH}/file", data={"note": note, "do": "confirm", "mark": mark})


def test_what_others_did_meanwhile_is_shown_before_anything_is_signed(body, officer):
    """KZ ratifies between the two steps of the centre, which would now be bound with it."""
    for party in ("SCO-CENTRE", "KZ"):
        deeds.record(body.world, deeds.deed(body.world, REF, "sign", party=party, on=START.replace(hour=0)), "test")
    step = shown(officer, act="ratify", on="2021-11-02", in_force="2021-11-02")["step"]
    assert step["partners"] == []
    deeds.record(body.world, deeds.deed(body.world, REF, "ratify", party="KZ", on=START.replace(hour=0, day=2)), "test")
    size = body.world.store.head().size
    answer = confirm(officer, step)
    assert answer.status_code == 409
    assert "has changed since you looked" in answer.text and "Between SCO-CENTRE and KZ" in answer.text
    assert body.world.store.head().size == size
    (mark,) = re.findall(r'name="mark" value="([0-9a-f]{64})"', answer.text)
    assert confirm(officer, step, mark=mark).status_code == 303


def life_or_none(visitor: Visitor, party: str) -> list[tuple[str, str]]:
    found = [each for each in visitor.data(f"/agreements/{REF}.json")["life"] if each["party"] == party]
    return life(visitor, party) if found else []


def test_an_act_of_another_party_or_without_its_signature_is_refused(body):
    uz = Visitor(body, party="UZ", role="agreement-officer")
    assert uz.client.post(f"{PATH}/file", data={"note": signed_by(body, "KZ"), "do": "confirm"}).status_code in (403, 404)
    own = Visitor(body, role="administrator")
    for note in ("nothing", signed_by(body, "UZ", trusted=False), signed_by(body, "KZ").replace("act sign", "act ratify")):
        answer = own.client.post(f"{PATH}/file", data={"note": note, "do": "confirm"})
        assert answer.status_code == 422, note
        assert "This cannot be done" in answer.text
    assert taken(own, signed_by(body, "KZ")).status_code == 303


def test_every_language_shows_both_steps(officer):
    for lang in ("ru", "zh", "fa"):
        assert officer.see(f"{PATH}?lang={lang}")
        assert "SCO-CENTRE" in officer.see(f"{PATH}?lang={lang}&act=sign&on=2021-10-01")

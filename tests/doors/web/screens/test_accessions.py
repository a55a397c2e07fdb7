"""Accessions on the pages: read by whoever may read the register, gone on with by those whose step it is."""

from __future__ import annotations

import pytest

from comity.agree.accession import Step
from comity.intake import acceding, proposals
from tests.consortium import START, Body
from tests.doors.web.visitor import Visitor


@pytest.fixture
def body():
    body = Body()
    for code in ("KZ", "UZ", "CN"):
        body.member(code)
    body.observer("IR")
    return body


@pytest.fixture
def started(body):
    return acceding.start(
        body.world, "IR", "member", by="test", documents=(("Charter <b>", START), ("Convention", None)), note="by <letter>"
    )


def does(visitor, made, what, **fields):
    return visitor.client.post(f"/members/accessions/{made.accession}", data={"do": what, **fields})


def page(made):
    return f"/members/accessions/{made.accession}"


def test_the_list_says_what_is_late_and_what_rights_there_are(body, started):
    visitor = Visitor(body, party="KZ", role="analyst")
    (row,) = visitor.data("/members/accessions.json")["accessions"]
    assert (row["party"], row["stage"], row["late"], row["standing"]) == ("IR", "applied", 1, "observer")
    assert "1 document late" in visitor.see("/members/accessions")
    text = visitor.see(page(started))
    assert "Charter &lt;b&gt;" in text
    assert "The procedure adds none." in text
    assert "<form" not in text.split("<main")[1].split("</main>")[0]
    assert visitor.data(f"{page(started)}.json")["open_to"] == []
    assert "Accession and withdrawal (1)" in visitor.see("/members")
    assert "acceding" not in visitor.see("/members/IR").split('id="standings"')[0]


def test_it_is_recorded_by_the_node_and_admission_by_two_persons(body, started):
    chair = Visitor(body, role="administrator", name="chair")
    assert chair.data(f"{page(started)}.json")["open_to"] == ["launch", "end"]
    does(chair, started, "launch")
    assert "acceding" in chair.see("/members/IR")
    for title in ("Charter <b>", "Convention"):
        assert does(chair, started, "document", document=title).headers["location"] == page(started)
    does(chair, started, "recommend")
    wrong = does(chair, started, "admit", since="soon")
    assert wrong.status_code == 422
    assert "is no date" in wrong.text
    to = does(chair, started, "admit", since="2022-01-01").headers["location"]
    assert "Admission is proposed" in chair.see(page(started))
    assert Visitor(body, party="KZ", role="duty-officer").data(f"{page(started)}.json")["proposed"] == []
    (waiting,) = proposals.proposals(body.world)
    assert to == f"/agreements/proposals/{waiting.id}"
    other = Visitor(body, role="agreement-officer", name="other")
    assert other.client.post(f"{to}/decide", data={"do": "take"}).headers["location"] == "/members/IR"
    data = other.data(f"{page(started)}.json")
    assert (data["told"]["stage"], data["told"]["effect"], data["proposed"]) == ("admitted", "2022-01-01T00:00:00Z", [])


def test_members_speak_and_object_each_by_its_people(body):
    made = acceding.start(body.world, "TM", "observer", by="test", sponsors=True)
    kz, uz = Visitor(body, party="KZ", role="point-of-contact"), Visitor(body, party="UZ", role="duty-officer")
    assert kz.data(f"{page(made)}.json")["open_to"] == ["sponsor", "object"]
    does(kz, made, "sponsor")
    does(uz, made, "sponsor")
    assert "members may object until" in uz.see(page(made))
    cn = Visitor(body, party="CN", role="duty-officer")
    does(cn, made, "object", note="too <early>")
    assert "too &lt;early&gt;" in cn.see(page(made))
    assert kz.data(f"{page(made)}.json")["told"]["stage"] == "objected"


@pytest.mark.parametrize(("party", "role"), [("KZ", "analyst"), ("KZ", "auditor"), ("IR", "duty-officer"), (None, "analyst")])
def test_nobody_does_what_is_not_theirs(body, started, party, role):
    visitor = Visitor(body, party=party, role=role)
    for what in ("launch", "object", "sponsor", "end"):
        assert does(visitor, started, what).status_code == 404
    assert body.world.rulebook.current()[1].register.status("IR", "sco", body.clock()) == "observer"


def test_hidden_and_absent_are_the_same(body, started):
    stranger = Visitor(body, party="XX", role="duty-officer")
    assert stranger.data("/members/accessions.json")["accessions"] == []
    answers = {stranger.get(f"/members/accessions/{id_}.json").text for id_ in (started.accession, "acc_0123456789ab")}
    assert len(answers) == 1
    assert Visitor(body, role="administrator").client.post(page(started), data={"do": "applaud"}).status_code == 422
    assert "Nobody accedes" in stranger.see("/members/accessions")


def test_somebody_was_quicker(body, started):
    kz = Visitor(body, party="KZ", role="duty-officer")
    acceding.take(body.world, started.accession, Step(kind="end", party="SCO-CENTRE", on=body.clock()), by="test")
    assert does(kz, started, "object").status_code == 404

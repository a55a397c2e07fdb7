"""Beginning an accession on the pages, and proposing a notice."""

from __future__ import annotations

import pytest

from comity.intake import proposals
from comity.registry import accessions
from tests.consortium import Body
from tests.doors.web.visitor import Visitor

PATH = "/members/accessions/begin"


@pytest.fixture
def body():
    body = Body()
    body.member("KZ")
    body.observer("IR")
    return body


@pytest.fixture
def officer(body):
    return Visitor(body, role="agreement-officer", name="officer")


def asked(**said):
    return {"party": "ir", "target": "member", "body": "sco", "mode": "consensus", "documents": "", "on": "", "note": "", **said}


def test_an_accession_is_recorded_at_once_and_gives_no_right(body, officer):
    assert f'href="{PATH}"' in officer.see("/members/accessions")
    assert 'value="member" selected' in officer.see(PATH)
    answer = officer.client.post(PATH, data=asked(mode="sponsors", documents="Charter=2022-12-31\r\nConvention", note="a <letter>"))
    (made,) = accessions(body.world.store)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/members/accessions/{made.accession}")
    assert (made.party, made.target, made.mode, made.note) == ("IR", "member", "sponsors", "a <letter>")
    assert [each.title for each in made.documents] == ["Charter", "Convention"]
    assert made.documents[0].due.date().isoformat() == "2022-12-31"
    assert body.world.rulebook.current()[1].register.standing("IR", "sco", body.clock()) == "observer"
    assert "officer" in [*body.world.store.leaves()][-1].entry.decode()


def test_a_notice_is_taken_in_by_another_person(body, officer):
    to = officer.client.post(PATH, data=asked(party="KZ", target="suspended", note="arrears")).headers["location"]
    (waiting,) = proposals.proposals(body.world)
    assert to == f"/agreements/proposals/{waiting.id}" and accessions(body.world.store) == []
    assert "KZ: suspended of SCO" in officer.see(to)
    assert officer.client.post(f"{to}/decide", data={"do": "take"}).status_code == 403
    chair = Visitor(body, role="administrator", name="chair")
    assert chair.client.post(f"{to}/decide", data={"do": "take"}).headers["location"] == "/members/KZ"
    (made,) = accessions(body.world.store)
    assert (made.accession, made.mode, made.note) == (waiting.accession, "notice", "arrears")
    assert body.world.rulebook.current()[1].register.standing("KZ", "sco", body.clock()) == "suspended"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"party": "?"}, 422),
        ({"target": "king"}, 422),
        ({"body": "no body"}, 422),
        ({"on": "soon"}, 422),
        ({"on": "2999-01-01"}, 422),
        ({"documents": "Charter=soon"}, 422),
        ({"documents": "Charter\nCharter"}, 422),
        ({"target": "withdrawn", "documents": "Charter"}, 422),
        ({"target": "withdrawn", "mode": "sponsors"}, 422),
        ({"party": "TM", "target": "withdrawn"}, 422),
        ({"target": "observer"}, 409),
    ],
)
def test_what_is_wrong_is_said_and_what_was_written_stays(body, officer, said, status):
    size = body.world.store.head().size
    answer = officer.client.post(PATH, data=asked(**{"note": "what <I> wrote", **said}))
    assert (answer.status_code, body.world.store.head().size) == (status, size)
    assert "what &lt;I&gt; wrote" in answer.text


def test_it_is_for_those_who_record_at_the_node(body):
    for visitor in (Visitor(body), Visitor(body, role="auditor"), Visitor(body, party="KZ", role="administrator")):
        assert visitor.get(PATH).status_code == 404
        assert visitor.client.post(PATH, data=asked()).status_code == 404
        assert PATH not in visitor.see("/members/accessions")

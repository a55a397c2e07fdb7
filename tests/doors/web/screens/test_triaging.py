"""What people do in the inbox."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from comity.admin import triage
from comity.match.feedback import opinion_id
from comity.release.select import Query
from tests.consortium import Body, Member, indicator, relationship, report, sighting
from tests.doors.web.visitor import Visitor, body_that_reads


def begun() -> tuple[Body, Member, Visitor, list[dict[str, Any]]]:
    """A body with three items in the inbox, as the page has them."""
    body, kz = body_that_reads()
    kz.submits(*[indicator() for _ in range(3)], tlp="green")
    visitor = Visitor(body)
    return body, kz, visitor, visitor.data("/inbox.json")["items"]


def send(visitor: Visitor, path: str = "/inbox/triage", **fields: Any) -> Any:
    return visitor.client.post(path, data={"drawn": "2021-11-02T00:00:00Z", **fields})


def item(each: dict[str, Any]) -> str:
    return f"{each['arrived']} {each['id']}"


def states(visitor: Visitor) -> dict[str, str]:
    return {each["id"]: each["state"] for each in visitor.data("/inbox.json?state=any")["items"]}


def test_one_row_or_those_chosen():
    _, _, visitor, items = begun()
    answer = send(visitor, one=f"accept {item(items[0])}", item=[item(items[1])], back="state=new&tlp=green")
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox?state=new&tlp=green")
    assert list(states(visitor).values()) == ["accepted", "new", "new"]
    assert send(visitor, do="file", item=[item(each) for each in items[1:]]).headers["location"] == "/inbox"
    assert list(states(visitor).values()) == ["accepted", "filed", "filed"]
    send(visitor, do="reopen", item=[item(items[2])])
    assert list(states(visitor).values()) == ["accepted", "filed", "new"]
    assert send(visitor, do="accept").headers["location"] == "/inbox"
    assert list(states(visitor).values()) == ["accepted", "filed", "new"]


def test_what_is_told_with_a_row_goes_the_same_way():
    """A report and all that it names are one row; what came after the page was drawn is not on it."""
    body, kz = body_that_reads()
    items = [indicator() for _ in range(6)]
    paper = report(*(each["id"] for each in items))
    kz.submits(*items, paper, tlp="green")
    visitor = Visitor(body)
    (row,) = visitor.data("/inbox.json")["items"]
    assert (row["id"], {each["id"] for each in row["below"]}) == (paper["id"], {each["id"] for each in items})
    page = visitor.see("/inbox")
    assert "6 objects with it" in page and "and 2 more" in page
    drawn = visitor.body.world.clock().isoformat()
    late = sighting(items[0]["id"])
    kz.submits(late, tlp="green")
    visitor.client.post("/inbox/triage", data={"drawn": drawn, "one": f"accept {item(row)}"})
    assert "7 objects accepted" in visitor.see("/inbox")
    assert states(visitor).pop(paper["id"]) == "accepted"
    assert [each["id"] for each in visitor.data("/inbox.json")["items"]] == [late["id"]]


def test_what_was_done_is_said_once_to_whoever_did_it():
    """Neither a reload nor an address says that something was done."""
    body, _, visitor, items = begun()
    other = Visitor(body, name="second")
    send(visitor, do="accept", item=[item(each) for each in items[:2]], back="tlp=green")
    said = "2 objects accepted"
    assert said not in other.see("/inbox?tlp=green") and said not in visitor.see("/search"), "another person's, another page"
    assert [said in visitor.see("/inbox?tlp=green") for _ in range(2)] == [True, False]
    assert "7 objects accepted" not in visitor.see("/inbox?did=accepted&n=7")


def test_the_way_back_is_always_the_inbox():
    _, _, visitor, items = begun()
    for back in ("//evil.example/", "https://evil.example/", "\r\nset-cookie: a=b", "&".join(f"a{n}=1" for n in range(60))):
        answer = send(visitor, one=f"accept {item(items[0])}", back=back)
        assert answer.headers["location"].partition("?")[0] == "/inbox"
        assert "evil" not in answer.headers["location"]


def test_assigning():
    body, _, visitor, items = begun()
    other = Visitor(body, name="second")
    assert send(visitor, do="assign", to="second", item=[item(items[0])]).status_code == 303
    assert [each["id"] for each in other.data("/inbox.json?assigned=second")["items"]] == [items[0]["id"]]
    assert send(visitor, do="assign", to="nobody-of-ours", item=[item(items[0])]).status_code == 404


def test_a_colleague_was_quicker():
    body, _, visitor, items = begun()
    other = Visitor(body, name="second")
    drawn = visitor.data("/inbox.json")["drawn"]
    other.client.post("/inbox/triage", data={"one": f"file {item(items[0])}", "drawn": drawn})
    answer = visitor.client.post("/inbox/triage", data={"do": "accept", "item": [item(each) for each in items], "drawn": drawn})
    assert answer.status_code == 409
    assert all(word in answer.text for word in ("second", "Filed", "Accept"))
    assert list(states(visitor).values()) == ["filed", "accepted", "accepted"]
    later = visitor.data("/inbox.json")["drawn"]
    assert visitor.client.post("/inbox/triage", data={"do": "accept", "item": item(items[0]), "drawn": later}).status_code == 303
    assert list(states(visitor).values()) == ["accepted", "accepted", "accepted"]


def test_a_dispute_goes_to_the_producer():
    body, _, visitor, items = begun()
    led = send(visitor, "/inbox/triage", one=f"dispute {item(items[0])}", back="state=new")
    assert led.status_code == 303 and "csrf" not in led.headers["location"], "no secret of the session in an address"
    asked = visitor.see(led.headers["location"])
    assert 'name="why"' in asked
    assert items[0]["id"] in asked
    answer = send(visitor, "/inbox/dispute", item=[item(items[0])], why="A parked name.", opinion="strongly-disagree", back="state=new")
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox?state=new")
    opinion = opinion_id("SCO-CENTRE", items[0]["id"])
    page = body.desk.page(body.member("SCO-CENTRE").reader, Query(ids=(opinion,)))
    found = msgspec.json.decode(page.bodies[0])
    assert (found["opinion"], found["explanation"], found["object_refs"]) == ("strongly-disagree", "A parked name.", [items[0]["id"]])
    assert states(visitor)[items[0]["id"]] == "disputed"
    assert "A parked name." in visitor.see("/inbox?state=disputed")


def test_a_person_of_another_party_disputes_for_that_party():
    body, _, _, _ = begun()
    body.member("UZ")
    visitor = Visitor(body, party="UZ")
    (first, *_) = visitor.data("/inbox.json")["items"]
    assert send(visitor, "/inbox/dispute", item=[item(first)], why="no", opinion="disagree").status_code == 303
    assert opinion_id("UZ", first["id"]) in [
        row.id for row in body.world.store.by_id([opinion_id("UZ", first["id"])]) if row.origin == "UZ"
    ]
    assert triage.note(body.world, "SCO-CENTRE", first["id"]) is None


@pytest.mark.parametrize(
    ("fields", "says"),
    [({"why": ""}, "Say why."), ({"why": "x" * 2001}, "2,000 characters"), ({"opinion": "agree"}, "Choose what is wrong.")],
)
def test_a_dispute_that_says_too_little_keeps_what_was_written(fields, says):
    _, _, visitor, items = begun()
    answer = send(visitor, "/inbox/dispute", **{"item": [item(items[0])], "why": "written", "opinion": "disagree", **fields})
    assert answer.status_code == 422
    assert says in answer.text
    assert fields.get("why", "written") in answer.text
    assert states(visitor)[items[0]["id"]] == "new"


def test_nothing_chosen_to_dispute():
    _, _, visitor, _ = begun()
    assert "Choose objects in the inbox first" in visitor.see("/inbox/dispute")
    assert send(visitor, "/inbox/dispute", why="x", opinion="disagree").status_code == 422


def test_hidden_and_absent_are_refused_alike():
    body, kz, visitor, _ = begun()
    hidden = indicator()
    kz.submits(hidden, tlp="amber")
    absent = "indicator--00000000-0000-4000-8000-ffffffffffff"
    for path, fields in (("/inbox/triage", {"do": "accept"}), ("/inbox/dispute", {"why": "x", "opinion": "disagree"})):
        told = [send(visitor, path, item=f"2021-11-01T09:00:00Z {id_}", **fields) for id_ in (hidden["id"], absent)]
        assert [each.status_code for each in told] == [404, 404]
        assert told[0].text == told[1].text
    assert list(triage.notes(body.world, "SCO-CENTRE")) == []


@pytest.mark.parametrize("fields", [{"do": "delete"}, {"do": "accept", "drawn": "yesterday"}, {"one": "accept never indicator--1"}])
def test_nonsense_is_refused(fields):
    _, _, visitor, items = begun()
    assert send(visitor, **{"item": item(items[0]), **fields}).status_code == 422


def test_who_only_reads_cannot():
    body, _, _, items = begun()
    auditor = Visitor(body, role="auditor")
    assert send(auditor, one=f"accept {item(items[0])}").status_code == 404
    assert auditor.get("/inbox/dispute").status_code == 404


def test_a_dispute_names_what_a_relationship_ties():
    body, kz = body_that_reads()
    one, other = indicator(name="first end"), indicator(name="second end")
    tie = relationship(one["id"], other["id"])
    kz.submits(one, other, tie, tlp="green")
    visitor = Visitor(body)
    (row,) = (below for each in visitor.data("/inbox.json")["items"] for below in each["below"])
    assert row["id"] == tie["id"]
    page = visitor.see(f"/inbox/dispute?item={item(row)}")
    assert "first end" in page and "second end" in page and one["id"] not in page

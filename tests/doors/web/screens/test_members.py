"""The register as a party may read it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from comity.admin import users
from comity.intake.contacting import set_contact
from comity.intake.govern import add_key, add_standing
from comity.intake.registering import take
from comity.ledger.keys import LogKey, write_verifier
from comity.terms.party import Standing
from comity.terms.registry import Dispute, Entries, Position
from tests.consortium import START, Body
from tests.doors.web.visitor import Visitor


def claim(body: Body, code: str, standing: str, since: str, source: str, slug: str = "sco") -> None:
    moment = datetime.fromisoformat(since).replace(tzinfo=UTC)
    add_standing(body.world, Standing(party=code, body=slug, standing=standing, since=moment, source=source), by="test")


def register() -> Body:
    body = Body()
    claim(body, "IR", "observer", "2005-07-05", "a")
    claim(body, "IR", "member", "2021-09-17", "b")
    claim(body, "TJ", "member", "2001-06-15", "a")
    claim(body, "TJ", "observer", "2001-06-15", "b")
    claim(body, "ID", "observer", "2001-01-01", "c", "cica")
    return body


def test_the_register_as_of_a_day():
    visitor = Visitor(register())
    standings = {each["party"]: each["standing"] for each in visitor.data("/members.json?on=2010-01-01&body=sco")["members"]}
    assert standings == {"IR": "observer", "TJ": "observer"}
    assert {each["party"]: each["standing"] for each in visitor.data("/members.json")["members"]}["IR"] == "member"


def test_what_sources_say_differently_stands_side_by_side():
    data = Visitor(register()).data("/members/TJ.json")
    assert [(each["standing"], each["source"], each["conflict"]) for each in data["claims"]] == [
        ("member", "a", True),
        ("observer", "b", True),
    ]
    assert not any(each["conflict"] for each in Visitor(register()).data("/members/IR.json")["claims"])
    assert "Sources differ" in Visitor(register()).see("/members/TJ")


def test_the_table_has_every_claim_of_the_picture():
    visitor = Visitor(register())
    data = visitor.data("/members.json?view=table")
    drawn = [lane["standing"] for each in data["members"] for lane in each["lanes"]]
    assert sorted(drawn) == sorted(each["standing"] for each in data["claims"])
    page = visitor.see("/members?view=table")
    assert all(f">{each['party']}</a>" in page for each in data["claims"])


def test_what_is_no_date_is_said_beside_the_field():
    page = Visitor(register()).see("/members?on=yesterday")
    assert "This is no date" in page
    assert 'value="yesterday"' in page


def test_another_partys_person_reads_the_bodies_of_its_party():
    body = register()
    visitor = Visitor(body, party="TJ")
    assert {each["party"] for each in visitor.data("/members.json")["members"]} == {"IR", "TJ"}
    hidden, absent = visitor.get("/members/ID"), visitor.get("/members/XX")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.content == absent.content
    outsider = Visitor(body, party="ID", name="id.analyst")
    assert outsider.data("/members.json")["members"][0]["party"] == "ID"
    nobody = Visitor(body, party="XX", name="xx.analyst")
    assert nobody.data("/members.json")["members"] == []
    assert "no standing" in nobody.see("/members")


def test_keys_are_told_with_the_register():
    body = register()
    key = write_verifier(LogKey.generate("comity.example/sco/IR/n/acts").verifier)
    add_key(body.world, "IR", key, by="test")
    assert [each["key"] for each in Visitor(body, party="TJ").data("/members/IR.json")["keys"]] == [key]
    assert Visitor(body).data("/members.json")["members"][1]["keys"] == 1


def test_people_are_their_own_partys_business():
    body = register()
    users.add(body.world, "ir.contact", "IR", "point-of-contact")
    assert Visitor(body, party="TJ").data("/members/IR.json")["people"] is None
    assert Visitor(body, role="duty-officer").data("/members/IR.json")["people"] is None
    for visitor in (Visitor(body, party="IR"), Visitor(body, role="auditor")):
        assert {"name": "ir.contact", "role": "point-of-contact"} in visitor.data("/members/IR.json")["people"]


def test_a_party_stands_under_agreements():
    body = register()
    data = Visitor(body).data("/members/IR.json")
    assert [(each["agreement"], each["bound"]) for each in data["agreements_of"]] == [("test@1", True)]
    assert START - timedelta(days=1) < body.clock.at


def test_status_and_rights_are_told_apart_and_counted():
    body = register()
    launched = datetime(2010, 1, 1, tzinfo=UTC)
    add_standing(
        body.world, Standing(party="IR", body="sco", standing="acceding", since=launched, status_only=True, confidence="cited"), by="t"
    )
    visitor = Visitor(body)
    data = visitor.data("/members.json?on=2015-01-01&body=sco")
    (iran,) = [each for each in data["members"] if each["party"] == "IR"]
    assert (iran["standing"], iran["status"]) == ("observer", "acceding")
    assert dict(data["counted"]["sco"]) == {"acceding": 1, "observer": 1}
    page = visitor.see("/members?on=2015-01-01&body=sco")
    assert "acceding: 1" in page
    assert ">cited<" in visitor.see("/members/IR")


def test_a_slider_sets_the_date_where_scripts_run():
    data = Visitor(register()).data("/members.json?on=2010-01-01&body=sco")
    assert (data["days"]["first"], data["days"]["at"]) == ("2001-01-01", 3287)
    page = Visitor(register()).see("/members?on=2010-01-01&body=sco")
    assert re.search(r'<label class="slider" data-scripted hidden>.*data-slides="field-on" data-since="2001-01-01"', page)
    assert 'id="field-on"' in page


def test_what_sources_say_differently_is_shown_with_each():
    body = register()
    positions = (Position(source="gazette", says="7, <b>TJ</b> missing"), Position(source="yearbook", says="8"))
    take(body.world, Entries(disputes=(Dispute(about="the list", body="sco", parties=("TJ",), positions=positions, held="8"),)), by="test")
    for path in ("/members", "/members/TJ"):
        page = Visitor(body).see(path)
        assert "Where sources differ" in page
        assert "7, &lt;b&gt;TJ&lt;/b&gt; missing" in page
        assert re.search("The register goes by: .*8", page)
    assert "Where sources differ" not in Visitor(body).see("/members/IR")
    assert Visitor(body).data("/members.json?body=cica")["disputes"] == []
    marked = {each["party"]: each["conflict"] for each in Visitor(body).data("/members.json?body=sco")["members"]}
    assert marked == {"IR": False, "TJ": True}


def test_how_a_party_is_reached_is_shown_to_whoever_may_know_of_it():
    body = register()
    set_contact(body.world, "TJ", {"team": "TJ-CERT", "emergency": "+992 000 000 000"}, by="test")
    assert Visitor(body).data("/members/TJ.json")["contact"] == {"team": "TJ-CERT", "emergency": "+992 000 000 000"}
    assert "+992 000 000 000" in Visitor(body).see("/members/TJ")
    assert "Nothing is on record here" in Visitor(body).see("/members/IR")

"""The agreements as a party may read them."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import timedelta

from comity.intake import deeds
from comity.intake.govern import add_agreement
from tests.consortium import MEMBERS, START, Body
from tests.doors.web.visitor import Visitor

PER_PARTY = MEMBERS.replace("in_force = 2021-01-01", 'in_force = 2021-01-01\nentry = "per-party"').replace('id = "test"', 'id = "treaty"')
OTHERS = PER_PARTY.replace('id = "treaty"', 'id = "others"').replace(
    "[party.SCO-CENTRE]", "[party.UZ]\nin_force = 2021-01-01\n\n[party.SCO-CENTRE]"
)


def body_with_treaty() -> Body:
    body = Body()
    for code in ("KZ", "UZ"):
        body.member(code)
    add_agreement(body.world, PER_PARTY, "treaty", by="test")
    for act, day in (("sign", 20), ("ratify", 10)):
        deed = deeds.deed(body.world, "treaty", act, party="KZ", on=START - timedelta(days=day))
        deeds.record(body.world, deed, "test")
    return body


def test_each_party_stands_where_the_command_line_says():
    body = body_with_treaty()
    data = Visitor(body).data("/agreements/treaty@1.json")
    (kz,) = [each for each in data["life"] if each["party"] == "KZ"]
    assert kz["bound"]
    assert [(each["step"], each["word"]) for each in kz["steps"]] == [
        ("signed", "administrator"),
        ("ratified", "administrator"),
        ("in force", "administrator"),
    ]
    rows = list(csv.DictReader(io.StringIO(Visitor(body).get("/agreements/treaty@1.csv").text)))
    assert [row["step"] for row in rows if row["party"] == "KZ"] == ["signed", "ratified", "in force"]


def test_the_list_says_which_version_governs():
    body = body_with_treaty()
    add_agreement(body.world, MEMBERS.replace("version = 1", "version = 2").replace("in_force = 2021-01-01\n", ""), "draft", by="test")
    held = Visitor(body).data("/agreements.json")["held"]
    assert [(each["ref"], each["governs"]) for each in held] == [("test@2", False), ("test@1", True), ("treaty@1", True)]


def test_a_clause_has_an_address():
    page = Visitor(body_with_treaty()).see("/agreements/test@1")
    assert 'id="clause-observers"' in page
    assert "Observers receive technical information up to TLP:GREEN." in page


def test_an_id_alone_is_its_newest_version():
    assert Visitor(body_with_treaty()).data("/agreements/test.json")["agreement"]["ref"] == "test@1"


def test_an_agreement_among_others_is_not_there():
    body = body_with_treaty()
    add_agreement(body.world, OTHERS, "others", by="test")
    visitor = Visitor(body, party="KZ")
    assert "others@1" not in visitor.see("/agreements")
    hidden, absent = (visitor.get(f"/agreements/{ref}") for ref in ("others@1", "nothing@1"))
    assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content) == (404, absent.content)
    assert Visitor(body, party="UZ").get("/agreements/others@1").status_code == 200


def test_a_node_without_agreements_says_what_next():
    body = Body(agreement=None)
    page = Visitor(body).see("/agreements")
    assert "comity agreement new" in page


def test_every_language_says_it():
    visitor = Visitor(body_with_treaty())
    for lang, word in (("ru", "Соглашения"), ("zh", "协议"), ("fa", "Agreements")):
        assert word in visitor.see(f"/agreements?lang={lang}")
        assert visitor.see(f"/agreements/treaty@1?lang={lang}")


def test_no_page_names_an_agreement_among_others():
    body = body_with_treaty()
    add_agreement(body.world, OTHERS.replace('title = "Members', 'illustrative = true\ntitle = "Secret among'), "others", by="test")
    assert set(Visitor(body, party="UZ").data("/.json")["agreements"]) == {"test", "others"}
    kz = Visitor(body, party="KZ")
    assert set(kz.data("/.json")["agreements"]) == {"test", "treaty"}
    assert "Secret among" not in kz.see("/")


def test_the_text_is_a_file_of_the_hash_that_is_shown():
    visitor = Visitor(Body())
    answer = visitor.get("/agreements/test@1/text.toml")
    assert hashlib.sha256(answer.content).hexdigest() == visitor.data("/agreements/test@1.json")["agreement"]["sha256"]
    assert 'href="/agreements/test@1/text.toml"' in visitor.see("/agreements/test@1")
    assert visitor.get("/agreements/absent@1/text.toml").status_code == 404

"""The sharing desk: what is previewed is what is sent, twice looked at, to somebody; nothing typed is lost or overwritten."""

from __future__ import annotations

import html
import json
import re

import pytest

from comity.admin.sessions import IDLE
from comity.doors.web.screens import share
from comity.doors.web.screens.share import SHARING
from comity.intake.govern import add_agreement
from comity.intake.withdraw import recalls
from comity.terms.party import PEOPLE
from tests.approving import Meeting
from tests.consortium import MEMBERS, Body, indicator, report
from tests.doors.web.visitor import Visitor, link

REDACTING = MEMBERS.replace('tlp_max = "green"', 'tlp_max = "green"\nredact = "p"').replace(
    "[party", '[profile.p]\nremove = ["name"]\n[party'
)
PLAIN = {"tlp": "green", "purposes": "network-defence", "audience": "any"}


@pytest.fixture
def body():
    body = Body(agreement=REDACTING)
    body.kz, body.uz, body.ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    return body


@pytest.fixture
def ann(body):
    return Visitor(body, party="KZ", name="ann")


def begun(visitor, **data) -> str:
    answer = visitor.client.post("/share/new", data=data)
    assert answer.status_code == 303
    return answer.headers["location"]


def version(visitor, path) -> int:
    return visitor.data(path + ".json")["draft"]["version"]


def saved(visitor, path, **data):
    return visitor.client.post(path, data={**PLAIN, "version": version(visitor, path), **data})


def sends(visitor, path, **data):
    preview = visitor.data(f"{path}/preview.json")
    return visitor.client.post(
        f"{path}/send", data={"version": preview["draft"]["version"], "mark": preview["mark"], "sure": "yes", **data}
    )


def drafted(visitor, **data) -> str:
    path = begun(visitor)
    assert saved(visitor, path, **data).status_code == 303
    return path


def test_two_steps_share_what_the_preview_said(body, ann):
    path = begun(ann, text="bad.example\n203.0.113.7")
    assert saved(ann, path, text="bad.example\n203.0.113.7", title="Two hosts", then="preview").headers["location"] == f"{path}/preview"
    page, data = ann.see(f"{path}/preview"), ann.data(f"{path}/preview.json")
    assert data["reaches"] == ["IR", "UZ"]
    assert "bad[.]example" in page and "bad.example" not in page
    assert body.uz.polls() == []
    assert sends(ann, path).headers["location"] == path
    page = ann.see(path)
    assert page.count("accepted") >= 3
    assert f'action="{path}"' not in page
    decided = {(each["id"], each["party"]): each["effect"] for each in data["decisions"]}
    for member in (body.uz, body.ir):
        gets = {id_ for (id_, party), effect in decided.items() if party == member.code and effect == "permit"}
        assert gets <= set(member.reads())
    assert sum(party == "UZ" and effect == "permit" for (_, party), effect in decided.items()) == 3


def test_what_leads_to_a_person_says_that_it_waits_for_a_look(body, ann):
    path = drafted(ann, text="bad.example\nanna.b@mail.example")
    page = ann.see(f"{path}/preview")
    assert "It leads to a person: two people look first" in page.partition("<main")[2]
    assert 'href="/gate"' in page.partition("<main")[2]


def test_recipients_fields_and_clauses_are_listed(body, ann):
    text = json.dumps(indicator(name="inner name"))
    path = drafted(ann, text=text)
    rows = {each["party"]: each for each in ann.data(f"{path}/preview.json")["recipients"]}
    assert rows["UZ"]["counts"] == {"permit": 1, "redact": 0, "approve": 0, "deny": 0}
    assert (rows["UZ"]["clauses"], rows["IR"]["clauses"], rows["IR"]["left_out"]) == (["test@1/members"], ["test@1/observers"], ["name"])
    assert rows["SCO-CENTRE"]["counts"]["deny"] == 1
    page = ann.see(f"{path}/preview")
    for piece in ('id="party-IR"', "Redact", '<code dir="ltr">name</code>', "clause observers"):
        assert piece in page, piece
    lines = ann.get(f"{path}/preview.csv").text.splitlines()
    assert len(lines) == 1 + len(ann.data(f"{path}/preview.json")["decisions"])


def test_what_awaits_approval_is_not_said_to_go_and_who_gets_nothing_is_named():
    meeting = Meeting()
    ann = Visitor(meeting.body, party="KZ", name="ann")
    path = drafted(ann, text="bad.example", tlp="amber", audience="named", to=["UZ", "BY"])
    page, data = ann.see(f"{path}/preview"), ann.data(f"{path}/preview.json")
    assert (data["receives"], data["awaits"], data["passed_over"], data["at_once"]) == ([], ["UZ"], ["BY"], 0)
    for words in ("nothing goes to anybody until it is approved", "Only once it is approved: UZ", "Named, and gets nothing: BY"):
        assert words in page
    assert "goes to UZ" not in page


def test_nothing_is_sent_without_having_looked(body, ann):
    path = drafted(ann, text="bad.example")
    for sent in ({"sure": ""}, {"mark": ""}, {"mark": "0" * 64}):
        answer = sends(ann, path, **sent)
        assert answer.status_code in (409, 422)
        assert 'name="sure"' in answer.text
    assert body.uz.polls() == []
    assert ann.client.post(f"{path}/send").status_code == 422


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"text": ""}, "There is nothing to share"), ({"text": "bad.example", "tlp": "red"}, "Nobody would receive it"),
        ({"text": "bad.example", "audience": "named"}, "Nobody would receive it"), ({"ids": "indicator--x"}, "cannot be taken in"),
    ],
)  # fmt: skip
def test_an_empty_audience_cannot_be_shared_with(body, ann, data, said):
    path = drafted(ann, **data)
    page = ann.see(f"{path}/preview")
    assert said in page
    assert 'name="sure"' not in page
    assert sends(ann, path).status_code == 409
    assert body.world.store.recent(10) == [row for row in body.world.store.recent(10) if row.type.startswith("comity-")]


def test_what_changed_since_the_look_is_looked_at_again(body, ann):
    path = drafted(ann, text="bad.example")
    preview = ann.data(f"{path}/preview.json")
    add_agreement(body.world, REDACTING.replace("version = 1", "version = 2").replace('["observer"]', '["guest"]'), "v2", by="test")
    answer = ann.client.post(f"{path}/send", data={"version": preview["draft"]["version"], "mark": preview["mark"], "sure": "yes"})
    assert answer.status_code == 409
    assert "has changed since you looked" in answer.text
    assert body.uz.polls() == []
    assert sends(ann, path).status_code == 303
    assert len(body.uz.polls()) == 1


def test_two_tabs_overwrite_nothing_and_lose_nothing(body, ann):
    path = begun(ann)
    first = version(ann, path)
    ann.client.post(path, data={**PLAIN, "version": first, "text": "what one tab said"})
    answer = ann.client.post(path, data={**PLAIN, "version": first, "text": "what the other said <b>", "title": "mine"})
    assert answer.status_code == 409
    page = html.unescape(answer.text)
    assert "what one tab said" in page and "what the other said <b>" in page and "<b></pre>" not in answer.text
    assert re.search(r'name="version" value="2"', answer.text)
    assert ann.data(path + ".json")["draft"]["said"]["text"] == "what one tab said"
    assert ann.client.post(path, data={**PLAIN, "version": 2, "text": "what the other said <b>"}).status_code == 303
    stale = ann.client.post(f"{path}/send", data={"version": 1, "mark": "x", "sure": "yes"})
    assert stale.status_code == 409


def test_a_draft_survives_an_ended_session_and_what_was_being_typed_too(body, ann):
    path = drafted(ann, text="kept before")
    number = version(ann, path)
    body.clock.at += IDLE
    answer = ann.client.post(path, data={**PLAIN, "version": number, "text": "typed <i>while</i> it ended"})
    assert answer.status_code == 401
    held = re.search(r'name="held" value="([^"]+)"', answer.text)
    assert held
    ann.client.post(link(body, "ann"))
    assert ann.data(path + ".json")["draft"]["said"]["text"] == "kept before"
    again = ann.client.post("/sign-in/resume", data={"held": held[1]})
    assert "typed <i>while</i> it ended" in html.unescape(again.text)
    assert f'action="{path}"' in again.text


def test_drafts_are_their_persons_alone(body, ann):
    path = drafted(ann, text="hers alone")
    for other in (Visitor(body, party="KZ", name="bob"), Visitor(body, name="own")):
        absent = other.get("/share/000000000000")
        for ending in ("", "/preview", ".json"):
            assert other.get(path + ending).status_code == 404
        assert other.get(path).text.replace(path, "") == absent.text.replace("/share/000000000000", "")
        for act in ("", "/send", "/discard"):
            assert other.client.post(path + act, data={**PLAIN, "version": 1}).status_code in (404, 422)
        assert other.data("/share.json")["drafts"] == []
    assert [each["title"] for each in ann.data("/share.json")["drafts"]] == ["hers alone"]
    assert ann.client.post(f"{path}/discard").headers["location"] == "/share"
    assert ann.get(path).status_code == 404


@pytest.mark.parametrize("role", PEOPLE)
def test_who_shares(body, role):
    visitor = Visitor(body, party="KZ", role=role)
    assert visitor.get("/share").status_code == (200 if role in SHARING else 404)
    assert visitor.client.post("/share/new").status_code == (303 if role in SHARING else 404)
    assert ('href="/share"' in visitor.see("/account")) is (role in SHARING)


def test_a_roles_ceiling_is_told_before_anything_is_sent():
    body = Body(agreement=MEMBERS + '\n[cap.analyst]\ntlp_max = "green"\n\n[party.KZ]\n\n[party.UZ]\n')
    body.member("KZ"), body.member("UZ")
    path = drafted(Visitor(body, party="KZ", name="ann"), text="bad.example", tlp="amber")
    page = Visitor(body, party="KZ", name="ann").see(f"{path}/preview")
    assert "cannot be taken in" in page
    assert "beyond the role analyst" in page


def test_ones_own_object_is_shared_anew_and_what_changes_is_shown(body, ann):
    old = indicator(name="a host")
    body.kz.submits(old, tlp="amber")
    path = begun(ann, id=old["id"])
    assert ann.data(path + ".json")["draft"]["said"]["ids"] == [old["id"]]
    saved(ann, path, ids=old["id"])
    (change,) = ann.data(f"{path}/preview.json")["changes"]
    assert (change["gained"], change["lost"], [row[0] for row in change["rows"]]) == (["IR"], [], ["modified"])
    assert "Will also receive it: IR" in ann.see(f"{path}/preview")


def test_withdrawing_needs_a_reason_and_only_ones_own_can_be(body, ann):
    mine, theirs = indicator(), indicator()
    body.kz.submits(mine)
    body.uz.submits(theirs)
    assert "Withdraw" in ann.see(f"/share/withdraw?id={mine['id']}")
    for id_ in (theirs["id"], "indicator--x", ""):
        assert ann.get(f"/share/withdraw?id={id_}").status_code == 404
    assert ann.client.post("/share/withdraw", data={"id": mine["id"]}).status_code == 422
    assert ann.client.post("/share/withdraw", data={"id": theirs["id"], "reason": "x"}).status_code == 404
    assert ann.client.post("/share/withdraw", data={"id": mine["id"], "reason": "a false positive"}).status_code == 303
    assert body.uz.gets(mine["id"]) == []
    (recall,) = recalls(body.world)
    assert (recall.id, recall.by, recall.reason) == (mine["id"], "ann", "a false positive")


def test_what_names_a_withdrawn_object_is_told_and_goes_with_it(body, ann, monkeypatch):
    host = indicator()
    first, beside, theirs = (report(host["id"]) for _ in range(3))
    body.kz.submits(host), body.kz.submits(first), body.kz.submits(beside), body.uz.submits(theirs)
    assert body.uz.gets(first["id"]) and body.uz.gets(beside["id"])
    asking = f"/share/withdraw?id={host['id']}"
    page = ann.see(asking)
    assert "2 objects of yours name it" in page and "a later version of it reaches no recipient" in page
    assert theirs["id"] not in page
    with monkeypatch.context() as patched:
        patched.setattr(share, "BESIDES", 1)
        assert "and 1 more" in ann.see(asking)
    sent = {"id": host["id"], "reason": "<b>wrong</b>", "besides": [first["id"], theirs["id"]]}
    answer = ann.client.post("/share/withdraw", data=sent)
    assert {each.id for each in recalls(body.world)} == {host["id"], first["id"]}
    body.kz.submits({**beside, "modified": "2021-10-02T00:00:00.000Z"})
    assert [json.loads(each)["modified"] for each in body.uz.gets(beside["id"])] == [beside["modified"]]
    page = ann.see(answer.headers["location"])
    assert "2 objects are withdrawn" in page and host["id"] in page and first["id"] in page and beside["id"] not in page
    assert "<b>wrong" not in page
    assert Visitor(body, party="UZ").get(answer.headers["location"]).status_code == 404
    assert ann.get(f"/share/withdrawn?id={beside['id']}").status_code == 404


def test_what_does_not_name_an_object_any_more_is_not_told(body, ann):
    host = indicator()
    old = report(host["id"])
    body.kz.submits(host), body.kz.submits(old)
    assert [each["id"] for each in ann.data(f"/share/withdraw.json?id={host['id']}")["besides"]] == [old["id"]]
    body.kz.submits({**old, "modified": "2021-10-02T00:00:00.000Z", "object_refs": [indicator()["id"]]})
    assert ann.data(f"/share/withdraw.json?id={host['id']}")["besides"] == []


def test_hostile_texts_are_text(body, ann):
    text = (
        '{"type":"bundle","id":"bundle--1f2e3d4c-0000-4000-8000-000000000000","objects":['
        + json.dumps(indicator(name="<img src=x onerror=alert(1)>", pattern="[file:name = '<script>alert(1)</script>']"))
        + "]}"
    )
    path = drafted(ann, text=text, title="<script>alert(2)</script>", about="</textarea><b>")
    for page in (ann.see(path), ann.see(f"{path}/preview"), ann.see("/share")):
        for piece in ("<img src=x", "<script>alert", "</textarea><b>"):
            assert piece not in page


def test_a_preview_leaves_the_log_as_it_is(body, ann):
    path = drafted(ann, text="bad.example")
    size = body.world.store.head().size
    for _ in range(3):
        ann.see(f"{path}/preview")
    assert body.world.store.head().size == size


def test_what_became_is_told_by_name(body, ann):
    path = drafted(ann, text="bad.example\n203.0.113.7", title="Two hosts")
    assert sends(ann, path).status_code == 303
    outcomes = ann.data(f"{path}.json")["outcomes"]
    assert len(outcomes) > 2
    assert all(each["title"] and "--" not in each["title"] for each in outcomes)
    assert "Two hosts" in [each["title"] for each in outcomes]
    assert all(f">{each['id']}<" not in ann.see(path) for each in outcomes)


def test_a_draft_is_listed_defanged_once_and_with_whole_values(body, ann):
    first, second = "a" * 64, "b" * 64
    begun(ann, text=f"203[.]0.113.7\n{first}\n{second}")
    begun(ann, text=second * 2)
    titles = {each["title"] for each in ann.data("/share.json")["drafts"]}
    assert titles == {f"203[.]0.113.7 {first}", second * 2}
    page = ann.see("/share")
    assert "203[.]0[.]113[.]7" in page and "[[" not in page

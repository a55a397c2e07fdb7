"""Who sees an object, field by field: equal to the API's decision, to `comity why`, and to what each party reads."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from comity import node, samples
from comity.admin import links, users
from comity.doors.site import site
from comity.intake.govern import add_agreement
from comity.intake.submit import Submitter, submit
from comity.ledger.proof import read_proof, verify
from comity.release.desk import Desk
from tests.consortium import MEMBERS, Body, drafts, indicator, relationship, report, sdo
from tests.doors.api.meeting import Meeting
from tests.doors.web.sending import Tab
from tests.doors.web.visitor import CENTRE_READS, Visitor, body_that_reads, named
from tests.release.test_copies import REDACTED

#: Of what the API says: moments, which are written in another form or are those of the question, and what is said once for all.
APART = ("on", "known", "alone", "disclosed")
WIDER = MEMBERS.replace("version = 1", "version = 2").replace('tlp_max = "green"', 'tlp_max = "amber"')


def body_with_copies() -> tuple[Body, dict[str, Any]]:
    """A centre that reads GREEN and gives observers copies without descriptions; and objects of several markings that name each other."""
    body = Body(agreement=REDACTED.replace("\n[party.SCO-CENTRE]\n", CENTRE_READS))
    kz = body.member("KZ")
    body.member("UZ")
    body.observer("IR")
    body.party("AF", "guest")
    one, other = indicator(name="one", description="secret"), sdo("malware", name="other")
    hidden = indicator(name="hidden")
    kz.submits(one, other, relationship(one["id"], other["id"]), report(one["id"], description="about it"), tlp="green")
    kz.submits(hidden, report(one["id"], hidden["id"], name="names the hidden"), tlp="amber")
    return body, one


@pytest.mark.parametrize("query", ["", "?purpose=training", "?on=2021-09-01", "?on=2031-09-01", "?known=2021-10-01T00:00:00Z"])
def test_the_panel_equals_the_api_for_all_members_and_fields(query):
    """Criterion 22: for every object that the node's own party sees, its panel is the API's answer to it, party by party."""
    body, _ = body_with_copies()
    asked = dict(part.split("=") for part in query[1:].split("&") if part)
    own = Meeting(body).caller("SCO-CENTRE")
    visitor = Visitor(body)
    ids = [item["id"] for item in own.get("/items")["items"]]
    assert len(ids) > 3
    for id_ in ids:
        told = own.get(f"/items/{id_}/audience", **{**asked, **({"on": asked["on"] + "T00:00:00Z"} if "on" in asked else {})})["items"]
        shown = {row["party"]: row for row in visitor.data(f"/o/{id_}/audience.json{query}")["audience"]}
        assert [each["party"] for each in told] == sorted(shown)
        for each in told:
            row = shown[each["party"]]
            api = {name: value for name, value in each.items() if name not in APART}
            assert {name: row[name] for name in api} == api
            assert [one["entry"] for one in row["disclosed"]] == [one["entry"] for one in each["disclosed"]]


def test_the_panel_equals_what_each_party_reads():
    body, _ = body_with_copies()
    readers = {member.code: member for member in (body.member("KZ"), body.member("UZ"), body.observer("IR"), body.party("AF", "guest"))}
    reads = {code: member.reads() for code, member in readers.items()}
    visitor = Visitor(body)
    copies = 0
    for id_ in [item["id"] for item in Meeting(body).caller("SCO-CENTRE").get("/items")["items"]]:
        for row in visitor.data(f"/o/{id_}/audience.json")["audience"]:
            if row["party"] not in readers:
                continue
            assert (row["effect"] == "permit") == bool(readers[row["party"]].gets(id_)), (id_, row["party"])
            if row["effect"] == "redact":
                copies += 1
                assert row["copy"] in reads[row["party"]]
                (given,) = readers[row["party"]].gets(row["copy"])
                assert set(json.loads(given)) == {name for name, effect in row["fields"].items() if effect == "permit"}
    assert copies


@pytest.mark.parametrize("ending", ["json", "csv", "ndjson"])
def test_every_twin_has_all_parties_and_fields(ending):
    body, item = body_with_copies()
    visitor = Visitor(body)
    shown = visitor.data(f"/o/{item['id']}/audience.json")["audience"]
    text = visitor.get(f"/o/{item['id']}/audience.{ending}").text
    if ending == "csv":
        rows = list(csv.DictReader(io.StringIO(text)))
        assert [(row["party"], row["effect"], row["fields.description"]) for row in rows] == [
            (row["party"], row["effect"], row["fields"]["description"]) for row in shown
        ]
    else:
        rows = json.loads(text)["audience"] if ending == "json" else [json.loads(line) for line in text.splitlines()]
        assert [(row["party"], row["effect"], row["fields"]) for row in rows] == [
            (row["party"], row["effect"], row["fields"]) for row in shown
        ]


def test_the_page_shows_each_party_and_each_fate():
    body, item = body_with_copies()
    named(body, "UZ", "member", "Uzbekistan")
    page = Visitor(body).see(f"/o/{item['id']}/audience?fields=each")
    assert "MISP: distribution" in page
    assert "Uzbekistan" in page
    assert "Members receive technical information up to TLP:AMBER." in page
    for party, effect in (("UZ", "✓</span> Permit"), ("IR", "◐</span> Redacted copy"), ("AF", "✕</span> Deny")):
        row = re.search(rf'id="party-{party}".*?</tr>', page, re.DOTALL)
        assert row is not None
        assert effect in row[0]
    redacted = re.search(r'id="party-IR".*?</tr>', page, re.DOTALL)
    assert redacted is not None
    assert redacted[0].count("◐</span> Redact</span>") == 1
    assert "Left out of the copy: Description" in redacted[0]


@pytest.fixture
def kept(comity: Any, tmp_path: Path) -> tuple[Any, str, Tab]:
    """A node on disk with an item of KZ, its command line, and a browser signed in to it."""
    comity("init", "--party", "SCO-CENTRE", "--standing", "partner")
    (tmp_path / "a.toml").write_bytes(samples.read("sco-ict-sample.toml"))
    comity("agreement", "add", "a.toml")
    for party, standing in (("KZ", "member"), ("UZ", "member"), ("IR", "observer")):
        comity("party", "add", "--party", party, "--body", "sco", "--standing", standing, "--from", "2001-06-15")
    item = indicator()
    (tmp_path / "i.json").write_text(json.dumps(item))
    comity("add", "i.json", "--as", "KZ", "--tlp", "amber")
    world = node.open_node(tmp_path / "node")
    users.add(world, "kz.analyst", "KZ", "analyst")
    client = Tab(site(Desk(world)), base_url="http://localhost", follow_redirects=False)
    client.post(f"/enter/{links.create(world, 'kz.analyst')}")
    return comity, item["id"], client


@pytest.mark.parametrize("asked", [{}, {"purpose": "training"}, {"on": "2021-09-01"}])
def test_comity_why_says_what_the_panel_says(kept, asked):
    """Criterion 40."""
    comity, id_, client = kept
    asked = {"on": "2022-03-01", **asked}
    rows = client.get(f"/o/{id_}/audience.json", params=asked).json()["audience"]
    assert {"KZ", "UZ", "IR"} <= {row["party"] for row in rows}
    for row in rows:
        options = [part for name, text in asked.items() for part in (f"--{name}", text)]
        said = json.loads(comity("why", id_, row["party"], *options).stdout)
        said["disclosed"] = [{**each, "entry": None} for each in said["disclosed"]]
        assert {name: row[name] for name in said} == said
        lines = comity("why", id_, row["party"], *options, "-o", "table").stdout.decode().splitlines()
        assert [line.removeprefix("  - ") for line in lines[1 : 1 + len(row["sentences"])]] == row["sentences"]


def test_a_denial_shows_clause_facts_and_next_step_and_nothing_hidden():
    """Criterion 24."""
    body = Body(agreement=MEMBERS)
    body.observer("IR")
    item, hidden = indicator(), indicator(name="a hidden name")
    list(submit(body.world, drafts([item]), Submitter(party="SCO-CENTRE", tlp="amber")))
    body.member("KZ").submits(hidden)
    visitor = Visitor(body)
    page = visitor.see(f"/o/{item['id']}/audience?effect=deny")
    assert "needs at most green, is amber" in page
    assert "Would be permitted by clause observers if TLP were at most green" in page
    assert "Clause members would permit it if recipient standing were member (is observer)" in page
    assert "Next: a new version with another marking" in page
    assert hidden["id"] not in page
    assert "a hidden name" not in page
    assert "требуется: не строже green" in visitor.see(f"/o/{item['id']}/audience?lang=ru")


def test_what_awaits_approval_is_not_said_to_be_received():
    text = MEMBERS.replace('tlp_max = "green"', 'tlp_max = "green"\nredact = "p"').replace(
        "[party", '[profile.p]\nremove = ["name"]\n[party'
    )
    body = Body(agreement=text)
    body.member("KZ")
    body.observer("IR")
    asked = indicator()
    list(submit(body.world, drafts([asked]), Submitter(party="SCO-CENTRE", tlp="green", handling=("H3",))))
    waiting = Visitor(body).see(f"/o/{asked['id']}/audience")
    assert waiting.count("◷</span> Awaits approval</span>") == 2
    assert "needs the origin&#39;s consent (H3), is not requested" in waiting
    assert "0 of 2 parties may receive it" in waiting


def test_other_parties_are_told_of_themselves_and_origins_of_all():
    body = Body(agreement=MEMBERS)
    kz, uz = body.member("KZ"), body.member("UZ")
    item = indicator()
    kz.submits(item)
    assert item["id"] in uz.reads()
    path = f"/o/{item['id']}/audience.json"
    told = Visitor(body, party="UZ").data(path)
    assert [row["party"] for row in told["audience"]] == ["UZ"]
    assert (told["everybody"], told["log"]) == (False, None)
    assert [one["entry"] for one in told["audience"][0]["disclosed"]] == [None, None]
    origin = Visitor(body, party="KZ").data(path)
    assert [row["party"] for row in origin["audience"]] == ["UZ", "SCO-CENTRE", "KZ"]
    assert all(not row["disclosed"] for row in origin["audience"])


def test_filters_and_order_are_in_the_address():
    body, item = body_with_copies()
    visitor = Visitor(body)
    path = f"/o/{item['id']}/audience"

    def parties(query: str) -> list[str]:
        return [row["party"] for row in visitor.data(f"{path}.json{query}")["audience"]]

    assert parties("?sort=party") == sorted(parties(""))
    assert parties("?sort=-party") == sorted(parties(""), reverse=True)
    assert parties("?effect=deny") == ["AF"]
    assert parties("?effect=deny&effect=redact&sort=party") == ["AF", "IR"]
    page = visitor.see(f"{path}?sort=-party&effect=permit")
    assert re.findall(r'id="party-([^"]+)"', page) == parties("?sort=-party&effect=permit")
    assert 'aria-sort="descending"' in page


# Who would, if


@pytest.mark.parametrize(
    ("query", "effect", "change"), [("tlp=green", "permit", "more"), ("tlp=red", "deny", ""), ("purpose=training", "deny", "")]
)
def test_another_marking_or_purpose(query, effect, change):
    body = Body(agreement=MEMBERS)
    kz, _ = body.member("KZ"), body.observer("IR")
    item = indicator()
    kz.submits(item)
    visitor = Visitor(body, party="KZ")
    said = visitor.data(f"/o/{item['id']}/audience.json?{query}")
    (row,) = [row for row in said["audience"] if row["party"] == "IR"]
    assert (row["effect"], row["change"], row["now"]["effect"]) == (effect, change, "deny")
    assert "Supposed, not so" in visitor.see(f"/o/{item['id']}/audience?{query}")
    only = [row["party"] for row in visitor.data(f"/o/{item['id']}/audience.json?{query}&change=1")["audience"]]
    assert ("IR" in only) == bool(change)


def test_another_text_is_tried_and_nothing_is_kept():
    body = Body(agreement=MEMBERS)
    kz, ir = body.member("KZ"), body.observer("IR")
    item = indicator()
    kz.submits(item)
    visitor = Visitor(body, party="KZ")
    answer = visitor.client.post(f"/o/{item['id']}/audience", data={"text": WIDER, "purpose": "network-defence"})
    assert answer.status_code == 200
    row = re.search(r'id="party-IR".*?</tr>', answer.text, re.DOTALL)
    assert row is not None
    assert "✓</span> Permit" in row[0]
    assert "Now: Deny. It would get more." in row[0]
    assert ir.reads() == []
    assert "✕</span> Deny" in visitor.see(f"/o/{item['id']}/audience")


@pytest.mark.parametrize("query", ["on=soon", "tlp=puce", "purpose=fun", "agreement=none@9"])
def test_a_question_that_means_nothing_is_answered_beside_how_things_stand(query):
    body, item = body_with_copies()
    visitor = Visitor(body)
    assert 'role="alert"' in visitor.see(f"/o/{item['id']}/audience?{query}")
    said, plain = (visitor.data(f"/o/{item['id']}/audience.json{end}") for end in (f"?{query}", ""))
    assert said["error"]["said"]
    assert [(row["party"], row["effect"], row["now"]) for row in said["audience"]] == [
        (row["party"], row["effect"], None) for row in plain["audience"]
    ]


def test_a_text_with_a_fault_is_given_back_with_its_line():
    body, item = body_with_copies()
    text = WIDER.replace('effect = "permit"', 'effect = "allow"')
    answer = Visitor(body).client.post(f"/o/{item['id']}/audience", data={"text": text})
    assert answer.status_code == 422
    assert re.search(r"the text, line \d+", answer.text)
    assert "effect = &#34;allow&#34;" in answer.text


def test_nobody_may_receive_says_what_to_do():
    body, kz = body_that_reads()
    body.party("AF", "guest")
    item = indicator()
    kz.submits(item)
    visitor = Visitor(body, party="KZ")
    add_agreement(
        body.world, MEMBERS.replace("version = 1", "version = 2").replace("amber", "clear").replace("green", "clear"), "v2", by="test"
    )
    page = visitor.see(f"/o/{item['id']}/audience")
    assert "Only you. Nothing leaves without an agreement." in page
    assert "Lower its marking" in page


def test_the_audience_rests_on_visible_claims_only():
    body, kz = body_that_reads()
    uz, _ = body.member("UZ"), body.observer("IR")
    item = indicator()
    kz.submits(item, tlp="green")
    before = Visitor(body).data(f"/o/{item['id']}/audience.json")["audience"]
    uz.submits({**item, "modified": "2021-10-09T00:00:00.000Z"}, tlp="amber")
    after = Visitor(body).data(f"/o/{item['id']}/audience.json")["audience"]
    assert {row["origin"] for row in after} == {"KZ"}
    assert [(row["party"], row["effect"], row["version"]) for row in after] == [
        (row["party"], row["effect"], row["version"]) for row in before
    ]


def test_a_decision_is_given_as_a_record_with_its_proof():
    body, kz = body_that_reads()
    obj = indicator()
    kz.submits(obj, tlp="green")
    answer = Visitor(body).get(f"/o/{obj['id']}/audience/decision.zip")
    assert answer.headers["content-disposition"] == 'attachment; filename="decision.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        record, proof = archive.read("decision.json"), archive.read("decision.tlog-proof")
    verify(read_proof(proof), (body.world.journal.verifier,), record)
    assert "/audience/decision.zip" in Visitor(body).get(f"/o/{obj['id']}/audience").text
    assert Visitor(body).get("/o/indicator--00000000-0000-4000-8000-00000000dead/audience/decision.zip").status_code == 404

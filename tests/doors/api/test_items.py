"""Reading items over the API: what a party sees is what release lets it see."""

from __future__ import annotations

import pytest

from comity.intake.govern import add_agreement
from comity.ledger.journal import read_entry
from comity.wire import MOST_VALUES
from tests.consortium import MEMBERS, Body, Member, indicator, report, sdo
from tests.doors.api.meeting import CENTRE, problem


@pytest.fixture
def shared(meeting):
    """What KZ has shared: an indicator to members, a report to all, one thing to IR alone."""
    member = Member(meeting.body, "KZ")
    one = indicator(pattern="[domain-name:value = 'bad.example']")
    other = report(one["id"])
    only = indicator(pattern="[domain-name:value = 'only.example']")
    member.submits(one)
    member.submits(other, tlp="green")
    member.submits(only, to=("IR",), tlp="green")
    return one, other, only


def ids(page) -> list[str]:
    return [item["id"] for item in page["items"]]


def test_each_party_sees_what_it_may(kz, uz, ir, centre, shared):
    one, other, only = (each["id"] for each in shared)
    assert ids(kz.get("/items")) == [one, other, only]
    assert ids(uz.get("/items")) == [one, other]
    assert ids(ir.get("/items")) == [only]
    assert ids(centre.get("/items")) == []


def test_what_is_said_of_an_item(uz, shared):
    item = uz.get("/items")["items"][0]
    assert (item["origin"], item["tlp"], item["purposes"], item["spec"]) == ("KZ", "amber", ["network-defence"], "2.1")
    assert item["object"] == shared[0]
    assert not {"to", "hops", "received_from", "case"} & set(item)


def test_filters(kz, uz, shared):
    one, other, only = (each["id"] for each in shared)
    assert ids(kz.get("/items", type="report")) == [other]
    assert ids(kz.get("/items", type="report,indicator")) == [one, other, only]
    assert ids(kz.get("/items", id=f"{other},{only}")) == [other, only]
    assert ids(uz.get("/items", id=only)) == []
    assert ids(kz.get("/items", whose="own")) == [one, other, only]
    assert ids(kz.get("/items", whose="shared")) == []
    first = kz.get("/items", limit=1)
    assert ids(kz.get("/items", after=first["items"][0]["added"])) == [other, only]
    assert ids(kz.get("/items", next=first["next"])) == [other, only]
    assert ids(kz.get("/items", after="2031-01-01T00:00:00Z")) == []


@pytest.mark.parametrize("value", ["bad.example", "BAD[.]example", "  bad.example "])
def test_by_value(uz, ir, shared, value):
    assert ids(uz.get("/items", value=value)) == ids(uz.get("/search", q=value)) == [shared[0]["id"]]
    assert ids(ir.get("/items", value=value)) == ids(ir.get("/search", q=value)) == []


def test_by_value_only_what_stands_now(meeting, uz):
    """A value of an earlier version is no longer what its origin says, and another party's hidden copy says nothing."""
    member = Member(meeting.body, "KZ")
    item = indicator(pattern="[domain-name:value = 'first.example']")
    member.submits(item)
    member.submits({**item, "modified": "2021-10-02T00:00:00.000Z", "pattern": "[domain-name:value = 'second.example']"})
    Member(meeting.body, "IR").submits({**item, "pattern": "[domain-name:value = 'third.example']"}, to=())
    for value, found in (("first.example", []), ("second.example", [item["id"]]), ("third.example", [])):
        assert ids(uz.get("/items", value=value)) == found
    assert ids(uz.get("/items", value="first.example", version="all")) == [item["id"]]


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
def test_a_version_beyond_all_years_is_the_askers_fault(kz, shared, moment):
    path = f"/items/{shared[0]['id']}"
    for response in (
        kz("GET", "/items", modified=moment),
        kz("GET", path, modified=moment),
        kz("GET", f"{path}/audience", modified=moment),
        kz("GET", f"{path}/why", party="UZ", modified=moment),
    ):
        assert "years 1 to 9999" in problem(response, 400)["detail"]


def test_search_by_id(uz, shared):
    assert ids(uz.get("/search", q=shared[1]["id"])) == [shared[1]["id"]]
    assert ids(uz.get("/search", q=shared[2]["id"])) == []
    assert ids(uz.get("/search", q="nothing at all")) == []


def test_mail_addresses_lead_to_people_and_are_not_looked_up(meeting, kz):
    """G6."""
    Member(meeting.body, "KZ").submits(indicator(pattern="[email-addr:value = 'someone@bad.example']"))
    assert ids(kz.get("/search", q="someone@bad.example")) == ids(kz.get("/items", value="someone@bad.example")) == []
    (said,) = kz("POST", "/search", json={"values": ["someone@bad.example"]}).json()["items"]
    assert said == {"value": "someone@bad.example", "kind": None, "known": False, "items": []}


def test_known_and_unknown(meeting, uz, ir, shared):
    asked = {"values": ["hxxp://x.example/", "bad[.]example", "only.example", "bad.example", "?"]}
    found = uz("POST", "/search", json=asked).json()["items"]
    assert [(each["value"], each["kind"], each["known"], each["items"]) for each in found] == [
        ("hxxp://x.example/", "url", False, []),
        ("bad[.]example", "domain", True, [shared[0]["id"]]),
        ("only.example", "domain", False, []),
        ("bad.example", "domain", True, [shared[0]["id"]]),
        ("?", None, False, []),
    ]
    entry = read_entry(list(meeting.body.world.store.leaves())[-1].entry)
    assert (entry.kind, entry.party, entry.count) == ("disclose", "UZ", 1)
    assert [each["known"] for each in ir("POST", "/search", json=asked).json()["items"]] == [False, False, True, False, False]


def test_many_values_at_once(uz, shared):
    values = [f"host{n}.example" for n in range(MOST_VALUES - 1)] + ["bad.example"]
    found = uz("POST", "/search", json={"values": values}).json()["items"]
    assert [each["value"] for each in found if each["known"]] == ["bad.example"]
    problem(uz("POST", "/search", json={"values": [*values, "one.more"]}), 413)
    for wrong in ({}, {"values": "x"}, {"values": []}, {"values": [1]}, {"value": ["x"]}, ["x"], {"values": ["x"], "more": 1}):
        problem(uz("POST", "/search", json=wrong), 400)
    problem(uz("POST", "/search", content=b"{", headers={"Content-Type": "application/json"}), 400)


def test_every_copy_side_by_side(meeting, kz, uz, ir):
    item = indicator()
    later = {**item, "modified": "2021-10-09T00:00:00.000Z"}
    Member(meeting.body, "KZ").submits(item, later, tlp="green")
    Member(meeting.body, "UZ").submits(item)
    Member(meeting.body, "IR").submits({**item, "name": "hidden"}, to=())
    found = meeting.caller("UZ").get(f"/items/{item['id']}")
    assert [(each["origin"], each["version"]) for each in found["items"]] == [
        ("KZ", item["modified"]),
        ("KZ", later["modified"]),
        ("UZ", item["modified"]),
    ]
    assert found["agree"] is False
    same = uz.get(f"/items/{item['id']}", modified=item["modified"])
    assert [each["origin"] for each in same["items"]] == ["KZ", "UZ"]
    assert same["agree"] is True
    assert len({each["sha256"] for each in same["items"]}) == 1
    assert [each["origin"] for each in ir.get(f"/items/{item['id']}", version="first")["items"]] == ["KZ", "IR"]
    page = uz.get(f"/items/{item['id']}", limit=2)
    assert (page["more"], len(page["items"]), len(uz.get(f"/items/{item['id']}", limit=2, next=page["next"])["items"])) == (True, 2, 1)
    problem(uz("GET", f"/items/{item['id']}", modified="2001-01-01T00:00:00Z"), 404)


def test_an_object_without_versions(meeting, uz):
    domain = {
        "type": "domain-name",
        "spec_version": "2.1",
        "id": "domain-name--ecb120bf-2694-4902-a737-62b74539a41b",
        "value": "example.com",
    }
    for code in ("KZ", "IR"):
        Member(meeting.body, code).submits(domain, tlp="green")
    assert [each["origin"] for each in uz.get(f"/items/{domain['id']}")["items"]] == ["KZ", "IR"]
    assert len(uz.get("/items", type="domain-name")["items"]) == 1


def test_the_audience_is_for_the_origin(kz, uz, centre, shared):
    path = f"/items/{shared[0]['id']}/audience"
    said = {each["party"]: each["effect"] for each in kz.get(path)["items"]}
    assert said == {"IR": "deny", "KZ": "permit", "SCO-CENTRE": "deny", "UZ": "permit"}
    problem(uz("GET", path), 403)
    problem(centre("GET", path), 404)


def test_why(kz, uz, shared):
    path = f"/items/{shared[0]['id']}/why"
    said = kz.get(path, party="IR")
    assert (said["effect"], said["rule"], said["alone"]) == ("deny", "no-clause", True)
    assert said["reasons"][0]["fact"]
    assert said["sentences"][0].startswith("IR may not receive an indicator of KZ")
    assert kz.get(path, party="UZ", on="2020-01-01T00:00:00Z")["effect"] == "deny"
    assert kz.get(path, party="UZ", purpose="statistics")["effect"] == "deny"
    assert uz.get(path, party="UZ")["effect"] == "permit"
    problem(uz("GET", path, party="IR"), 403)
    problem(uz("GET", f"/items/{shared[2]['id']}/why", party="UZ"), 404)
    problem(uz("GET", path), 400)


def test_a_members_own_node_tells_its_people_of_all_they_see():
    """There the node's own party is KZ, and what it sees it may ask everything about, what is named included."""
    import msgspec

    from comity.intake.submit import Submitter, submit
    from tests.consortium import drafts
    from tests.doors.api.meeting import Meeting

    body = Body()
    object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, party="KZ", name="KZ-sco"))
    for code in ("KZ", "UZ"):
        body.member(code)
    named = indicator()
    naming = report(named["id"])
    list(submit(body.world, drafts([named]), Submitter(party="TJ", received_from=CENTRE)))
    list(submit(body.world, drafts([naming]), Submitter(party="KZ")))
    kz = Meeting(body).caller("KZ")
    said = kz.get(f"/items/{naming['id']}/why", party="UZ")
    assert (said["effect"], said["rule"], said["alone"]) == ("deny", "references", False)
    assert kz.get(f"/items/{named['id']}/audience")["items"]


def test_other_kinds_are_items_too(meeting, uz):
    Member(meeting.body, "KZ").submits(sdo("malware"), sdo("campaign"))
    assert {item["type"] for item in uz.get("/items")["items"]} == {"malware", "campaign"}


def test_g2_a_declared_purpose_is_checked(meeting, kz):
    text = MEMBERS.replace("version = 1", "version = 2").replace('["network-defence"]', '["network-defence", "training"]')
    add_agreement(meeting.body.world, text, "next.toml", by="test")
    uz = meeting.caller("UZ", purposes=("network-defence", "training"))
    item = indicator(pattern="[domain-name:value = 'one.example']")
    Member(meeting.body, "KZ").submits(item)
    path = f"/items/{item['id']}"
    asked = [(path, {}), ("/items", {"id": item["id"]}), ("/items", {"value": "one.example"}), ("/search", {"q": "one.example"})]
    for where, params in asked:
        assert uz.get(where, **params, purpose="network-defence")["items"], where
        said = problem(uz("GET", where, **params, purpose="training"), 403)
        assert "not shared with UZ for training" in said["detail"]
        assert said["fault"] == "denied"
        # For what the token was not issued for, too.
        problem(uz("GET", where, **params, purpose="statistics"), 403)
    # Where nothing is named, purposes narrow.
    assert uz.get("/items", purpose="training")["items"] == []
    problem(uz("GET", "/items", purpose="statistics"), 403)
    problem(uz("GET", "/items", purpose="snooping"), 400)
    values = {"values": ["one.example"]}
    assert uz("POST", "/search", json=values, purpose="training").json()["items"][0]["known"] is False
    assert uz("POST", "/search", json=values, purpose="network-defence").json()["items"][0]["known"] is True
    problem(uz("POST", "/search", json=values, purpose="statistics"), 403)
    (told,) = [each for each in kz.get(f"{path}/audience")["items"] if each["party"] == "UZ"]
    assert {tuple(each["purposes"]): each["times"] for each in told["refusals"]} == {("training",): 4, ("statistics",): 4}
    # What it may not see is not there, whatever it declares.
    hidden = indicator()
    Member(meeting.body, "KZ").submits(hidden, tlp="red", to=("IR",))
    for name in (hidden["id"], "indicator--00000000-0000-4000-8000-000000000000"):
        for declared in ("training", "statistics"):
            problem(uz("GET", f"/items/{name}", purpose=declared), 404)
            assert uz.get("/items", id=name, purpose=declared)["items"] == []

"""Search: a value, an id, some words; or a list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from comity.doors.web.screens.search import parted
from tests.consortium import indicator, sdo
from tests.doors.web.visitor import Visitor, body_that_reads


def hits(visitor: Visitor, q: str) -> list[str]:
    return [item["id"] for item in visitor.client.get("/search.json", params={"q": q}).json()["items"]]


def pasted(visitor: Visitor, text: str) -> str:
    answer = visitor.client.post("/search/values", data={"values": text})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_a_value_defanged_or_not_an_id_and_words():
    body, kz = body_that_reads()
    item, malware = indicator(name="A loader"), sdo("malware", name="Emotet loader")
    kz.submits(item, malware, tlp="green")
    visitor = Visitor(body)
    for q in ("bad.example", "bad[.]example", "BAD.example."):
        assert hits(visitor, q) == [item["id"]]
    assert hits(visitor, item["id"]) == [item["id"]]
    assert hits(visitor, "loader") == [malware["id"], item["id"]]
    assert hits(visitor, "emot") == [malware["id"]]
    data = visitor.data("/search.json?q=bad[.]example")
    assert data["value"] == {"kind": "domain", "value": "bad.example"}
    assert "bad[.]example" in visitor.see("/search?q=bad.example")
    assert data["items"][0]["grounds"] == [{"agreement": "test", "clause": "centre"}]


def test_hidden_is_unknown():
    body, kz = body_that_reads()
    hidden = indicator(name="Emotet")
    kz.submits(hidden, tlp="amber")
    visitor = Visitor(body)
    absent = Visitor(body_that_reads()[0])
    for q in ("bad.example", "emotet", hidden["id"]):
        told = [each.client.get("/search.json", params={"q": q}).json() for each in (visitor, absent)]
        assert told[0]["items"] == told[1]["items"] == []
    assert visitor.data(pasted(visitor, "bad.example") + ".json")["counts"]["known"] == 0


def test_people_are_not_looked_up():
    body, kz = body_that_reads()
    kz.submits(indicator(pattern="[email-addr:value = 'me@mail.example']", name="me@mail.example"), tlp="green", person="attacker")
    visitor = Visitor(body)
    for q in ("me@mail.example", "me[at]mail[.]example"):
        assert hits(visitor, q) == []
        assert "nobody looks up people" in visitor.client.get("/search", params={"q": q}).text
    (value,) = visitor.data(pasted(visitor, "me@mail.example") + ".json")["values"]
    assert (value["kind"], value["state"], value["objects"]) == ("email", "unread", [])


def test_a_few_values_by_address():
    body, kz = body_that_reads()
    kz.submits(indicator(), tlp="green")
    data = Visitor(body).client.get("/search.json", params={"q": "bad.example, 192[.]0[.]2[.]1"}).json()
    assert [(each["value"], each["state"]) for each in data["values"]] == [("bad.example", "known"), ("192.0.2.1", "unknown")]
    assert data["items"] == []


def test_a_pasted_list_has_an_address_and_is_all_there():
    body, kz = body_that_reads()
    items = [indicator(pattern=f"[domain-name:value = 'h{number}.example']", name=f"n{number}") for number in range(3)]
    kz.submits(*items, tlp="green")
    visitor = Visitor(body)
    path = pasted(visitor, "\n".join(f"h{number}[.]example" for number in range(250)) + "\nnot-a-value\nh0.example")
    data = visitor.data(path + ".json")
    assert data["counts"] == {"all": 252, "known": 4, "unknown": 247, "unread": 1}
    assert (len(data["values"]), data["next"]) == (100, 100)
    assert data["values"][1]["objects"] == [items[1]["id"]]
    assert len(visitor.data(f"{path}.json?from=200")["values"]) == 52
    assert [each["asked"] for each in visitor.data(f"{path}.json?show=unread")["values"]] == ["not-a-value"]
    assert visitor.get(f"{path}.csv").text.count("\n") == 253
    assert visitor.get(f"{path}.ndjson?show=known").text.count("\n") == 4
    assert path in visitor.see("/search")
    assert "n1" in visitor.see(path)
    assert Visitor(body, name="somebody-else").get(path).status_code == 404


@pytest.mark.parametrize(
    ("text", "says"), [("", "no value here"), (" ,; ", "no value here"), ("\n".join(map(str, range(10_001))), "10,001 values")]
)
def test_a_list_that_is_none_keeps_what_was_pasted(text, says):
    body, _ = body_that_reads()
    answer = Visitor(body).client.post("/search/values", data={"values": text})
    assert answer.status_code == 422
    assert says in answer.text
    assert text.strip()[:20] in answer.text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a.example b.example", ["a.example", "b.example"]),
        ("a.example,b.example;192.0.2.1", ["a.example", "b.example", "192.0.2.1"]),
        ("\"a.example\", 'b.example';", ["a.example", "b.example"]),
        ("https://a.example/x,y;z", ["https://a.example/x,y;z"]),
        ("hxxps[:]//a[.]example/x\r\n2001:db8::1", ["hxxps[:]//a[.]example/x", "2001:db8::1"]),
        ("one two", ["one", "two"]),
        ("", []),
    ],
)
def test_how_a_text_is_parted(text, found):
    assert parted(text) == found


def test_nothing_found_says_what_to_do():
    body, _ = body_that_reads()
    page = Visitor(body).see("/search?q=nowhere.example")
    assert "comity match" in page
    assert "Unknown" in page


def test_what_was_made_of_it_is_told():
    body, kz = body_that_reads()
    item = indicator()
    kz.submits(item, tlp="green")
    visitor = Visitor(body)
    found: dict[str, Any] = visitor.data("/inbox.json")["items"][0]
    visitor.client.post("/inbox/triage", data={"one": f"accept {found['arrived']} {found['id']}", "drawn": "2021-11-02T00:00:00Z"})
    assert visitor.data("/search.json?q=bad.example")["items"][0]["state"] == "accepted"


def test_filters_are_in_the_address():
    body, kz = body_that_reads()
    uz = body.member("UZ")
    first, family = indicator(name="heron host"), sdo("malware", name="heron family")
    theirs = indicator(name="heron of UZ")
    kz.submits(first, tlp="green")
    kz.submits(family, tlp="clear")
    middle = body.clock.at
    body.clock.at += timedelta(days=2)
    uz.submits(theirs, tlp="green")
    visitor = Visitor(body)

    def found(query: str) -> set[str]:
        return {each["id"] for each in visitor.data(f"/search.json?q=heron{query}")["items"]}

    assert found("") == {first["id"], family["id"], theirs["id"]}
    assert found("&type=malware") == {family["id"]}
    assert found("&tlp=green") == {first["id"], theirs["id"]}
    assert found("&tlp=green&origin=KZ") == {first["id"]}
    day = f"{middle + timedelta(days=1):%Y-%m-%d}"
    assert (found(f"&since={day}"), found(f"&until={day}")) == ({theirs["id"]}, {first["id"], family["id"]})
    assert found("&type=tool") == found("&since=yesterday") == set()
    assert "Nothing fits these filters" in visitor.see("/search?q=heron&type=tool")
    assert "This is no date" in visitor.see("/search?q=heron&since=yesterday")
    assert '<option value="malware" selected>' in visitor.see("/search?q=heron&type=malware")
    assert [each["id"] for each in visitor.data(f"/search.json?q={first['id']}&type=malware")["items"]] == []

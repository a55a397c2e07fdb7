"""Items as plain data."""

from __future__ import annotations

from comity.doors.web.items import LISTED, ground, heading, mentioned, properties, titled, unsaid
from comity.doors.web.show import SHOWN
from comity.doors.web.words import Words
from comity.terms.tlp import TLP2_IDS
from tests.consortium import indicator, relationship, sdo, sighting

EN, RU = Words("en"), Words("ru")


def title(obj, names=None, words=EN):
    return titled(words, heading(obj, names or {}))


def test_titles():
    named, bare = indicator(name="A name"), indicator()
    link = relationship(named["id"], bare["id"])
    assert title(named) == "A name"
    assert title(bare) == "bad.example"
    assert title({"type": "domain-name", "value": "x.example"}) == "x.example"
    assert title(link, {named["id"]: "A name", bare["id"]: "bad.example"}) == "A name indicates bad.example"
    assert title(link, {named["id"]: "A name", bare["id"]: "bad.example"}, RU) == "A name указывает на bad.example"
    assert title({**link, "relationship_type": "sells-to"}, words=RU).split()[1:3] == ["sells", "to"]
    assert title(link).startswith("indicator--")
    assert title(sighting(named["id"]), {named["id"]: "A name"}, RU) == "Обнаружение: A name"
    assert title({"type": "comity-standing", "party": "IR", "standing": "observer", "body": "sco"}, words=RU) == "IR: наблюдатель, sco"
    assert title({"type": "malware"}) == "Malware without a name"
    assert title({"type": "x-odd", "name": "  "}) == "x-odd without a name"


def test_properties_in_reading_order_with_forms():
    obj = indicator(
        name="n",
        description="d",
        confidence=65,
        revoked=False,
        object_marking_refs=[TLP2_IDS["amber"]],
        kill_chain_phases=[{"kill_chain_name": "k", "phase_name": "p"}],
        x_deep={"a": {"b": 1}},
    )
    found = {each["name"]: (each["form"], each["value"]) for each in properties(obj)}
    assert list(found)[:2] == ["description", "pattern"]
    assert found["pattern"][0] == "pattern"
    assert found["valid_from"][0] == "moment"
    assert found["confidence"] == ("text", "65")
    assert found["revoked"] == ("flag", False)
    assert found["kill_chain_phases"] == ("list", ["k p"])
    assert found["x_deep"][0] == "json"
    assert not {"id", "type", "name", "object_marking_refs"} & set(found)


def test_hashes_are_lines_and_long_lists_are_cut():
    (found,) = properties({"type": "file", "hashes": {"MD5": "00"}})
    assert (found["form"], found["value"]) == ("list", ["MD5: 00"])
    (found,) = properties({"type": "report", "object_refs": ["x"] * (LISTED + 3)})
    assert (found["form"], len(found["value"]), found["more"]) == ("refs", LISTED, 3)


def test_what_is_mentioned_begins_with_the_author():
    obj = sdo("report", object_refs=["malware--1", "malware--2"], created_by_ref="identity--1")
    assert mentioned(obj) == ["identity--1", "malware--1", "malware--2"]


def test_grounds_and_values():
    assert ground("sample/art-4.1") == {"agreement": "sample", "clause": "art-4.1"}
    assert ground("built-in/own") == {"agreement": None, "clause": "own"}
    values = [{"kind": "domain", "value": "a.example"}, {"kind": "ipv4", "value": "192.0.2.1"}]
    assert unsaid(values, "a.example|b") == values[1:]
    assert sdo("note")["type"] == "note"


def test_long_texts_are_shortened_and_say_so():
    obj = {
        "type": "note",
        "content": "x" * (SHOWN + 1),
        "x_list": ["y" * (SHOWN - 1), "zz", "w"],
        "x_short": "v" * SHOWN,
        "x_json": {"a": [["u" * SHOWN]]},
    }
    found = {each["name"]: (each["value"], each["cut"]) for each in properties(obj)}
    assert found["content"] == ("x" * SHOWN, True)
    assert found["x_list"] == (["y" * (SHOWN - 1), "z"], True)
    assert found["x_short"] == ("v" * SHOWN, False)
    assert len(found["x_json"][0]) == SHOWN
    assert found["x_json"][1]

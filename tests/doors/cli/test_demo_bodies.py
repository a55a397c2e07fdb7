"""Who is to have what in the federation demo: the numbers that a person can check, and that nothing of it comes from `agree`."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from comity.agree.agreement import read
from comity.doors.cli import demo_bodies
from comity.doors.cli.demo_bodies import AWAY, CICA, KINDS, SCO, crosses, entitled, home, hubs, items, raw, register, texts
from comity.forms import stix_json
from comity.terms.item import Draft


def test_27_and_8_of_which_8_are_both():
    assert (len(set(CICA)), len(set(SCO)), len(set(SCO) & set(CICA))) == (27, 8, 8)
    assert sum(len(hubs(party)) for party in CICA) == 35
    assert {home(party) for party in SCO} == {"sco"}
    assert len(register().standings) == 35


def test_the_texts_can_be_read_and_bind_every_member():
    found = [read(text, name=name) for name, text in texts()]
    assert [each.kind for each in found] == ["agreement", "agreement", "protocol"]
    assert {each.entry for each in found} == {"all"}


def test_items_differ_and_are_stix():
    made = list(items(540))
    assert len({item.obj["id"] for item in made}) == 540
    assert all(isinstance(draft, Draft) for item in made for draft in stix_json.read(raw(item)))
    assert Counter(item.origin for item in made) == dict.fromkeys(CICA, 20)
    assert {item.kind for item in made} == {kind for kind, *_ in KINDS}


def test_who_is_to_have_what():
    found = {(item.origin, item.kind): item for item in items(len(CICA) * len(KINDS))}
    number = {key: len(entitled(item)) for key, item in found.items()}
    assert [number["KZ", kind] for kind in ("green", "amber", "named", "malware", "kept close")] == [26, 7, 3, 7, 7]
    assert [number["KR", kind] for kind in ("green", "amber", "malware", "kept close")] == [25, 0, 25, 25]
    assert entitled(found["KR", "named"]) == set(found["KR", "named"].to or ()) & set(SCO)
    assert {number[AWAY, kind] for kind, *_ in KINDS} == {0}
    assert AWAY in entitled(found["KZ", "green"])
    assert AWAY not in entitled(found["KR", "green"])
    assert [crosses(found["KZ", kind]) for kind in ("green", "amber", "named", "malware", "kept close")] == [
        True,
        False,
        True,
        False,
        False,
    ]
    assert not crosses(found[AWAY, "green"])


def test_nothing_of_it_comes_from_the_decisions_it_is_compared_with():
    tree = ast.parse(Path(demo_bodies.__file__).read_text("utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [name for name in imported if name and "agree" in name]

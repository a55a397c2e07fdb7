"""Choosing shortcuts: by a form, one's own, refused where a key would have two meanings."""

from __future__ import annotations

import pytest

from comity.admin import shortcuts, users
from comity.doors.web.words import Words
from tests.doors.web.visitor import Visitor, body_that_reads


@pytest.fixture
def body():
    body, _ = body_that_reads()
    return body


@pytest.fixture
def ann(body):
    return Visitor(body, name="ann")


def keys(visitor):
    return {each["name"]: each["key"] for each in visitor.data("/account/keys.json")["keys"]}


def test_a_person_chooses_keys_and_every_page_has_them(body, ann):
    kept = ann.client.post("/account/keys", data={"nav.log": "q", "key.next": "n", "key.palette": "ctrl+j", "single": "yes"})
    assert kept.headers["location"] == "/account/keys"
    assert ann.client.head("/account/keys").status_code == 200
    assert ["Your keys are kept" in ann.see("/account/keys") for _ in range(2)] == [True, False], "said once"
    assert (keys(ann)["nav.log"], keys(ann)["key.next"], keys(ann)["key.previous"]) == ("q", "n", "k")
    page = ann.see("/log")
    assert 'data-key="q"' in page and 'data-key="g l"' not in page
    assert 'data-key="Ctrl+j" data-act="palette"' in page and "<kbd>Ctrl+j</kbd>" in page
    assert 'data-key="g l"' in Visitor(body, name="bob").see("/log"), "they are hers alone"
    assert 'data-key="q"' in Visitor(body, name="ann").see("/log"), "at every browser"


def test_two_meanings_are_refused_and_nothing_is_kept(body, ann):
    ann.client.post("/account/keys", data={"nav.log": "q", "single": "yes"})
    for lang, word in (("en", "This is the key of"), ("ru", "Это клавиша действия"), ("zh", "的按键相同")):
        refused = ann.client.post(f"/account/keys?lang={lang}", data={"key.next": "k", "inbox.file": "Tab", "single": "yes"})
        assert refused.status_code == 422
        assert word in refused.text and Words(lang)("key.previous") in refused.text
        assert refused.text.count('aria-invalid="true"') == 2
        assert 'value="Tab"' in refused.text, "what was written stays"
    assert (keys(ann)["nav.log"], keys(ann)["key.next"]) == ("q", "j")


def test_single_keys_are_switched_off_and_all_is_reset(body, ann):
    ann.client.post("/account/keys", data={"nav.log": "q"})
    assert 'data-keys="off"' in ann.see("/log")
    assert 'name="single" value="yes" checked' not in ann.see("/account/keys")
    assert 'data-keys="off"' not in Visitor(body, name="bob").see("/log")
    ann.client.post("/account/keys/reset")
    assert 'data-keys="off"' not in ann.see("/log")
    assert (keys(ann)["nav.log"], ann.data("/account/keys.json")["changed"]) == ("g l", False)


def test_with_the_person_goes_what_they_chose(body, ann):
    ann.client.post("/account/keys", data={"nav.log": "q"})
    ann_ = users.find(body.world, "ann")
    assert shortcuts.of(body.world, ann_).keys == {"nav.log": "q"}
    users.remove(body.world, "ann")
    assert shortcuts.of(body.world, ann_).keys == {}

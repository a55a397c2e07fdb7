"""Words: one form for every script, and none that lead to persons."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.terms.words import LONGEST, MOST, asked, found_by, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Emotet-loader v2.1", ["emotet", "loader", "v2", "1"]),
        ("na\u00efve \u0401\u043b\u043a\u0430 STRASSE stra\u00dfe", ["naive", "\u0435\u043b\u043a\u0430", "strasse", "strasse"]),
        ("\u9493\u9c7c\u57df\u540d", ["\u9493\u9c7c", "\u9c7c\u57df", "\u57df\u540d", "\u540d"]),
        ("APT\u9493\u9c7c", ["apt", "\u9493\u9c7c", "\u9c7c"]),
        ("CVE-2021-44228", ["cve", "2021", "44228"]),
        ("bad.example", ["bad", "example"]),
        ("\ud800 ok", ["ok"]),
        ("", []),
        ("!!! _ --", []),
    ],
)
def test_the_words_of_a_text(text, found):
    assert words(text) == found


@pytest.mark.parametrize(
    "private", ["me@mail.example", "me[at]mail.example", "me(at)mail.example", "+7 701 123-45-67", "b" * (LONGEST + 1)]
)
def test_what_leads_to_a_person_is_no_word(private):
    assert words(f"call {private} now") == ["call", "now"]
    assert asked(private) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Emot", ("emot*",)),
        ("em", ("em",)),
        ("emotet load", ("emotet", "load*")),
        ("emotet ", ("emotet",)),
        ("\u9493\u9c7c\u57df", ("\u9493\u9c7c", "\u9c7c\u57df")),
        ("\u9c7c", ("\u9c7c*",)),
        ("a a aaa aaa", ("a", "aaa", "aaa*")),
        ("  ", ()),
    ],
)
def test_what_is_looked_for(text, found):
    assert asked(text) == found


@given(st.text(max_size=60))
def test_a_text_is_found_by_each_of_its_words(text):
    every = words(text)
    for word in asked(text):
        assert any(each.startswith(word[:-1]) for each in every) if word.endswith("*") else word in every


@given(st.text(max_size=60))
def test_words_are_letters_and_digits(text):
    assert all(word.isalnum() or not word.isascii() for word in words(text))
    assert not any(set(word) & set('"*\0 ') for word in words(text))


def test_an_object_is_found_by_what_it_is_called_and_described_with():
    obj = {"type": "malware", "name": "QakBot", "aliases": ["Qbot", 7], "description": "A banking trojan", "labels": "no list"}
    assert found_by(obj) == ("qakbot", "a", "banking", "trojan", "qbot")
    assert found_by({"type": "note", "content": " ".join(f"w{number}" for number in range(100))}) == tuple(f"w{n}" for n in range(MOST))
    assert found_by({"type": "relationship"}) == ()


@pytest.mark.parametrize(
    "obj",
    [
        {"type": "identity", "name": "A Person", "identity_class": "individual"},
        {"type": "identity", "name": "A Person"},
        {"type": "email-addr", "value": "me@mail.example", "display_name": "Me"},
        {"type": "user-account", "name": "me"},
    ],
)
def test_persons_are_not_found(obj):
    assert found_by(obj) == ()
    assert found_by({"type": "identity", "name": "An Agency", "identity_class": "organization"}) == ("an", "agency")


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("[domain-name:value = 'bank-alert.example']", ("bank", "alert", "example")),
        ("[url:value = 'http://me:pw@login.example:8080/users/anna?to=b']", ("login", "example")),
        ("[domain-name:value IN ('a.example', 'b.example')]", ("a", "example", "b")),
        ("[file:name = 'invoice.exe' AND file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']", ("invoice", "exe")),
        ("[email-addr:value = 'anna@mail.example']", ()),
        ("[user-account:account_login = 'anna']", ()),
        ("[file:name = 'anna@mail.example.docx']", ()),
    ],
)
def test_an_indicator_is_found_by_hosts_and_files_of_its_pattern(pattern, found):
    assert found_by({"type": "indicator", "pattern": pattern}) == found
    assert found_by({"type": "report", "pattern": pattern}) == ()

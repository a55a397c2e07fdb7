"""`comity party key`."""

from __future__ import annotations

import json

import pytest

from comity.ledger.note import LogKey, write_verifier


@pytest.fixture
def uz_key(comity):
    comity("init", "--party", "SCO-CENTRE")
    comity("init", "--party", "UZ", node="uz")
    return json.loads(comity("party", "key", "show", node="uz").stdout)["key"]


def listed(comity) -> list[tuple[str, str]]:
    return [(row["party"], row["key"]) for row in map(json.loads, comity("party", "key", "list").stdout.splitlines())]


def test_a_key_is_entered_listed_and_given_up(comity, uz_key):
    assert comity("party", "key", "show", "-o", "table", node="uz").stdout.decode().strip() == uz_key
    assert listed(comity) == []
    comity("party", "key", "add", "--party", "uz", "--key", uz_key)
    assert b"as before" in comity("party", "key", "add", "--party", "UZ", "--key", uz_key).stderr
    assert listed(comity) == [("UZ", uz_key)]
    id_ = uz_key.split("+")[1]
    comity("party", "key", "drop", "--party", "KZ", "--key", id_, code=3)
    comity("party", "key", "drop", "--party", "UZ", "--key", id_)
    assert listed(comity) == []


def test_a_key_that_is_named_as_anothers_is_remarked_on(comity, uz_key):
    assert b"note: the key's name" not in comity("party", "key", "add", "--party", "UZ", "--key", uz_key).stderr
    said = comity("party", "key", "add", "--party", "KZ", "--key", uz_key).stderr
    assert b"says that it is a key of UZ, not of KZ" in said
    assert sorted(listed(comity)) == [("KZ", uz_key), ("UZ", uz_key)]
    log = write_verifier(LogKey.generate("comity.example/sco/UZ/UZ-sco").verifier)
    assert b"is not that of a key for acts" in comity("party", "key", "add", "--party", "UZ", "--key", log).stderr


def test_a_malformed_key_is_refused(comity, uz_key):
    assert b"not a verifier key" in comity("party", "key", "add", "--party", "UZ", "--key", uz_key[:-1], code=8).stderr
    comity("party", "key", "drop", "--party", "UZ", "--key", uz_key, code=3)

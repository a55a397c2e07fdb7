"""`comity token`: shown once, scoped, expiring, revocable."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def node(comity):
    comity("init", "--party", "KZ")
    return comity


def test_the_text_is_shown_once_and_kept_nowhere(node, tmp_path):
    made = json.loads(node("token", "create", "--party", "UZ", "--expires", "90d").stdout)
    secret = made["token"].rsplit("_", 1)[1]
    assert len(secret) == 64
    assert secret.encode() not in b"".join(path.read_bytes() for path in (tmp_path / "node").rglob("*") if path.is_file())
    (listed,) = (json.loads(line) for line in node("token", "list").stdout.splitlines())
    assert (listed["id"], listed["party"]) == (made["id"], "UZ")


def test_revoked_is_gone(node):
    made = json.loads(node("token", "create", "--party", "UZ").stdout)
    node("token", "revoke", made["id"])
    assert node("token", "list").stdout == b""
    node("token", "revoke", made["id"], code=3)


@pytest.mark.parametrize(
    "option", [("--scope", "approve"), ("--purpose", "surveillance"), ("--tlp", "purple"), ("--expires", "soon"), ("--party", "?")]
)
def test_unknown_words_are_usage_errors(node, option):
    arguments = {"--party": "UZ", option[0]: option[1]}
    node("token", "create", *(part for pair in arguments.items() for part in pair), code=2)


def test_a_party_that_the_register_does_not_know_is_noted(node):
    assert b"does not know the party ZZ" in node("token", "create", "--party", "ZZ").stderr
    assert b"does not know" not in node("token", "create", "--party", "KZ").stderr


def test_a_person_has_a_token_of_their_own_that_may_approve(node):
    node("user", "add", "uz.contact1", "--party", "UZ", "--role", "point-of-contact")
    made = json.loads(node("token", "create", "--user", "uz.contact1", "--scope", "api:read,approve").stdout)
    assert (made["party"], made["user"], made["scopes"]) == ("UZ", "uz.contact1", ["api:read", "approve"])
    assert b"uz.contact1 (UZ)" in node("token", "create", "--user", "uz.contact1").stderr
    refused = node("token", "create", "--party", "UZ", "--scope", "approve", code=2)
    assert b"a tool may not approve" in refused.stderr and b"--user" in refused.stderr
    node("token", "create", "--user", "nobody", code=3)
    assert b"--user" in node("token", "create", code=2).stderr


def test_a_token_can_be_written_to_a_file_instead(node, tmp_path):
    done = node("token", "create", "--party", "UZ", "--out", "uz.token")
    assert done.stdout == b"" and b"written to uz.token" in done.stderr
    secret = (tmp_path / "uz.token").read_text()
    assert secret.startswith("cmt_") and secret.strip().encode() not in done.stderr
    node("token", "create", "--party", "UZ", "--out", "uz.token", code=6)
    assert (tmp_path / "uz.token").read_text() == secret
    assert len(node("token", "list").stdout.splitlines()) == 1

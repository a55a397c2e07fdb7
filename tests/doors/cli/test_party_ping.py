"""`comity party ping`: sent here, answered with a person's token."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def centre(comity):
    comity("init", "--party", "SCO-CENTRE", "--standing", "guest")
    comity("party", "add", "--party", "KZ", "--body", "sco", "--standing", "member", "--from", "2001-06-15")
    return comity


def test_a_ping_is_answered_by_a_person(centre, tmp_path):
    sent = centre("party", "ping", "send", "KZ")
    id_ = json.loads(sent.stdout)["ping"]
    assert f"comity party ping answer {id_}".encode() in sent.stderr
    centre("party", "ping", "answer", id_, code=5)
    centre("user", "add", "kz.contact1", "--party", "KZ", "--role", "point-of-contact")
    token = str(tmp_path / "token")
    centre("token", "create", "--user", "kz.contact1", "--scope", "approve", "--out", token)
    assert json.loads(centre("party", "ping", "answer", id_, "--token-file", token).stdout)["answered"] is True
    (row,) = [json.loads(line) for line in centre("party", "ping", "list").stdout.splitlines()]
    assert (row["answered"], row.get("seconds")) == (True, None)
    assert centre("fsck").returncode == 0


def test_nobody_unknown_is_pinged(centre):
    centre("party", "ping", "send", "ZZ", code=3)

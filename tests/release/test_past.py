"""Past disclosures of an object version, from the log."""

from __future__ import annotations

import hashlib

import msgspec

from comity.release.past import past
from tests.consortium import Body, indicator


def sha(obj):
    return hashlib.sha256(msgspec.json.encode(obj)).digest()


def test_who_received_which_version_when_and_by_what():
    body = Body()
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer("IR")
    old = indicator()
    new = {**old, "modified": "2021-10-02T00:00:00.000Z"}
    kz.submits(old, tlp="green")
    uz.polls()
    kz.submits(new, tlp="green")
    uz.polls()
    first = body.world.store.head().size
    ir.polls()
    assert {party: [each.agreements for each in told] for party, told in past(body.desk, [sha(old)]).items()} == {"UZ": [("test/members",)]}
    found = past(body.desk, [sha(new)])
    assert set(found) == {"UZ", "IR"}
    assert found["IR"][0].entry == first
    assert found["UZ"][0].at < found["IR"][0].at
    assert set(past(body.desk, [sha(new)], since=first)) == {"IR"}
    assert len(past(body.desk, [sha(old), sha(new)])["UZ"]) == 2


def test_what_was_refused_or_only_accepted_is_no_disclosure():
    body = Body()
    kz, ir = body.member("KZ"), body.observer("IR")
    item = indicator()
    kz.submits(item, tlp="amber")
    assert kz.reads() == [item["id"]]
    assert ir.gets(item["id"]) == []
    body.desk.flush()
    assert past(body.desk, [sha(item)]) == {}

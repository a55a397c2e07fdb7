"""Past disclosures of an object version, from the log."""

from __future__ import annotations

import hashlib

import msgspec

from comity.release.past import past
from tests.consortium import MEMBERS, Body, indicator, sdo


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
    assert {party: [each.agreements for each in told] for party, told in past(body.desk, [sha(old)]).items()} == {
        "UZ": [("test@1/members",)]
    }
    found = past(body.desk, [sha(new)])
    assert set(found) == {"UZ", "IR"}
    assert found["IR"][0].entry == first
    assert found["UZ"][0].at < found["IR"][0].at
    assert set(past(body.desk, [sha(new)], since=first)) == {"IR"}
    assert len(past(body.desk, [sha(old), sha(new)])["UZ"]) == 2


def test_of_a_page_under_several_clauses_those_of_the_object_are_named():
    body = Body(MEMBERS.replace("[[clause]]", """[[clause]]
id = "tools"
text = "Members receive tools up to TLP:AMBER."
effect = "permit"
to = { standing = ["member"] }
types = ["tool"]
tlp_max = "amber"

[[clause]]""", 1).replace('"@threat"', '"indicator"'))  # fmt: skip
    kz, uz = body.member("KZ"), body.member("UZ")
    item, other = indicator(), sdo("tool", name="scanner")
    rows = [body.world.store.by_id([outcome.id])[0] for outcome in kz.submits(item, other)]
    assert len(uz.polls()) == 2
    for row, clause in zip(rows, ("test@1/members", "test@1/tools"), strict=True):
        ((told,),) = past(body.desk, [row.sha], row.leaf, row.base).values()
        assert told.agreements == (clause,)
        ((told,),) = past(body.desk, [row.sha], row.leaf).values()
        assert told.agreements == ("test@1/members", "test@1/tools")


def test_what_was_refused_or_only_accepted_is_no_disclosure():
    body = Body()
    kz, ir = body.member("KZ"), body.observer("IR")
    item = indicator()
    kz.submits(item, tlp="amber")
    assert kz.reads() == [item["id"]]
    assert ir.gets(item["id"]) == []
    body.desk.flush()
    assert past(body.desk, [sha(item)]) == {}

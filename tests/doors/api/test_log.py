"""The log over the API: for the node's own party, with a scope of its own."""

from __future__ import annotations

import pytest

from comity.ledger import audit
from comity.ledger.export import read_head, read_leaf
from comity.ledger.keys import read_verifier
from comity.ledger.proof import read_proof, verify
from tests.consortium import Member, indicator
from tests.doors.api.meeting import CENTRE, problem

PATHS = ["/log/head", "/log/entries", "/log/entries/0", "/log/proof?of=0", "/log/copy"]


@pytest.mark.parametrize("path", PATHS)
def test_nobody_elses(meeting, kz, centre, path):
    """Its size and order tell when others share something."""
    path, _, of = path.partition("?of=")
    params = {"of": of} if of else {}
    problem(kz("GET", path, **params), 403)
    problem(meeting.caller(CENTRE, ("api:read",))("GET", path, **params), 403)
    assert centre("GET", path, **params).status_code == 200


def test_head_and_entries(meeting, centre):
    Member(meeting.body, "KZ").submits(indicator())
    head = centre.get("/log/head")
    found = centre.get("/log/entries", limit=1_000)
    assert (len(found["items"]), found["more"]) == (head["size"], False)
    assert [entry["index"] for entry in found["items"]] == list(range(head["size"]))
    pages, cursor = [], None
    while not pages or cursor:
        page = centre.get("/log/entries", limit=2, **({"next": cursor} if cursor else {}))
        pages += page["items"]
        cursor = page["next"]
    assert pages == found["items"]
    assert centre.get("/log/entries", first=head["size"] - 1)["items"] == found["items"][-1:]
    assert centre.get("/log/entries", first=head["size"] + 5) == {"items": [], "more": False, "next": None}
    assert centre.get("/log/entries/1") == found["items"][1]
    for absent in (head["size"], "x", "-1", "0x1", "9" * 30):
        problem(centre("GET", f"/log/entries/{absent}"), 404)


def test_the_copy_is_the_whole_log_and_can_be_checked_elsewhere(meeting, centre):
    Member(meeting.body, "KZ").submits(indicator())
    said = centre.get("/log/head")
    head, *leaves = centre("GET", "/log/copy").content.splitlines(keepends=True)
    report = audit.verify(map(read_leaf, leaves), read_head(head), read_verifier(said["key"]), origin=said["origin"])
    assert (report.ok, report.size, report.root) == (True, said["size"], said["root"])


def test_proofs(meeting, centre):
    item = indicator()
    Member(meeting.body, "KZ").submits(item)
    key = read_verifier(centre.get("/log/head")["key"])
    assert verify(read_proof(centre("GET", "/log/proof", of="0").content), [key]).index == 0
    proven = verify(read_proof(centre("GET", "/log/proof", of=item["id"]).content), [key])
    assert proven.entry.kind == "accept"
    problem(centre("GET", "/log/proof", of="9999"), 404)
    problem(centre("GET", "/log/proof", of=indicator()["id"]), 404)


def test_a_table(centre):
    head, first, *_ = centre("GET", "/log/entries", headers={"Accept": "text/csv"}).text.splitlines()
    assert head == "index,hash,kind,at,party,actor,count,agreements,detail,why"
    assert first.startswith("0,")

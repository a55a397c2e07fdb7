"""The data that pages are drawn from."""

from __future__ import annotations

import base64

import pytest

from comity.doors.web.pages import Pages, steps
from comity.ledger.erasure import erase_entry
from comity.ledger.leaf import entry_hash
from comity.ledger.merkle import inclusion_proof, root
from comity.ledger.note import open_note
from tests.consortium import indicator
from tests.doors.web.visitor import body_that_reads


def test_the_frame_names_the_node_and_its_samples():
    body, _ = body_that_reads()
    frame = Pages(body.desk).frame()
    assert frame["node"]["party"] == "SCO-CENTRE"
    assert frame["illustrative"] == ["Members and observers"]
    assert frame["agreements"]["test"]["object"].startswith("comity-agreement--")


def test_home_facts():
    body, kz = body_that_reads()
    kz.submits(indicator(), tlp="green")
    kz.submits(indicator(), tlp="amber")
    home = Pages(body.desk).home(None, None)
    assert home["counts"] == {"total": 1, "more": False, "by_type": {"indicator": 1, "comity-agreement": 1, "comity-standing": 1}}
    assert home["parties"] == ["KZ", "SCO-CENTRE"]
    assert home["log"] == {"size": 4, "root": body.world.store.head().root.hex()}
    assert not home["begin"]
    (item,) = home["items"]
    assert item["grounds"] == [{"agreement": "test", "clause": "centre"}]
    assert (item["origin"], item["tlp"]) == ("KZ", "green")


def test_the_audience_equals_what_each_party_reads():
    body, kz = body_that_reads()
    others = [body.member("UZ"), body.observer("IR"), body.party("AF", "guest")]
    item = indicator()
    kz.submits(item, tlp="green")
    found = {one["party"]: one["effect"] for one in Pages(body.desk).object(item["id"], None)["audience"]}
    for member in (kz, *others):
        assert found[member.code] == ("permit" if item["id"] in member.reads() else "deny")


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13])
def test_the_steps_lead_to_the_root(size):
    leaves = [bytes([number]) * 32 for number in range(size)]
    for index in range(size):
        path = inclusion_proof(leaves, index)
        found = steps(leaves[index], index, size, path)
        assert [step["hash"] for step in found] == [part.hex() for part in path]
        assert (found[-1]["result"] if found else leaves[0].hex()) == root(leaves).hex()


def test_an_entry_can_be_checked_from_its_page_alone():
    body, kz = body_that_reads()
    kz.submits(indicator())
    for index in range(body.world.store.head().size):
        data = Pages(body.desk).entry(index)
        assert entry_hash(bytes.fromhex(data["salt"]), data["canonical"].encode()).hex() == data["leaf"]
        checkpoint = open_note(data["checkpoint"].encode(), (body.world.journal.verifier,))
        assert (checkpoint.size, checkpoint.root.hex()) == (data["size"], data["root"])
        assert data["steps"][-1]["result"] == data["root"]
        assert base64.b64decode(data["proof"]["checkpoint"]).decode() == data["checkpoint"]


def test_an_erased_entry_is_named_as_such():
    body, kz = body_that_reads()
    kz.submits(indicator())
    body.world.store._leaves[1] = erase_entry(body.world.store._leaves[1])
    data = Pages(body.desk).entry(1)
    assert (data["kind"], data["proof"]) == (None, None)
    assert data["steps"][-1]["result"] == data["root"]
    assert any(entry["kind"] is None for entry in Pages(body.desk).log(None)["entries"])


def test_the_log_shows_own_reads_as_counts():
    body, kz = body_that_reads()
    kz.submits(indicator(), tlp="green")
    pages = Pages(body.desk)
    pages.home(None, None)
    body.desk.flush()
    newest = pages.log(None)["entries"][0]
    assert (newest["kind"], newest["reads"]) == ("access", 1)

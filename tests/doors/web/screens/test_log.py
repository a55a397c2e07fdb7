"""The log's pages."""

from __future__ import annotations

import pytest

from comity.admin import publishing
from comity.admin.publishing import Witness
from comity.doors.web.screens.log import KINDS, steps
from comity.doors.web.words.catalogue import texts
from comity.ledger.erasure import erase_entry
from comity.ledger.keys import COSIGNATURE, LogKey, write_verifier
from comity.ledger.leaf import entry_hash
from comity.ledger.merkle import root
from comity.ledger.note import open_note, read_note
from comity.ledger.proof import read_proof, verify
from comity.ledger.tiles import inclusion, listed
from comity.ledger.witness import cosignature, write_answer
from tests.consortium import indicator
from tests.doors.web.visitor import Visitor, body_that_reads


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13])
def test_the_steps_lead_to_the_root(size):
    leaves = [bytes([number]) * 32 for number in range(size)]
    for index in range(size):
        path = inclusion(listed(leaves), index, size)
        found = steps(leaves[index], index, size, path)
        assert [step["hash"] for step in found] == [part.hex() for part in path]
        assert (found[-1]["result"] if found else leaves[0].hex()) == root(leaves).hex()


def test_an_entry_can_be_checked_from_its_page_alone():
    body, kz = body_that_reads()
    kz.submits(indicator())
    visitor = Visitor(body)
    for index in range(body.world.store.head().size):
        data = visitor.data(f"/log/{index}.json")
        assert entry_hash(bytes.fromhex(data["salt"]), data["canonical"].encode()).hex() == data["leaf"]
        checkpoint = open_note(data["checkpoint"].encode(), (body.world.journal.verifier,))
        assert (checkpoint.size, checkpoint.root.hex()) == (data["size"], data["root"])
        assert data["steps"][-1]["result"] == data["root"]
        assert read_proof(data["proof"].encode()).checkpoint.decode() == data["checkpoint"]


def test_an_erased_entry_is_named_as_such():
    body, kz = body_that_reads()
    kz.submits(indicator())
    visitor = Visitor(body)
    body.world.store._leaves[1] = erase_entry(body.world.store._leaves[1])
    data = visitor.data("/log/1.json")
    assert (data["kind"], data["proof"]) == (None, None)
    assert data["steps"][-1]["result"] == data["root"]
    assert any(entry["kind"] is None for entry in visitor.data("/log.json")["entries"])


def test_the_log_shows_own_reads_as_counts():
    body, kz = body_that_reads()
    kz.submits(indicator(), tlp="green")
    visitor = Visitor(body)
    visitor.data("/.json")
    body.desk.flush()
    newest = visitor.data("/log.json")["entries"][0]
    assert (newest["kind"], newest["reads"]) == ("access", 1)


def test_entries_are_found_by_what_the_address_asks():
    body, kz = body_that_reads()
    item = indicator()
    kz.submits(item, tlp="green")
    visitor = Visitor(body)

    def kinds(query: str) -> list[str]:
        return [entry["kind"] for entry in visitor.data(f"/log.json?{query}")["entries"]]

    assert kinds("kind=accept") == ["accept"]
    assert kinds("party=kz") == ["accept"]
    assert kinds(f"id={item['id']}") == ["accept"]
    assert kinds("id=indicator--0") == kinds("kind=erase") == kinds("until=2021-10-31") == kinds("since=2021-11-02") == []
    assert len(kinds("since=2021-11-01&until=2021-11-01")) == len(kinds(""))
    assert "/log?" not in visitor.see("/log?kind=erase")
    assert visitor.data("/log.json")["signed"].startswith("2021-11-01T09:00:")


def test_a_proof_is_the_file_that_the_program_checks():
    body, kz = body_that_reads()
    kz.submits(indicator())
    answer = Visitor(body).get("/log/1/proof")
    assert answer.headers["content-disposition"] == 'attachment; filename="entry-1.tlog-proof"'
    proven = verify(read_proof(answer.content), (body.world.journal.verifier,))
    assert proven.checkpoint.size == body.world.store.head().size
    assert Visitor(body).get("/log/999/proof").status_code == 404


@pytest.mark.parametrize("lang", ["en", "ru", "zh"])
def test_every_kind_of_entry_has_a_name(lang):
    assert [kind for kind in KINDS if texts(lang).gettext(f"kind.{kind}") == f"kind.{kind}"] == []


def test_the_log_says_who_cosigned_what_is_published():
    body, _ = body_that_reads()
    visitor = Visitor(body)
    assert visitor.data("/log.json")["witnesses"] == []
    assert texts("en").gettext("log.unwitnessed") in visitor.get("/log").text
    for number, party in enumerate(("UZ", "KG")):
        key = LogKey(f"comity.example/{party}/witness", bytes([number]) * 32, COSIGNATURE)
        witness = Witness(name=party.lower(), url="https://w.example", key=write_verifier(key.verifier), party=party)
        publishing.add_witness(body.world, witness, "test")
    publishing.publish(body.world)
    for number, party in enumerate(("UZ", "KG")):
        key = LogKey(f"comity.example/{party}/witness", bytes([number]) * 32, COSIGNATURE)
        asked = publishing.submission(body.world, party.lower())
        made = cosignature(read_note(asked.checkpoint), key, 1_700_000_000)
        publishing.answered(body.world, party.lower(), asked, write_answer([made]))
        data = visitor.data("/log.json")
        assert data["witnessed"] is (number == 1)
        assert {"name": party.lower(), "party": party, "at": "2023-11-14T22:13:20.000000Z"} in data["witnesses"]
        assert (texts("en").gettext("log.one_witness") in visitor.get("/log").text) is (number == 0)

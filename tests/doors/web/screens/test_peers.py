"""The page about links to other Comity nodes."""

from __future__ import annotations

import msgspec
import pytest

from comity.intake.claimed import record
from comity.intake.submit import Submitter, submit
from comity.intake.withdraw import withdraw
from comity.ledger.keys import LogKey
from comity.peer import book, certificate, enrol
from comity.peer.identity import Identity, write
from comity.peer.partner import change
from tests.consortium import drafts, indicator
from tests.doors.web.visitor import Visitor, body_that_reads


def node(party: str) -> str:
    key = LogKey.generate(f"comity.example/sco/{party}/requests-0")
    made = Identity(
        party=party, body="sco", name=f"{party}-sco", turn=0, requests=key.verifier, parcels=key.verifier,
        tls=certificate.certificate(certificate.make()),
    )  # fmt: skip
    return write(made)


@pytest.fixture
def met():
    body, kz = body_that_reads()
    with body.world.store.write() as tx:
        for party in ("KZ", "UZ", "TJ"):
            book.put(tx, book.Peer(name=party.lower(), party=party, kind="comity", url="", user="", token="", node=node(party)))
        change(body.world, tx, "kz", made=5, reached=3, applied=7, heard=1_700_000_000_000_000)
        change(body.world, tx, "uz", problem="<b>it was altered</b> at http://uz.example/")
    enrol.revoke(body.world, "tj", "stolen")
    return body, kz


def test_how_links_stand(met):
    body, _ = met
    rows = {each["name"]: each for each in Visitor(body).data("/peers.json")["links"]}
    assert {name: each["state"] for name, each in rows.items()} == {"kz": "good", "uz": "bad", "tj": "ended"}
    assert (rows["kz"]["sent"], rows["kz"]["behind"], rows["kz"]["received"], rows["kz"]["calls"]) == (3, 2, 7, False)
    assert rows["tj"]["problem"] == "stolen"
    page = Visitor(body).see("/peers")
    assert "<b>it was altered" not in page
    health = {each["name"]: each for each in Visitor(body).data("/ops.json")["links"]}
    assert {name: (bool(each["tried"]), each["good"]) for name, each in health.items()} == {
        "kz": (True, True), "uz": (False, False), "tj": (False, True),
    }  # fmt: skip
    assert "отозвана" in Visitor(body).see("/peers?lang=ru")
    assert "已撤销" in Visitor(body).see("/peers?lang=zh")


def test_why_something_did_not_arrive(met):
    body, kz = met
    body.member("UZ")
    made = indicator()
    kz.submits(made, tlp="green")
    visitor = Visitor(body)
    asked = visitor.data(f"/peers.json?id={made['id']}&party=uz")["asked"]
    assert (asked["party"], asked["state"]) == ("UZ", "link_down")
    assert "it was altered" in asked["why"]
    hidden = visitor.data(f"/peers.json?id={indicator()['id']}&party=UZ")["asked"]
    assert (hidden["state"], hidden["why"]) == (None, "")
    assert visitor.data("/peers.json")["asked"] is None
    for lang in ("en", "ru", "zh"):
        assert made["id"] in visitor.see(f"/peers?lang={lang}&id={made['id']}&party=UZ")


def test_where_origins_say_different_things(met):
    body, kz = met
    uz = body.member("UZ")
    seen, hidden = indicator(), indicator()
    for party, tlp in ((kz, "green"), (uz, "green")):
        party.submits({**seen, "name": party.code}, tlp=tlp)
        party.submits({**hidden, "name": party.code}, tlp="amber")
    assert "No two origins" in Visitor(body).see("/peers")
    record(body.world)
    said = Visitor(body).data("/peers.json")
    assert [(each["id"], [one["origin"] for one in each["claims"]]) for each in said["conflicts"]] == [(seen["id"], ["KZ", "UZ"])]
    page = Visitor(body).see("/peers")
    assert f"{seen['id']}/claims" in page and hidden["id"] not in page


def test_who_has_answered_what_was_taken_back(met):
    body, kz = met
    made = indicator()
    own = Submitter(party="SCO-CENTRE", tlp="green")
    assert [each.outcome for each in submit(body.world, drafts([made]), own)] == ["accepted"]
    kz.reads()
    withdraw(body.world, "SCO-CENTRE", made["id"], reason="a false positive")
    kz.submits(other := indicator(), tlp="green")
    withdraw(body.world, "KZ", other["id"])
    (recall,) = Visitor(body).data("/peers.json")["recalls"]
    assert (recall["id"], recall["reason"]) == (made["id"], "a false positive")
    assert [(each["party"], each["state"]) for each in recall["parties"]] == [("KZ", "silent")]
    assert "a false positive" in Visitor(body).see("/peers?lang=zh")


def test_an_objects_page_says_what_was_taken_back_of_it(met):
    body, _ = met
    made, own = indicator(), Submitter(party="SCO-CENTRE", tlp="green")
    later = {**made, "modified": "2021-10-02T00:00:00.000Z"}
    for each in (made, later):
        assert [one.outcome for one in submit(body.world, drafts([each]), own)] == ["accepted"]
    assert Visitor(body).data(f"/o/{made['id']}.json")["recalls"] == []
    withdraw(body.world, "SCO-CENTRE", made["id"], versions=("last",), reason="too early")
    (recall,) = Visitor(body).data(f"/o/{made['id']}.json")["recalls"]
    assert (recall["version"], recall["parties"]) == (later["modified"], [])
    assert "too early" in Visitor(body).see(f"/o/{made['id']}")
    assert Visitor(body, party="KZ").data(f"/o/{made['id']}.json")["recalls"] == []


def test_other_links_are_elsewhere_and_none_is_said():
    body, _ = body_that_reads()
    assert "comity peer invite" in Visitor(body).see("/peers")
    book.add_peer(body.world, book.Peer(name="x", party="UZ", url="https://uz.example/", user="u", token="secret"))
    data = Visitor(body).data("/peers.json")
    assert (data["links"], data["others"]) == ([], 1)
    assert msgspec.json.encode(data).find(b"secret") < 0


def test_it_is_for_people_of_the_nodes_own_party(met):
    body, _ = met
    other = Visitor(body, party="KZ")
    assert other.get("/peers").status_code == other.get("/nothing-of-the-sort").status_code

"""Guardrail G2: a purpose is declared, carried and accountable."""

from __future__ import annotations

import msgspec
import pytest

from comity.errors import Denied
from comity.ledger.journal import read_entry
from comity.release import account, purpose
from comity.release.explain import why
from comity.release.holdings import own_reader
from comity.release.purpose import declared, narrowed
from comity.release.select import Query
from comity.release.sight import Reader
from tests.consortium import MEMBERS, Body, indicator, relationship

BOTH = ("network-defence", "training")
#: Clauses for both purposes.
TEXT = MEMBERS.replace('purposes = ["network-defence"]', 'purposes = ["network-defence", "training"]')


@pytest.fixture
def body():
    return Body(TEXT)


@pytest.fixture
def kz(body):
    return body.member("KZ")


@pytest.fixture
def uz(body):
    """UZ with a token for network defence and training."""
    body.member("UZ")
    return Reader(party="UZ", body="sco", purposes=BOTH, client="tool")


def asks(body, reader, purposes, obj):
    return [row.id for _, row in declared(body.desk, reader, purposes, Query(ids=(obj["id"],))).found]


def entries(body, kind):
    found = (read_entry(leaf.entry) for leaf in body.world.store.leaves())
    return [entry for entry in found if entry.kind == kind]


def test_g2_what_was_shared_for_a_purpose_is_given_for_it(body, kz, uz):
    item = indicator()
    kz.submits(item, purposes=("network-defence",))
    assert asks(body, uz, ("network-defence",), item) == [item["id"]]
    assert asks(body, uz, BOTH, item) == [item["id"]]
    assert entries(body, "refuse") == []


def test_g2_a_mismatch_on_what_the_asker_sees_is_refused_and_logged_and_its_producer_told(body, kz, uz):
    item = indicator()
    kz.submits(item, purposes=("network-defence",))
    for _ in range(2):
        with pytest.raises(Denied, match="for training"):
            asks(body, uz, ("training",), item)
    # Logged, with the purposes declared; nothing was given.
    logged = entries(body, "refuse")
    assert [(entry.party, entry.count, entry.detail["purposes"]) for entry in logged] == [("UZ", 1, ["training"])] * 2
    assert entries(body, "disclose") == []
    # The producer is told, and the party itself, and nobody else.
    (told,) = account.why(body.desk, kz.reader, item["id"], "UZ", BOTH).refusals
    assert (told.purposes, told.times) == (("training",), 2)
    assert {each.party: len(each.refusals) for each in account.audience(body.desk, kz.reader, item["id"], BOTH)}["UZ"] == 1
    assert account.why(body.desk, uz, item["id"], "UZ", BOTH).refusals == (told,)
    assert why(body.desk, item["id"], uz).as_json()["refusals"][0]["times"] == 2
    assert why(body.desk, item["id"], kz.reader).refusals == ()


def test_g2_a_purpose_that_a_token_was_not_issued_for_is_refused_for_what_it_sees(body, kz, uz):
    item = indicator()
    kz.submits(item, purposes=(*BOTH, "criminal-investigation"))
    with pytest.raises(Denied, match="criminal-investigation"):
        asks(body, uz, ("criminal-investigation",), item)
    with pytest.raises(Denied):
        asks(body, uz, ("network-defence", "criminal-investigation"), item)
    assert len(entries(body, "refuse")) == 2
    with pytest.raises(Denied, match="may not be used"):
        narrowed(uz, ("criminal-investigation",))
    assert narrowed(uz, ("training",)).purposes == ("training",)


@pytest.mark.parametrize("purposes", [("network-defence",), ("criminal-investigation",)])
def test_g2_on_what_it_may_not_see_it_is_simply_not_found(body, kz, uz, purposes):
    hidden = indicator()
    kz.submits(hidden, tlp="red", to=("IR",), purposes=("training",))
    assert asks(body, uz, purposes, hidden) == asks(body, uz, purposes, indicator()) == []
    assert account.why(body.desk, kz.reader, hidden["id"], "UZ", BOTH).refusals == ()
    # As for any hidden object that is asked for by name, the log says so later, without purposes.
    body.desk.flush()
    assert [entry.detail for entry in entries(body, "refuse")] == [{}]


def test_g2_what_it_holds_is_refused_on_its_own_node_too():
    body = Body(TEXT)
    object.__setattr__(body.world, "settings", msgspec.structs.replace(body.world.settings, party="UZ", name="UZ-sco"))
    body.member("UZ")
    item, other = indicator(), indicator()
    body.member("KZ").submits(item, purposes=("network-defence",), received_from="SCO-CENTRE")
    body.member("KZ").submits(other, purposes=("training",), received_from="SCO-CENTRE")
    own = own_reader(body.desk)
    assert asks(body, own, ("network-defence",), item) == [item["id"]]
    with pytest.raises(Denied):
        asks(body, own, ("training",), item)
    # A tool of its own for network defence alone meets nothing else.
    tool = own_reader(body.desk, ("network-defence",))
    assert [row.id for _, row in body.desk.page(tool, Query()).found] == [item["id"]]
    assert asks(body, tool, ("network-defence",), other) == []


def test_g2_under_h1_there_is_no_judicial_use(body, kz):
    body.member("UZ")
    reader = Reader(party="UZ", body="sco", purposes=("network-defence", "criminal-investigation"))
    item = indicator()
    kz.submits(item, purposes=("network-defence", "criminal-investigation"), handling=("H1",))
    assert asks(body, reader, ("network-defence",), item) == [item["id"]]
    with pytest.raises(Denied):
        asks(body, reader, ("criminal-investigation",), item)


def test_the_origin_uses_its_own_for_what_it_may_declare(body, kz):
    item = indicator()
    kz.submits(item, purposes=("network-defence",))
    own = msgspec.structs.replace(kz.reader, purposes=BOTH)
    assert asks(body, own, ("training",), item) == [item["id"]]
    with pytest.raises(Denied):
        asks(body, own, ("statistics",), item)
    # There is nobody to tell.
    assert why(body.desk, item["id"], kz.reader).refusals == ()


def test_of_several_copies_those_shared_for_it_are_given(body, kz, uz):
    tj = body.member("TJ")
    item = indicator()
    kz.submits(item, purposes=("network-defence",))
    tj.submits({**item, "name": "another"}, purposes=("training",))
    page = declared(body.desk, uz, ("training",), Query(ids=(item["id"],), copies=True))
    assert [row.origin for _, row in page.found] == ["TJ"]


def test_the_end_of_a_page_is_no_refusal(body, kz, uz):
    item = indicator()
    kz.submits(item, purposes=("network-defence",))
    last = declared(body.desk, uz, ("network-defence",), Query(ids=(item["id"],))).found[-1][0]
    assert declared(body.desk, uz, ("training",), Query(ids=(item["id"],), after=last)).found == []
    assert entries(body, "refuse") == []


def test_what_names_what_was_not_shared_for_it_is_not_given_for_it(body, kz, uz):
    item = indicator()
    kz.submits(item, purposes=("network-defence",))
    link = relationship(item["id"], item["id"])
    kz.submits(link, purposes=BOTH)
    assert asks(body, uz, ("network-defence",), link) == [link["id"]]
    with pytest.raises(Denied):
        asks(body, uz, ("training",), link)


def test_a_refusal_and_its_record_are_one(body, kz, uz, monkeypatch):
    item = indicator()
    kz.submits(item, purposes=("network-defence",))
    size = body.world.store.head().size
    monkeypatch.setattr(purpose, "_key", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        asks(body, uz, ("training",), item)
    assert body.world.store.head().size == size

"""Taking back one's own: what goes, what stays, what the log and a recall say of it, and that nobody learns anything of others' items."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin import logbook
from comity.admin.fsck import fsck
from comity.intake import withdraw as module
from comity.intake.withdraw import held, recalls, received, withdraw
from comity.ledger.journal import Opening, read_entry
from comity.release.select import Query
from comity.terms.stix import AGREEMENT_TYPE
from tests.consortium import Body, indicator, relationship, report, sdo

DATES = [f"2021-10-0{day}T00:00:00.000Z" for day in (1, 5, 9)]


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    assert list(fsck(body.world)) == []
    assert logbook.verify(body.world).ok
    body.world.store.close()


@pytest.fixture
def kz(body):
    return body.member("KZ")


@pytest.fixture
def uz(body):
    return body.member("UZ")


def kinds(body: Body) -> list[str]:
    return [read_entry(leaf.entry).kind for leaf in body.world.store.leaves()]


def versions(member, id_: str) -> list[str]:
    page = member.body.desk.object(member.reader, Query(ids=(id_,), versions=("all",)))
    return [row.version for _, row in page.found]


def test_it_is_gone_for_all_with_its_bytes_and_index(body, kz, uz):
    item, other = indicator(pattern="[domain-name:value = 'gone.example']"), indicator()
    kz.submits(item, other)
    (row,) = body.world.store.by_id([item["id"]])
    assert len(withdraw(body.world, "KZ", item["id"])) == 1
    assert kz.reads() == uz.reads() == [other["id"]]
    assert kz.gets(item["id"]) == uz.gets(item["id"]) == []
    store = body.world.store
    assert store.by_id([item["id"]]) == []
    assert store.bodies([row.item]) == store.envelopes([row.item]) == store.values([row.item]) == {}


def test_the_log_and_a_record_say_so(body, kz):
    item = indicator()
    kz.submits(item)
    (row,) = body.world.store.by_id([item["id"]])
    (recall,) = withdraw(body.world, "KZ", item["id"], by="token 12")
    assert (recall.party, recall.id, recall.version, recall.by) == ("KZ", item["id"], item["modified"], "token 12")
    assert (recall.sha, recall.entered, recall.withdrawn) == (row.sha.hex(), row.leaf, body.world.store.head().size - 1)
    (leaf,) = body.world.store.leaves(recall.withdrawn)
    entry = read_entry(leaf.entry)
    assert (entry.kind, entry.party, entry.actor, entry.count) == ("withdraw", "KZ", "token 12", 1)
    assert Opening(records=leaf.opening).hashes() == [bytes.fromhex(recall.item)]
    assert recalls(body.world) == recalls(body.world, item["id"]) == recalls(body.world, recall.name) == [recall]
    assert recalls(body.world, "indicator--0") == []


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        (("last",), [0, 1]), (("first",), [1, 2]), (("first", "last"), [1]), (("all",), []), ((DATES[1],), [0, 2]),
        (("2021-10-05T00:00:00Z", "last"), [0]), (("2020-01-01T00:00:00Z",), [0, 1, 2]), (("2020-01-01T00:00:00Z", "first"), [1, 2]),
    ],
)  # fmt: skip
def test_by_version(body, kz, uz, wanted, left):
    item = indicator()
    kz.submits(*({**item, "modified": at} for at in (DATES[1], DATES[0], DATES[2])))
    gone = withdraw(body.world, "KZ", item["id"], versions=wanted)
    assert sorted(recall.version for recall in gone) == [at for n, at in enumerate(DATES) if n not in left]
    for member in (kz, uz):
        assert sorted(versions(member, item["id"])) == [DATES[n] for n in left]


def test_by_specification_all_unless_said(body, kz):
    new = indicator()
    old = {key: value for key, value in new.items() if key not in ("spec_version", "pattern_type")} | {
        "labels": ["benign"],
        "modified": DATES[2],
    }
    kz.submits(new, old)
    assert withdraw(body.world, "KZ", new["id"], versions=("all",), specs={"2.2"}) == []
    assert [recall.version for recall in withdraw(body.world, "KZ", new["id"], specs={"2.1"})] == [new["modified"]]
    assert [recall.version for recall in withdraw(body.world, "KZ", new["id"])] == [DATES[2]]


def test_what_waited_behind_it_under_one_version_goes_with_it(body, kz):
    item = indicator()
    kz.submits(item)
    kz.submits({**item, "name": "the same version with other content, in quarantine"})
    assert len(withdraw(body.world, "KZ", item["id"])) == 2
    assert kz.gets(item["id"], versions=("all",)) == []


def test_an_observable_has_one_version_for_each_time_it_said_something_else(body, kz):
    name = {"type": "domain-name", "spec_version": "2.1", "id": "domain-name--ecb120bf-2694-4902-a737-62b74539a41b", "value": "example.com"}
    kz.submits(name)
    kz.submits({**name, "x_more": 1})
    assert len(withdraw(body.world, "KZ", name["id"], versions=("last",))) == 1
    assert len(withdraw(body.world, "KZ", name["id"])) == 1
    assert withdraw(body.world, "KZ", name["id"]) == []


def test_nothing_of_anybody_elses(body, kz, uz):
    item = indicator()
    kz.submits(item)
    before = body.world.store.head().size
    for party in ("UZ", "SCO-CENTRE", "", "kz"):
        assert withdraw(body.world, party, item["id"], versions=("all",)) == []
    assert body.world.store.head().size == before
    uz.submits(item)
    assert len(withdraw(body.world, "UZ", item["id"])) == 1
    assert len(uz.gets(item["id"])) == 1  # KZ's


def test_what_has_expired_is_not_there(body, kz):
    item = indicator()
    kz.submits(item, expires=body.clock() + timedelta(hours=1))
    body.clock.at += timedelta(hours=2)
    assert withdraw(body.world, "KZ", item["id"]) == []


def test_rules_are_not_withdrawn(body, kz):
    (row, *_) = body.world.store.by_type(AGREEMENT_TYPE)
    assert withdraw(body.world, row.origin, row.id) == []
    assert body.world.store.by_id([row.id]) == [row]


def test_many_versions_are_several_entries(body, kz, monkeypatch):
    monkeypatch.setattr(module, "MAX_OBJECTS", 2)
    item = indicator()
    kz.submits(*({**item, "modified": f"2021-10-01T00:00:00.00{n}Z"} for n in range(5)))
    gone = withdraw(body.world, "KZ", item["id"], versions=("all",))
    assert kinds(body)[-3:] == ["withdraw"] * 3
    assert len({recall.name for recall in gone}) == 5
    assert recalls(body.world) == gone


def test_what_named_it_stays_as_it_is(body, kz, uz):
    one, other = indicator(), indicator()
    link = relationship(one["id"], other["id"])
    kz.submits(one, other, link)
    assert link["id"] in uz.polls()
    withdraw(body.world, "KZ", one["id"])
    assert set(uz.reads()) == {other["id"], link["id"]}
    assert uz.polls() == []


def test_old_cursors_go_on_and_see_nothing_new(body, kz, uz):
    first = indicator()
    kz.submits(first, *(indicator() for _ in range(6)))
    before = uz.page(limit=3)
    kz.submits({**first, "modified": DATES[2]})
    uz.polls()
    withdraw(body.world, "KZ", first["id"], versions=("last",))  # the later version: the earlier is the last again, behind the cursor
    withdraw(body.world, "KZ", before.found[-1][1].id)
    assert uz.polls() == []
    assert len(uz.page(after=before.found[-1][0]).found) == 4
    assert uz.gets(first["id"])


def test_sent_again_it_is_a_new_arrival(body, kz, uz):
    item = indicator()
    kz.submits(item)
    uz.polls()
    (before,) = body.world.store.by_id([item["id"]])
    for _ in range(3):
        withdraw(body.world, "KZ", item["id"])
        (outcome,) = kz.submits(item)
        assert outcome.outcome == "accepted"
        (after,) = body.world.store.by_id([item["id"]])
        assert after.added > before.added
        assert uz.polls() == [item["id"]]
        before = after


def test_who_had_received_it(body, kz, uz):
    tj = body.member("TJ")
    item, other = indicator(), indicator()
    kz.submits(item)
    kz.submits(other)
    uz.polls()
    tj.gets(item["id"])
    tj.gets(item["id"])
    kz.reads()  # one's own is no disclosure
    (one,) = withdraw(body.world, "KZ", item["id"])
    (two,) = withdraw(body.world, "KZ", other["id"])
    body.member("IN").reads()
    found = received(body.world, [one, two])
    assert [(each.party, each.times) for each in found[one.name]] == [("UZ", 1), ("TJ", 2)]
    assert [each.party for each in found[two.name]] == ["UZ"]
    late = found[one.name][1]
    assert late.first < late.last < one.at
    assert received(body.world, []) == {}


def test_each_time_it_came_and_went_is_its_own(body, kz, uz):
    item = indicator()
    kz.submits(item)
    uz.polls()
    (one,) = withdraw(body.world, "KZ", item["id"])
    kz.submits(item)
    (two,) = withdraw(body.world, "KZ", item["id"])
    found = received(body.world, [one, two])
    assert [each.party for each in found[one.name]] == ["UZ"]
    assert found[two.name] == []


def test_a_failure_leaves_everything(body, kz, uz, monkeypatch):
    item = indicator()
    kz.submits(item)

    def broken(**_):
        raise ZeroDivisionError

    monkeypatch.setattr(module, "Recall", broken)
    with pytest.raises(ZeroDivisionError):
        withdraw(body.world, "KZ", item["id"])
    assert uz.gets(item["id"])
    assert "withdraw" not in kinds(body)


@pytest.mark.parametrize("hidden", [True, False])
def test_two_worlds(body, kz, hidden):
    """An observer tries everything on an object that it may not see and on one that is not there: the same, and no trace either way."""
    ir = body.observer("IR")
    secret, shown = indicator(), indicator()
    if hidden:
        gone = sdo("malware")
        kz.submits(secret, gone, tlp="red")
    kz.submits(shown, tlp="green")
    assert ir.polls() == [shown["id"]]
    if hidden:  # what KZ withdraws of what it may not see is nothing to it either
        assert len(withdraw(body.world, "KZ", gone["id"])) == 1
    assert ir.polls() == []
    size = body.world.store.head().size
    for wanted in (("last",), ("all",), ("first",), (secret["modified"],)):
        for id_ in (secret["id"], shown["id"]):
            assert withdraw(body.world, "IR", id_, versions=wanted) == []
    assert body.world.store.head().size == size
    # Its own copy of the guessed id comes and goes as if it were alone.
    assert [outcome.outcome for outcome in ir.submits(secret)] == ["accepted"]
    assert len(withdraw(body.world, "IR", secret["id"], versions=("all",))) == 1
    assert ir.gets(secret["id"]) == []
    assert ir.reads() == [shown["id"]]
    assert [recall.party for recall in recalls(body.world)] == ["KZ"] * hidden + ["IR"]


def test_which_ids_a_party_holds_something_under(body, kz, uz):
    mine, theirs = indicator(), indicator()
    kz.submits(mine, {**mine, "modified": DATES[1]})
    uz.submits(theirs)
    assert held(body.world, "KZ", [theirs["id"], mine["id"], indicator()["id"]]) == [mine["id"]]
    assert held(body.world, "KZ", []) == []


def test_own_objects_that_name_one_and_stand_are_told(body, kz, uz, monkeypatch):
    host = indicator()
    mine, theirs, gone = (report(host["id"]) for _ in range(3))
    for member, obj in ((kz, host), (kz, mine), (uz, theirs), (kz, gone)):
        member.submits(obj)
    withdraw(body.world, "KZ", gone["id"])
    assert module.naming(body.world, "KZ", host["id"]) == module.Naming(ids=(mine["id"],), more=False)
    monkeypatch.setattr(module, "LOOKED", 1)
    assert module.naming(body.world, "UZ", host["id"]) == module.Naming(ids=(), more=True)

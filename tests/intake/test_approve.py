"""Requests and acts: what a granted request lets go, to whom, from when on, and what leaves no trace."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from comity.admin.fsck import fsck
from comity.agree.approval import Person
from comity.agree.rules import H3
from comity.errors import Conflict, Denied, NotFound, SenderFault
from comity.intake import approve
from comity.intake.govern import add_agreement
from comity.intake.withdraw import withdraw
from comity.ledger.journal import Opening, read_entry
from comity.rulebook import GOVERNED, requests
from comity.terms.item import item_hash
from tests.approving import GUESTS, SILENT, SPOKEN, TEXT, TWO, Meeting, who
from tests.consortium import indicator, relationship, report, sdo

#: An agreement that lets analysts share up to TLP:GREEN.
CAPPED = """
[agreement]
id = "capped"
version = 1
title = "Who may share how much"
body = "sco"
purposes = ["network-defence"]
in_force = 2021-01-01

[[clause]]
id = "none"
text = "Guests receive TLP:CLEAR reports."
effect = "permit"
to = { standing = ["guest"] }
types = ["report"]
tlp_max = "clear"

[cap.analyst]
tlp_max = "green"
"""


@pytest.fixture(params=["memory", "sqlite"])
def meeting(request, tmp_path):
    made = Meeting(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield made
    assert list(fsck(made.body.world)) == []
    made.body.world.store.close()


def last_entry(meeting: Meeting):
    (leaf,) = list(meeting.body.world.store.leaves())[-1:]
    return read_entry(leaf.entry), Opening(records=leaf.opening).hashes()


def test_requested(meeting):
    """It is on record, in the log with the hash of each version, and gives nothing yet."""
    first = indicator()
    (id_,) = meeting.shares(first)
    meeting.shares(indicator(id=id_, modified="2021-10-02T00:00:00.000Z"))
    (request,) = meeting.asks([id_], "UZ")
    assert (request.clause, request.origin, request.recipients, request.by) == (TWO, "KZ", ("UZ",), who("KZ/anna"))
    assert request.id.startswith("apr_") and len(request.id) == 16
    entry, hashes = last_entry(meeting)
    assert (entry.kind, entry.party, entry.actor, entry.count) == ("approval", "KZ", "anna", 2)
    assert entry.detail | {"record": ""} == {
        "approval": request.id, "act": "request", "clause": TWO, "origin": "KZ", "recipients": ["UZ"], "record": "",
    }  # fmt: skip
    store = meeting.body.world.store
    rows = store.by_id([id_])
    envelopes = store.envelopes([row.item for row in rows])
    assert hashes == [item_hash(row.sha, envelopes[row.item]) for row in rows]
    (kept,) = requests(store)
    assert (kept.approval, kept.ids, kept.items) == (request, (id_,), tuple(row.item for row in rows))
    assert meeting.uz.polls() == []


def test_approved_by_two(meeting):
    (id_,) = meeting.shares(indicator())
    meeting.uz.polls()
    (request,) = meeting.asks([id_], "UZ")
    meeting.does("approve", request, "KZ/anna")
    assert meeting.uz.polls() == []
    meeting.does("approve", request, "KZ/bulat")
    assert meeting.state(request) == "approved"
    assert meeting.uz.polls() == [id_]
    assert meeting.uz.polls() == []
    assert last_entry(meeting)[0].agreements == ("careful@1/two",)


def test_nobody_consents_to_what_their_role_may_not_share(meeting):
    add_agreement(meeting.body.world, CAPPED, "capped.toml", by="test")
    (id_,) = meeting.shares(indicator())
    (request,) = meeting.asks([id_], "UZ")
    with pytest.raises(Denied, match="TLP:AMBER is beyond the role analyst, whose ceiling by capped@1 is TLP:GREEN"):
        approve.act(meeting.body.world, request.id, "approve", who("KZ/anna"), "analyst")
    approve.act(meeting.body.world, request.id, "object", who("KZ/anna"), "analyst")  # but whoever may not share may well object
    assert meeting.state(request) == "objected"
    (request,) = meeting.asks([id_], "UZ")
    for name in ("bulat", "chingiz"):
        approve.act(meeting.body.world, request.id, "approve", who(f"KZ/{name}"), "duty-officer")
    assert meeting.state(request) == "approved"


def test_the_same_person_twice_is_one(meeting):
    (id_,) = meeting.shares(indicator())
    (request,) = meeting.asks([id_], "UZ")
    meeting.does("approve", request, "KZ/anna")
    size = meeting.body.world.store.head().size
    meeting.does("approve", request, "KZ/anna")
    assert meeting.body.world.store.head().size == size
    assert (meeting.state(request), meeting.told(request, None).words) == ("requested", "1 of 2")
    assert meeting.uz.polls() == []


def test_objected(meeting):
    (id_,) = meeting.shares(indicator())
    (request,) = meeting.asks([id_], "UZ")
    meeting.does("object", request, "KZ/anna")
    assert meeting.state(request) == "objected"
    with pytest.raises(Conflict):
        meeting.does("approve", request, "KZ/bulat")
    (again,) = meeting.asks([id_], "UZ")
    for name in ("anna", "bulat"):
        meeting.does("approve", again, f"KZ/{name}")
    assert meeting.uz.polls() == [id_]


def test_lapsed(meeting):
    (id_,) = meeting.shares(indicator())
    (request,) = meeting.asks([id_], "UZ")
    meeting.does("approve", request, "KZ/anna")
    assert meeting.told(request, None).deadline == request.requested + timedelta(days=30)
    meeting.body.clock.at += timedelta(days=30)
    assert (meeting.state(request), meeting.told(request, None).deadline) == ("lapsed", None)
    with pytest.raises(Conflict):
        meeting.does("approve", request, "KZ/bulat")
    assert meeting.uz.polls() == []


def test_adopted_by_silence(meeting):
    """Nobody does anything, and a client that polls gets it when the window is over."""
    (id_,) = meeting.shares(sdo("malware"))
    (request,) = meeting.asks([id_], "UZ")
    assert request.clause == SILENT
    assert meeting.uz.polls() == meeting.tj.polls() == []
    meeting.shares(sdo("malware"), tlp="green")
    assert len(meeting.uz.polls()) == 1
    meeting.body.clock.at = request.requested + timedelta(days=14)
    assert meeting.uz.polls() == [id_]
    assert meeting.uz.polls() == meeting.tj.polls()[1:] == []
    assert meeting.state(request) == "adopted"


def test_silence_broken(meeting):
    (id_,) = meeting.shares(sdo("malware"))
    (request,) = meeting.asks([id_], "UZ")
    meeting.body.clock.at += timedelta(days=13)
    meeting.does("object", request, "TJ/daler")
    meeting.body.clock.at += timedelta(days=30)
    assert meeting.state(request) == "objected"
    assert meeting.uz.polls() == []


def test_sponsors(meeting):
    """Two other parties speak for it, then nobody objects for a week."""
    (id_,) = meeting.shares(indicator(), tlp="green")
    meeting.ir.polls()
    (request,) = meeting.asks([id_], "IR")
    assert request.clause == SPOKEN
    meeting.does("approve", request, "UZ/a")
    meeting.does("approve", request, "UZ/b")
    assert meeting.told(request, None).words == "1 of 2"
    meeting.does("approve", request, "TJ/a")
    assert meeting.told(request, None).words == "open to objections"
    assert meeting.ir.polls() == []
    meeting.body.clock.at += timedelta(days=7)
    assert meeting.ir.polls() == [id_]


def test_revoked(meeting):
    (id_,) = meeting.shares(indicator(), tlp="green")
    other, third = meeting.shares(indicator(), tlp="green"), meeting.shares(indicator(), tlp="green")
    meeting.by.polls()
    made = [meeting.asks(ids, "BY")[0] for ids in ([id_], other, third)]
    for request in made:
        meeting.does("approve", request, "KZ/anna")
    page = meeting.by.page(after=meeting.by.cursor, limit=1, own=False)
    assert [row.id for _, row in page.found] == [id_] and page.more
    meeting.by.cursor = page.found[-1][0]
    meeting.does("revoke", made[1], "KZ/bulat")  # gone before the next page
    meeting.does("revoke", made[0], "KZ/bulat")  # given already, not to be given again
    assert meeting.by.polls() == third
    assert meeting.by.gets(id_) == meeting.by.gets(other[0]) == []
    assert meeting.state(made[0]) == "revoked"
    # What was granted, revoked unread and is granted once more comes, behind the cursor as it is.
    (again,) = meeting.asks(other, "BY")
    meeting.does("approve", again, "KZ/anna")
    assert meeting.by.polls() == other
    assert meeting.by.polls() == []


def test_a_robot_is_refused(meeting):
    """G10."""
    (id_,) = meeting.shares(indicator(), tlp="green")
    items = [row.item for row in meeting.body.world.store.by_id([id_])]
    robot = Person(party="KZ", id="token 1", robot=True)
    (request,) = approve.ask(meeting.body.world, items, ["BY"], robot)  # asking is not approving
    before = meeting.body.world.store.counters()
    for kind in ("approve", "object", "revoke"):
        with pytest.raises(SenderFault, match="a tool may not"):
            approve.act(meeting.body.world, request.id, kind, robot)
    assert meeting.body.world.store.counters() == before
    assert meeting.state(request) == "requested"
    assert meeting.by.polls() == []


def test_h3_is_consented_to_recipient_by_recipient(meeting):
    (id_,) = meeting.shares(indicator(), tlp="green", handling=("H3",))
    assert meeting.uz.polls() == meeting.tj.polls() == []
    (request,) = meeting.asks([id_], "UZ")
    assert request.clause == H3
    with pytest.raises(Denied):
        meeting.does("approve", request, "UZ/x")
    meeting.does("approve", request, "KZ/anna")
    assert (meeting.uz.polls(), meeting.tj.polls()) == ([id_], [])
    (other,) = meeting.asks([id_], "TJ")
    meeting.does("approve", other, "KZ/anna")
    assert meeting.tj.polls() == [id_]
    meeting.does("revoke", request, "KZ/anna")
    assert (len(meeting.uz.gets(id_)), len(meeting.tj.gets(id_))) == (0, 1)


def test_what_a_clause_and_h3_ask_for_are_two_requests(meeting):
    (id_,) = meeting.shares(indicator(), tlp="green", handling=("H3",))
    made = meeting.asks([id_], "BY")
    assert [request.clause for request in made] == [GUESTS, H3]
    meeting.does("approve", made[0], "KZ/anna")
    assert meeting.by.polls() == []
    meeting.does("approve", made[1], "KZ/anna")
    assert meeting.by.polls() == [id_]
    (other,) = meeting.shares(indicator(), tlp="green", handling=("H3",))
    assert [request.clause for request in meeting.asks([other], "BY", clause=H3)] == [H3]


def test_an_approval_does_not_leak(meeting):
    """Not to another recipient, another object, another origin's copy, nor a later version."""
    first, second = indicator(), indicator()
    meeting.shares(first, second)
    meeting.shares(first, by=meeting.tj)
    (request,) = meeting.asks([first["id"]], "UZ")
    for name in ("anna", "bulat"):
        meeting.does("approve", request, f"KZ/{name}")
    meeting.shares({**first, "modified": "2021-10-05T00:00:00.000Z"})
    page = meeting.uz.page(versions=("all",), copies=True)
    assert [(row.id, row.origin, row.version) for _, row in page.found] == [(first["id"], "KZ", first["modified"])]
    assert meeting.ir.reads() == meeting.by.reads() == []
    assert [row.origin for _, row in meeting.tj.page(own=False).found] == []


def test_one_request_may_be_about_many_and_go_to_many(meeting):
    ids = meeting.shares(indicator(), indicator(), sdo("malware"))
    made = meeting.asks(ids, "UZ", "TJ")
    assert [(request.clause, request.recipients) for request in made] == [(TWO, ("TJ", "UZ")), (SILENT, ("TJ", "UZ"))]
    kept = {request.approval.clause: request.ids for request in requests(meeting.body.world.store)}
    assert kept == {TWO: tuple(ids[:2]), SILENT: (ids[2],)}
    for name in ("anna", "bulat"):
        meeting.does("approve", made[0], f"KZ/{name}")
    assert meeting.uz.polls() == meeting.tj.polls() == ids[:2]


def test_what_names_an_approved_object_comes_with_it(meeting):
    one, two = meeting.shares(indicator(), sdo("malware"))
    (link,) = meeting.shares(relationship(one, two), tlp="green")
    (about,) = meeting.shares(report(one), tlp="green")
    meeting.uz.polls()
    (request,) = meeting.asks([one], "UZ")
    for name in ("anna", "bulat"):
        meeting.does("approve", request, f"KZ/{name}")
    assert meeting.uz.polls() == [one, about]
    (request,) = meeting.asks([two], "UZ")
    meeting.body.clock.at += timedelta(days=14)
    assert meeting.uz.polls() == [two, link]


@pytest.mark.parametrize(("tlp", "to", "clause"), [("green", "UZ", None), ("amber+strict", "UZ", None), ("amber", "IR", None),
                                                   ("amber", "XX", None), ("amber", "KZ", None), ("amber", "UZ", SILENT)])  # fmt: skip
def test_what_awaits_no_approval_cannot_be_asked_for(meeting, tlp, to, clause):
    """It goes anyway, or no clause would give it whoever approves, or it is not under the clause that is named."""
    (id_,) = meeting.shares(indicator(), tlp=tlp)
    before = meeting.body.world.store.counters()
    with pytest.raises(SenderFault, match=f"nothing awaits approval for {to}"):
        meeting.asks([id_], to, clause=clause)
    with pytest.raises(SenderFault):
        meeting.asks([id_], "UZ", to, clause=clause)
    assert meeting.body.world.store.counters() == before
    assert requests(meeting.body.world.store) == []


def test_what_is_gone_cannot_be_asked_about_and_its_request_stays_on_record(meeting):
    (id_,) = meeting.shares(indicator())
    (request,) = meeting.asks([id_], "UZ")
    items = [row.item for row in meeting.body.world.store.by_id([id_])]
    withdraw(meeting.body.world, "KZ", id_)
    for name in ("anna", "bulat"):
        meeting.does("approve", request, f"KZ/{name}")
    assert (meeting.state(request), meeting.uz.polls()) == ("approved", [])
    with pytest.raises(NotFound):
        approve.ask(meeting.body.world, items, ["UZ"], who("KZ/anna"))
    assert meeting.shares(indicator(id=id_)) == [id_]
    assert meeting.uz.polls() == []  # sent again it is a new arrival


def test_an_observable_that_comes_again_is_the_same_one(meeting):
    """Its facts have grown by the request meanwhile."""
    text = TEXT.replace('types = ["malware"]', 'types = ["domain-name"]').replace("version = 1", "version = 2")
    add_agreement(meeting.body.world, text, "v2", by="test")
    domain = {
        "type": "domain-name",
        "spec_version": "2.1",
        "id": "domain-name--ecb120bf-2694-4902-a737-62b74539a41b",
        "value": "example.com",
    }
    meeting.shares(domain)
    meeting.asks([domain["id"]], "UZ")
    (outcome,) = meeting.kz.submits(domain)
    assert outcome.outcome == "duplicate"


def test_objects_of_two_parties_are_not_one_request(meeting):
    (one,) = meeting.shares(indicator(), tlp="green")
    (two,) = meeting.shares(indicator(), tlp="green", by=meeting.uz)
    items = [row.item for row in meeting.body.world.store.by_id([one, two])]
    with pytest.raises(SenderFault, match="several parties"):
        approve.ask(meeting.body.world, items, ["BY"], who("TJ/x"))


def test_more_than_a_log_entry_is_about_is_refused(meeting, monkeypatch):
    monkeypatch.setattr(approve, "MAX_OBJECTS", 2)
    ids = meeting.shares(*(indicator() for _ in range(3)))
    items = [row.item for row in meeting.body.world.store.by_id(ids)]
    with pytest.raises(SenderFault, match="3 objects"):
        approve.ask(meeting.body.world, items, ["UZ"], who("KZ/anna"))
    assert len(approve.ask(meeting.body.world, items[:2], ["UZ"], who("KZ/anna"))) == 1


def test_what_waits_already_is_not_asked_again_by_the_same_party(meeting):
    one, two = meeting.shares(indicator(), indicator(), tlp="green")
    (request,) = meeting.asks([one], "BY")
    size = meeting.body.world.store.head().size
    assert meeting.asks([one], "BY", by="KZ/bulat") == [request]
    assert meeting.body.world.store.head().size == size
    others = [meeting.asks([one], "BY", by="UZ/x"), meeting.asks([one, two], "BY"), meeting.asks([two], "BY")]
    assert len({each.id for made in others for each in made} | {request.id}) == 4
    meeting.does("object", request, "KZ/anna")
    assert meeting.asks([one], "BY") != [request]


def test_how_much_may_be_asked_is_bounded(meeting, monkeypatch):
    (id_,) = meeting.shares(indicator())
    monkeypatch.setattr(approve, "PAIRS", 1)
    with pytest.raises(SenderFault, match="too much"):
        meeting.asks([id_], "UZ", "TJ")
    monkeypatch.setattr(approve, "REQUESTS", 2)
    for _ in range(2):
        meeting.does("object", meeting.asks([id_], "UZ")[0], "KZ/anna")
    with pytest.raises(SenderFault, match="2 requests"):
        meeting.asks([id_], "UZ")


def test_nobody_uses_up_the_requests_of_another(meeting, monkeypatch):
    monkeypatch.setattr(approve, "OTHERS", 2)
    (id_,) = meeting.shares(indicator(), tlp="green")
    meeting.asks([id_], "BY", by="UZ/x")
    meeting.asks([id_], "IR", by="UZ/y")
    with pytest.raises(SenderFault, match="UZ has made 2 requests"):
        meeting.asks([id_], "BY", "IR", by="UZ/x")
    assert meeting.asks([id_], "BY", by="TJ/x")
    assert all(meeting.asks([id_], *to) for to in (["BY"], ["IR"], ["BY", "IR"]))


def test_how_many_requests_a_party_makes_within_a_day_is_bounded(meeting, monkeypatch):
    """Each of them makes every reader's view be worked out again."""
    monkeypatch.setattr(approve, "DAILY", 3)
    ids = meeting.shares(*(indicator() for _ in range(4)), tlp="green")
    for id_ in ids[:3]:
        meeting.does("object", meeting.asks([id_], "BY")[0], "KZ/anna")
    with pytest.raises(SenderFault, match="3 requests within a day"):
        meeting.asks(ids[3:], "BY")
    assert meeting.asks(ids[3:], "BY", by="UZ/x")
    meeting.body.clock.at += timedelta(days=1)
    assert meeting.asks(ids[3:], "BY")


def test_an_act_on_what_is_not_there_is_not_found(meeting):
    with pytest.raises(NotFound, match="there is no such request for you"):
        approve.act(meeting.body.world, "apr_000000000000", "approve", who("KZ/anna"))


def test_every_step_advances_what_governs_once(meeting):
    (id_,) = meeting.shares(indicator(), tlp="green")
    store = meeting.body.world.store
    before = store.counter(GOVERNED)
    (request,) = meeting.asks([id_], "BY")
    assert store.counter(GOVERNED) == before + 1
    meeting.does("approve", request, "KZ/anna")
    assert store.counter(GOVERNED) == before + 2


def test_a_step_that_fails_leaves_nothing(meeting, monkeypatch):
    """Crash story: cut off before its commit, nothing is asked and nothing is done."""
    (id_,) = meeting.shares(indicator(), tlp="green")
    world = meeting.body.world
    before = (world.store.counters(), world.store.head(), world.store.by_id([id_]), world.store.trait_rows(0))

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(approve, "refit", broken)
        with pytest.raises(ZeroDivisionError):
            meeting.asks([id_], "BY")
    assert (world.store.counters(), world.store.head(), world.store.by_id([id_]), world.store.trait_rows(0)) == before
    assert requests(world.store) == []
    (request,) = meeting.asks([id_], "BY")
    with monkeypatch.context() as patch:
        patch.setattr(world.journal.__class__, "append", broken)
        with pytest.raises(ZeroDivisionError):
            meeting.does("approve", request, "KZ/anna")
    assert meeting.state(request) == "requested"
    meeting.does("approve", request, "KZ/anna")
    assert meeting.by.polls() == [id_]


def test_rules_that_change_meanwhile_are_looked_at_again(meeting, monkeypatch):
    (id_,) = meeting.shares(indicator(), tlp="green")
    world = meeting.body.world
    real, changes = (
        type(world.rulebook).current,
        [lambda: add_agreement(world, TEXT.replace("version = 1", "version = 2"), "v2", by="test")],
    )

    def slow(self):
        found = real(self)
        if changes:
            changes.pop()()
        return found

    items = [row.item for row in world.store.by_id([id_])]
    monkeypatch.setattr(type(world.rulebook), "current", slow)
    (request,) = approve.ask(world, items, ["BY"], who("KZ/anna"))
    assert request.clause == "careful@2/guests"


def test_fsck_finds_a_request_that_was_altered_and_facts_that_no_record_bears_out(meeting):
    (id_,) = meeting.shares(indicator(), tlp="green")
    (request,) = meeting.asks([id_], "BY")
    store = meeting.body.world.store
    record = store.private("approvals", request.id)
    (row,) = store.by_id([id_])
    kept = msgspec.json.decode(record)
    for changed, words in (
        (record.replace(b'"BY"', b'"XX"'), "it is not as it was made"),
        (None, "it is not there"),
        (msgspec.json.encode(kept | {"items": [1]}), "the requests for approval that it names are not those on record"),
    ):
        with store.write() as tx:
            tx.put_private("approvals", request.id, changed)
        assert any(words in problem for problem in fsck(meeting.body.world)), words
    with store.write() as tx:
        tx.put_private("approvals", request.id, record)
        tx.rebase(row.item, row.home, row.home)
    assert any("the requests for approval that it names" in problem for problem in fsck(meeting.body.world))
    with store.write() as tx:
        tx.rebase(row.item, row.base, row.traits)

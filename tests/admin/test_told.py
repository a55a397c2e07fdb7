"""What the log says of tokens and people is compared with what is there, to the byte, while the node may go on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin import users
from comity.admin.tokens import SCOPES, create, revoke
from comity.admin.told import SPACES, Told, forget
from comity.ledger.journal import read_entry
from tests.consortium import Body


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


def make(body: Body):
    return create(body.world, party="KZ", scopes=SCOPES, expires=body.clock() + timedelta(days=1))


def said(body) -> list[str]:
    """What a check of records against the log says, whatever part of the log had been heard before."""
    entries = [read_entry(leaf.entry) for leaf in body.world.store.leaves()]
    found = []
    for heard in {0, len(entries) // 2, len(entries)}:
        told = Told()
        assert [told.hear(entry) for entry in entries[:heard]] == [entry.kind in SPACES for entry in entries[:heard]]
        found.append(list(told.problems(body.world, heard)))
    assert all(each == found[0] for each in found)
    return found[0]


def test_records_are_what_the_log_says(body):
    kept, gone = make(body)[0], make(body)[0]
    revoke(body.world, gone.id)
    assert said(body) == []
    record = body.world.store.private("tokens", kept.id)
    for changed, words in (
        (record.replace(b"KZ", b"UZ"), "not as it was made"), (record + b" ", "not as it was made"), (None, "it is not there"),
    ):  # fmt: skip
        with body.world.store.write() as tx:
            tx.put_private("tokens", kept.id, changed)
        (problem,) = said(body)
        assert problem.startswith(f"token {kept.id}: ") and words in problem
    with body.world.store.write() as tx:
        tx.put_private("tokens", kept.id, record)
        tx.put_private("tokens", gone.id, record)
        tx.put_private("tokens", "0123abcd", record)
    assert sorted(problem.split()[1] for problem in said(body)) == sorted([f"{gone.id}:", "0123abcd:"])


def test_a_record_made_or_removed_meanwhile_is_no_problem(body):
    """Between the look at the log and the look at the tokens, and again."""
    first, _ = make(body)
    told, store, pending = Told(), body.world.store, [lambda: make(body), lambda: revoke(body.world, first.id), lambda: make(body)]
    privates, leaves = store.privates, store.leaves

    def busy(look):
        def looked(*args):
            found = list(look(*args))
            if pending:
                pending.pop()()
            return found

        return looked

    store.privates, store.leaves = busy(privates), busy(leaves)
    assert list(told.problems(body.world, 0)) == []
    assert pending == []


def test_a_person_who_was_not_entered_is_named(body):
    users.add(body.world, "uz.contact1", "UZ", "analyst")
    users.add(body.world, "b.aliev", "KZ", "auditor")
    users.remove(body.world, "b.aliev")
    assert said(body) == []
    record = body.world.store.private("users", "uz.contact1")
    with body.world.store.write() as tx:
        tx.put_private("users", "uz.contact1", record.replace(b"analyst", b"auditor"))
        tx.put_private("users", "c", record)
    assert said(body) == [
        "user c: the log does not say that it was made, or says that it was revoked",
        "user uz.contact1: it is not as it was made",
    ]


def test_what_is_forgotten_is_gone_with_its_entry(body):
    token, _ = make(body)
    with body.world.store.write() as tx:
        forget(body.world, tx, "token", token.id, "somebody")
    assert body.world.store.private("tokens", token.id) is None
    entry = read_entry(list(body.world.store.leaves())[-1].entry)
    assert (entry.kind, entry.actor, entry.detail) == ("token", "somebody", {"token": token.id, "revoked": True})
    assert said(body) == []

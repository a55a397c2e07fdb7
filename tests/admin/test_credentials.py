"""What people sign in with: enrolled by a link, two factors always, one person's alone, and in the log."""

from __future__ import annotations

import hashlib

import pytest

from comity.admin import credentials, links, sessions, users
from comity.admin.credentials import New, Passkey, Subject
from comity.admin.fsck import fsck
from comity.errors import Conflict, NotAuthenticated, NotFound, SenderFault
from comity.ledger.journal import read_entry
from tests.admin.entering import KEPT, enrolled, person
from tests.consortium import START, Body

KEY = Passkey(id=b"one", key=b"cose", label="a key", created=START)
SUBJECT = Subject(issuer="https://id.example", subject="42")


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


def entries(body, kind):
    return [entry for entry in (read_entry(leaf.entry) for leaf in body.world.store.leaves()) if entry.kind == kind]


def signed(body, name="ann"):
    return sessions.find(body.world, sessions.enter(body.world, links.create(body.world, name)))


def test_an_enrolment_signs_in_and_is_done_once(body):
    person(body)
    secret = links.create(body.world, "ann", enrol=True)
    seed = links.look(body.world, secret).seed
    cookie = credentials.enrol(body.world, secret, New(password=KEPT, totp=seed, step=7))
    assert sessions.find(body.world, cookie).user.name == "ann"
    held = credentials.held(body.world, "ann")
    assert (held.password, held.totp, held.passkeys, held.ways) == (KEPT, seed, (), 1)
    assert credentials.last_step(body.world, "ann") == 7
    with pytest.raises(NotAuthenticated):
        credentials.enrol(body.world, secret, New(password="other", totp=b"other"))
    assert credentials.held(body.world, "ann") == held


def test_every_enrolment_gets_another_generator(body):
    person(body)
    assert len({links.look(body.world, links.create(body.world, "ann", enrol=True)).seed for _ in range(5)}) == 5


def test_a_password_alone_opens_nothing(body):
    person(body)
    secret = links.create(body.world, "ann", enrol=True)
    for new in (New(password=KEPT), New(totp=b"x" * 20), New()):
        with pytest.raises(NotAuthenticated):
            credentials.enrol(body.world, secret, new)
    assert credentials.held(body.world, "ann") is None
    links.look(body.world, secret)  # nothing of it was kept, so the link is good still


def test_a_sign_in_link_enrols_nobody(body):
    person(body)
    with pytest.raises(NotAuthenticated):
        credentials.enrol(body.world, links.create(body.world, "ann"), New(passkey=KEY))


def test_recovery_leaves_nothing_of_what_was_lost(body):
    enrolled(body)
    credentials.add(body.world, signed(body), New(passkey=KEY))
    before = signed(body)
    secret = links.create(body.world, "ann", enrol=True, by="kz.admin")
    credentials.enrol(body.world, secret, New(subject=SUBJECT))
    held = credentials.held(body.world, "ann")
    assert (held.password, held.totp, held.passkeys, held.subjects) == ("", b"", (), (SUBJECT,))
    assert list(sessions.of(body.world, "ann")) != [before.id]
    assert len(sessions.of(body.world, "ann")) == 1


def test_another_password_of_ones_own_choice_leaves_the_passkeys(body):
    enrolled(body)
    credentials.add(body.world, signed(body), New(passkey=KEY))
    secret = links.create(body.world, "ann", enrol=True, by="ann")
    seed = links.look(body.world, secret).seed
    credentials.enrol(body.world, secret, New(password="another", totp=seed))
    held = credentials.held(body.world, "ann")
    assert (held.password, held.totp, held.passkeys) == ("another", seed, (KEY,))


def test_the_first_administrator_enters_themselves(body):
    secret = links.first(body.world)
    with pytest.raises(SenderFault):
        credentials.enrol(body.world, secret, New(passkey=KEY), name="No Name")
    assert users.users(body.world) == []
    cookie = credentials.enrol(body.world, secret, New(passkey=KEY), name="a.karimova")
    found = sessions.find(body.world, cookie).user
    assert (found.name, found.party, found.role) == ("a.karimova", "SCO-CENTRE", "administrator")
    with pytest.raises(NotAuthenticated):
        credentials.enrol(body.world, secret, New(passkey=KEY), name="second")


def test_a_passkey_and_a_subject_are_one_persons(body):
    enrolled(body)
    enrolled(body, "bob")
    credentials.add(body.world, signed(body), New(passkey=KEY))
    credentials.add(body.world, signed(body), New(subject=SUBJECT))
    for new in (New(passkey=KEY), New(subject=SUBJECT)):
        for name in ("ann", "bob"):
            with pytest.raises(Conflict):
                credentials.add(body.world, signed(body, name), new)
    assert credentials.by_passkey(body.world, b"one")[0].user == "ann"
    assert credentials.by_subject(body.world, SUBJECT).user == "ann"
    assert credentials.by_passkey(body.world, b"two") is None
    assert credentials.by_subject(body.world, Subject(issuer="https://other.example", subject="42")) is None


def test_a_change_ends_the_other_sessions(body):
    enrolled(body)
    one, other = signed(body), signed(body)
    credentials.add(body.world, one, New(passkey=KEY))
    assert list(sessions.of(body.world, "ann")) == [one.id]
    other = signed(body)
    credentials.drop(body.world, other, KEY.id)
    assert list(sessions.of(body.world, "ann")) == [other.id]


def test_the_last_way_in_cannot_be_dropped(body):
    person(body)
    me = signed(body)
    credentials.add(body.world, me, New(passkey=KEY))
    with pytest.raises(Conflict):
        credentials.drop(body.world, me, KEY.id)
    credentials.add(body.world, me, New(subject=SUBJECT))
    credentials.drop(body.world, me, KEY.id)
    with pytest.raises(NotFound):
        credentials.drop(body.world, me, KEY.id)
    with pytest.raises(Conflict):
        credentials.drop(body.world, me, SUBJECT)


def test_with_a_person_goes_what_they_sign_in_with(body):
    enrolled(body)
    users.remove(body.world, "ann")
    assert credentials.held(body.world, "ann") is None
    person(body)
    assert credentials.held(body.world, "ann") is None
    assert entries(body, "credential")[-1].detail == {"credential": "ann", "revoked": True}


def test_the_log_vouches_for_it_and_tells_nothing_that_opens_anything(body):
    held = enrolled(body)
    entry = entries(body, "credential")[-1]
    record = body.world.store.private("credentials", "ann")
    assert (entry.actor, entry.party) == ("ann", "KZ")
    assert entry.detail == {
        "credential": "ann", "password": True, "passkeys": 0, "subjects": 0, "record": hashlib.sha256(record).hexdigest()
    }  # fmt: skip
    assert list(fsck(body.world)) == []
    for leaf in body.world.store.leaves():
        assert KEPT.encode() not in leaf.entry
        assert held.totp not in leaf.entry
    with body.world.store.write() as tx:
        tx.put_private("credentials", "ann", record.replace(b"argon2id", b"argon2xx"))
    assert any("credential ann" in line for line in fsck(body.world))

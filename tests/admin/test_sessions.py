"""Sessions: of a person, ended by time, by their person, by removal; never kept in clear."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin import links, users
from comity.admin.sessions import IDLE, SESSION_LASTS, end, enter, find, of
from comity.errors import NotAuthenticated
from comity.ledger.journal import read_entry
from tests.consortium import Body


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    users.add(body.world, "ann", "KZ", "analyst")
    users.add(body.world, "bob", "KZ", "auditor")
    yield body
    body.world.store.close()


def opened(body, name="ann", **options):
    return enter(body.world, links.create(body.world, name), **options)


def test_a_session_is_a_persons(body):
    signed = find(body.world, opened(body, agent="a browser"))
    assert signed is not None
    assert (signed.user.name, signed.user.party, signed.user.role) == ("ann", "KZ", "analyst")
    assert (signed.session.how, signed.session.agent) == ("link", "a browser")


def test_a_link_opens_one_session(body):
    secret = links.create(body.world, "ann")
    assert find(body.world, enter(body.world, secret))
    with pytest.raises(NotAuthenticated):
        enter(body.world, secret)
    assert len(of(body.world, "ann")) == 1


def test_a_session_ends_when_it_is_not_used(body):
    session = opened(body)
    body.clock.at += IDLE - timedelta(seconds=1)
    assert find(body.world, session)
    body.clock.at += IDLE - timedelta(seconds=1)
    assert find(body.world, session)
    body.clock.at += IDLE
    assert find(body.world, session) is None


def test_a_session_ends_however_much_it_is_used(body):
    session, until = opened(body), body.clock.at + SESSION_LASTS
    while body.clock.at + IDLE / 2 < until:
        body.clock.at += IDLE / 2
        assert find(body.world, session)
    body.clock.at = until
    assert find(body.world, session) is None


def test_a_sign_in_ends_the_session_that_the_browser_held_and_no_other(body):
    elsewhere, before = opened(body), opened(body, "bob")
    after = opened(body, old=before)
    assert find(body.world, before) is None
    assert find(body.world, elsewhere)
    assert find(body.world, after)
    assert after != before


def test_a_secret_that_somebody_else_chose_is_no_session(body):
    after = opened(body, old="chosen by an attacker")
    assert after != "chosen by an attacker"
    assert find(body.world, "chosen by an attacker") is None


@pytest.mark.parametrize("cookie", [None, "", "x", "\udcff"])
def test_anything_else_is_no_session(body, cookie):
    opened(body)
    assert find(body.world, cookie) is None


def test_a_link_is_not_a_session_nor_a_session_or_its_id_a_link(body):
    secret = links.create(body.world, "ann")
    assert find(body.world, secret) is None
    session = enter(body.world, secret)
    signed = find(body.world, session)
    assert find(body.world, signed.id) is None
    for each in (session, signed.id):
        with pytest.raises(NotAuthenticated):
            enter(body.world, each)


def test_a_person_ends_their_own_sessions_one_or_all_but_one(body):
    first, second, third, bobs = opened(body), opened(body), opened(body), opened(body, "bob")
    ids = {session: find(body.world, session).id for session in (first, second, third, bobs)}
    assert end(body.world, "ann", [ids[first], ids[bobs]]) == 1
    assert [bool(find(body.world, each)) for each in (first, second, third, bobs)] == [False, True, True, True]
    assert end(body.world, "ann", but=ids[third]) == 1
    assert [bool(find(body.world, each)) for each in (first, second, third, bobs)] == [False, False, True, True]
    entry = read_entry(list(body.world.store.leaves())[-1].entry)
    assert (entry.kind, entry.actor, entry.detail) == ("sign-out", "ann", {"sessions": [ids[second][:12]]})


def test_with_a_person_go_their_sessions_and_whoever_has_the_name_next_has_none(body):
    session = opened(body)
    users.remove(body.world, "ann")
    assert find(body.world, session) is None
    users.add(body.world, "ann", "KZ", "administrator")
    assert find(body.world, session) is None
    assert of(body.world, "ann") == {}


def test_sessions_are_kept_as_digests_and_what_has_ended_is_removed(body):
    sessions = [opened(body), opened(body)]
    kept = str(list(body.world.store.privates(users.SESSIONS)))
    assert not any(session in kept for session in sessions)
    body.clock.at += IDLE
    opened(body, "bob")
    assert len(list(body.world.store.privates(users.SESSIONS))) == 1


def test_a_sign_in_is_in_the_log_without_its_secret(body):
    session = opened(body)
    leaf = list(body.world.store.leaves())[-1]
    entry = read_entry(leaf.entry)
    assert (entry.kind, entry.actor, entry.party, entry.detail["how"]) == ("sign-in", "ann", "KZ", "link")
    assert session.encode() not in leaf.entry

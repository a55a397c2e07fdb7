"""One-time links and sessions: used once, gone in time, never kept in clear."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin.sessions import LINK_LASTS, SESSION_LASTS, check, create_link, enter
from comity.errors import NotAuthenticated
from comity.ledger.journal import read_entry
from tests.consortium import Body


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    yield body
    body.world.store.close()


def test_a_link_opens_one_session(body):
    secret = create_link(body.world)
    session = enter(body.world, secret)
    assert check(body.world, session)
    with pytest.raises(NotAuthenticated):
        enter(body.world, secret)
    assert check(body.world, session)


def test_a_link_is_good_for_its_time_only(body):
    early, late = create_link(body.world), create_link(body.world)
    body.clock.at += LINK_LASTS - timedelta(seconds=1)
    enter(body.world, early)
    body.clock.at += timedelta(seconds=1)
    with pytest.raises(NotAuthenticated):
        enter(body.world, late)


def test_a_session_ends(body):
    session = enter(body.world, create_link(body.world))
    body.clock.at += SESSION_LASTS - timedelta(seconds=1)
    assert check(body.world, session)
    body.clock.at += timedelta(seconds=1)
    assert not check(body.world, session)


@pytest.mark.parametrize("cookie", [None, "", "x", "\udcff"])
def test_anything_else_is_no_session(body, cookie):
    enter(body.world, create_link(body.world))
    assert not check(body.world, cookie)


def test_a_link_is_not_a_session_nor_a_session_a_link(body):
    secret = create_link(body.world)
    assert not check(body.world, secret)
    session = enter(body.world, secret)
    with pytest.raises(NotAuthenticated):
        enter(body.world, session)


def test_secrets_are_kept_as_digests_and_what_has_expired_is_removed(body):
    secret = create_link(body.world)
    session = enter(body.world, create_link(body.world))
    kept = [piece for space in ("sign-in links", "sessions") for pair in body.world.store.privates(space) for piece in pair]
    assert len(kept) == 4
    assert not any(word in str(piece) for word in (secret, session) for piece in kept)
    body.clock.at += SESSION_LASTS
    create_link(body.world)
    assert len(list(body.world.store.privates("sign-in links"))) == 1
    assert list(body.world.store.privates("sessions")) == []


def test_a_sign_in_is_in_the_log_without_its_secret(body):
    session = enter(body.world, create_link(body.world))
    leaf = list(body.world.store.leaves())[-1]
    assert read_entry(leaf.entry).kind == "sign-in"
    assert session.encode() not in leaf.entry

"""One-time links: for one person, one use, one purpose, in time, never kept in clear."""

from __future__ import annotations

from datetime import timedelta

import pytest

from comity.admin import links, users
from comity.errors import Conflict, NotAuthenticated, NotFound
from comity.ledger.journal import read_entry
from tests.consortium import Body


@pytest.fixture(params=["memory", "sqlite"])
def body(request, tmp_path):
    body = Body(store="memory:" if request.param == "memory" else f"sqlite:{tmp_path / 'store.db'}")
    users.add(body.world, "ann", "KZ", "analyst")
    yield body
    body.world.store.close()


def take(body, secret, *, enrol=False):
    with body.world.store.write() as tx:
        return links.take(body.world, tx, secret, enrol=enrol)


def test_a_link_is_for_one_use_by_one_person(body):
    secret = links.create(body.world, "ann")
    assert links.look(body.world, secret).user == "ann"
    assert take(body, secret).user == "ann"
    with pytest.raises(NotAuthenticated):
        take(body, secret)


@pytest.mark.parametrize("enrol", [False, True])
def test_a_link_is_for_what_it_was_made_for_and_is_not_spent_on_anything_else(body, enrol):
    secret = links.create(body.world, "ann", enrol=enrol)
    with pytest.raises(NotAuthenticated):
        take(body, secret, enrol=not enrol)
    assert take(body, secret, enrol=enrol).enrol is enrol


@pytest.mark.parametrize(("enrol", "lasts"), [(False, links.LINK_LASTS), (True, links.ENROL_LASTS)])
def test_a_link_is_good_for_its_time_only(body, enrol, lasts):
    early, late = (links.create(body.world, "ann", enrol=enrol) for _ in range(2))
    body.clock.at += lasts - timedelta(seconds=1)
    take(body, early, enrol=enrol)
    body.clock.at += timedelta(seconds=1)
    with pytest.raises(NotAuthenticated):
        take(body, late, enrol=enrol)


def test_a_link_is_not_good_for_another_person_of_that_name(body):
    secret = links.create(body.world, "ann")
    users.remove(body.world, "ann")
    users.add(body.world, "ann", "KZ", "administrator")
    with pytest.raises(NotAuthenticated):
        links.look(body.world, secret)


def test_nobody_has_a_link_who_is_not_there(body):
    with pytest.raises(NotFound):
        links.create(body.world, "bob")


@pytest.mark.parametrize("secret", ["", "x", "\udcff"])
def test_a_guess_is_no_link(body, secret):
    links.create(body.world, "ann")
    with pytest.raises(NotAuthenticated):
        links.look(body.world, secret)


def test_the_first_administrators_link_is_for_a_node_that_has_none(body):
    secret = links.first(body.world)
    assert (links.look(body.world, secret).user, links.look(body.world, secret).enrol) == ("", True)
    users.add(body.world, "kz.admin", "KZ", "administrator")  # of another party than the node's own
    links.look(body.world, secret)
    users.add(body.world, "admin", "SCO-CENTRE", "administrator")
    with pytest.raises(NotAuthenticated):
        links.look(body.world, secret)
    with pytest.raises(Conflict):
        links.first(body.world)


def test_links_are_kept_as_digests_and_removed_in_time(body):
    secrets = [links.create(body.world, "ann") for _ in range(2)]
    kept = str(list(body.world.store.privates(links.SPACE)))
    assert not any(secret in kept for secret in secrets)
    body.clock.at += links.LINK_LASTS
    links.create(body.world, "ann")
    assert len(list(body.world.store.privates(links.SPACE))) == 1


def test_who_made_a_link_for_whom_is_in_the_log_without_the_secret(body):
    secret = links.create(body.world, "ann", enrol=True, by="the administrator")
    leaf = list(body.world.store.leaves())[-1]
    entry = read_entry(leaf.entry)
    assert (entry.kind, entry.actor, entry.party, entry.detail) == ("link", "the administrator", "KZ", {"user": "ann", "for": "enrolment"})
    assert secret.encode() not in leaf.entry

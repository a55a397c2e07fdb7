"""What the log calls people: never their names, and nobody knows whose it was once the time is over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from comity.admin import links, logbook, users
from comity.admin.credentials import Credential, keep
from comity.admin.fsck import fsck
from comity.admin.persons import Persons, forget, named
from comity.admin.told import OF_ACCOUNTS
from comity.ledger.journal import Entry, read_entry
from comity.purging import purge_node
from tests.consortium import START, Body

DAY = timedelta(days=1)


@pytest.fixture
def body() -> Body:
    body = Body()
    users.add(body.world, "anna", "KZ", "analyst")
    users.add(body.world, "boris", "KZ", "analyst")
    body.world.journal._naming = Persons(body.world.store)
    return body


def says(body: Body, actor: str) -> str:
    """The actor of an entry as the log has it."""
    with body.world.store.write() as tx:
        index = body.world.journal.append(tx, Entry(kind="access", at=body.world.clock(), actor=actor)).index
    (leaf,) = body.world.store.leaves(index, index + 1)
    return read_entry(leaf.entry).actor


def test_a_person_has_one_pseudonym_a_quarter(body: Body) -> None:
    first = says(body, "anna")
    assert first.startswith("person-") and says(body, "anna") == first and says(body, "boris") != first
    body.clock.at = START + 92 * DAY
    assert says(body, "anna") not in (first, "anna")


def test_tools_and_strangers_are_called_as_they_are(body: Body) -> None:
    assert [says(body, actor) for actor in ("", "token 12", "the administrator", "carla")] == ["", "token 12", "the administrator", "carla"]


def test_two_who_acted_together_have_two(body: Body) -> None:
    called = says(body, "anna, boris")
    assert "anna" not in called and named(body.world, called) == "anna, boris"


def test_names_are_known_for_a_time_and_the_entries_verify_after_it(body: Body, tmp_path: Path) -> None:
    called = says(body, "anna")
    size = body.world.store.head().size
    assert next(iter(logbook.entries(body.world, size - 1, size)))["actor"] == "anna"
    body.clock.at = START + 700 * DAY
    assert forget(body.world, START) == 0
    body.clock.at = START + 731 * DAY
    assert purge_node(body.world, tmp_path).erased == {"names in the log": 1}
    assert named(body.world, called) == called and logbook.verify(body.world).ok
    assert next(iter(logbook.entries(body.world, size - 1, size)))["actor"] == called


def test_an_account_has_one_number_as_long_as_it_lasts_and_its_name_is_forgotten_after_its_time(body: Body) -> None:
    users.add(body.world, "carla", "KZ", "analyst")
    with body.world.store.write() as tx:
        keep(body.world, tx, Credential(user="carla", since=START, password="x"), "carla")
    links.create(body.world, "carla", by="anna")
    body.clock.at = START + 100 * DAY
    assert list(fsck(body.world)) == []
    users.remove(body.world, "carla")
    users.remove(body.world, "boris")  # entered before there were numbers
    assert list(fsck(body.world)) == []
    said = [(entry.kind, entry.detail) for leaf in body.world.store.leaves() if (entry := read_entry(leaf.entry)).kind in OF_ACCOUNTS]
    assert [kind for kind, _ in said] == ["user", "user", "user", "credential", "link", "credential", "user", "user"]
    numbers = {str(detail.get("user") or detail.get("credential")) for kind, detail in said[2:7]}
    (number,) = numbers
    assert number.startswith("account-") and "carla" not in str(said) and said[7][1]["user"] == "boris"
    named_ = [entry["detail"] for entry in logbook.entries(body.world, 0, 99) if entry["kind"] in OF_ACCOUNTS]
    assert sum("carla" in detail.values() for detail in named_) == 5
    users.add(body.world, "carla", "KZ", "analyst")
    body.clock.at = START + 1_000 * DAY
    forget(body.world, START + 200 * DAY)
    named_ = [entry["detail"] for entry in logbook.entries(body.world, 0, 99) if entry["kind"] in OF_ACCOUNTS]
    assert [detail.get("user") for detail in named_ if "carla" in detail.values()] == ["carla"]  # that of the new account
    assert list(fsck(body.world)) == [] and logbook.verify(body.world).ok


def test_a_nodes_own_log_has_no_name_in_what_people_did(comity, tmp_path: Path) -> None:
    from comity import node

    comity("init", "--party", "KZ")
    world = node.open_node(tmp_path / "node")
    user = users.add(world, "anna", "KZ", "analyst")
    with world.store.write() as tx:
        world.journal.append(tx, Entry(kind="access", at=world.clock(), actor=user.name))
    last = list(world.store.leaves())[-1]
    assert b"anna" not in last.entry
    world.store.close()
    assert b'"actor":"anna"' in comity("log", "list", "--last", "1").stdout.replace(b": ", b":")

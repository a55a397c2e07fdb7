from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.intake.govern import add_agreement
from comity.intake.submit import Submitter, submit
from comity.intake.withdraw import withdraw
from comity.match import own
from comity.match.own import Forgetting, Own, own_index
from comity.release.desk import Desk
from comity.release.holdings import every
from comity.release.matchable import matchable
from comity.terms.force import Passed
from tests.consortium import MEMBERS, START, Body, drafts, indicator

NAMES = [f"n{n}.example" for n in range(12)]


@pytest.fixture(autouse=True)
def worth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "WORTH", 1)
    monkeypatch.setattr(own, "PART", 0.5)


class Node:
    """KZ's own node, started anew for each look."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.body = Body()
        object.__setattr__(self.body.world, "settings", msgspec.structs.replace(self.body.world.settings, party="KZ", name="KZ-sco"))
        self.body.member("KZ")

    def adds(self, *objects: dict[str, Any], party: str = "KZ", **options: Any) -> None:
        found = list(submit(self.body.world, drafts(objects), Submitter(party=party, **options)))
        assert all(outcome.outcome == "accepted" for outcome in found)

    def looks(self) -> set[tuple[str, str]]:
        """(value, id) of all that would match; the same as without anything kept, and so is what is told."""
        kept, fresh = list[Passed](), list[Passed]()
        index = own_index(Desk(self.body.world), self.folder, kept.append)
        found = {(match.value, id_) for name in NAMES for match in index.host(name) for id_ in match.indicators}
        found |= {(part.text, part.id) for part in index.patterns.parts}
        entries = matchable(Desk(self.body.world), passed=fresh.append, patterns=True)
        assert found == {(value, id_) for _, value, id_ in entries}
        assert sorted((one.id, one.why) for one in kept) == sorted((one.id, one.why) for one in fresh)
        return found

    def kept(self) -> int | None:
        """Which file it is."""
        found = list(self.folder.glob("*.table"))
        return found[0].stat().st_ino if found else None


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(tmp_path / "tables")


def named(n: int, **properties: Any) -> dict[str, Any]:
    return indicator(pattern=f"[domain-name:value = '{NAMES[n]}']", **properties)


def test_what_came_since_is_beside_what_is_kept(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    both = "[domain-name:value = 'a.example'] AND [url:value = 'http://b.example/']"
    node.adds(*(named(n) for n in range(3)), indicator(pattern=both), named(9, revoked=True))
    assert len(node.looks()) == 4
    first = node.kept()
    assert first
    monkeypatch.setattr(own, "PART", 2)
    monkeypatch.setattr(own, "_read", None)
    node.adds(indicator(pattern=both.replace("a.ex", "c.ex")), named(8, revoked=True))
    assert len(node.looks()) == 5
    assert len(node.looks()) == 5
    assert node.kept() == first
    monkeypatch.undo()


def test_where_much_came_all_is_kept_anew(node: Node) -> None:
    node.adds(*(named(n) for n in range(4)))
    node.looks()
    node.adds(*(named(n) for n in range(4, 8)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(own, "WORTH", 1)
        assert len(node.looks()) == 8
        patch.setattr(own, "_read", None)
        assert len(node.looks()) == 8


def test_reads_are_counted_though_nothing_is_read(node: Node) -> None:
    node.adds(named(0), named(1))
    for _ in range(2):
        desk = Desk(node.body.world)
        own_index(desk, node.folder)
        before = node.body.world.store.head().size
        desk.flush()
        leaf = next(node.body.world.store.leaves(before, before + 1))
        assert b'"reads":{"KZ":2}' in leaf.entry


def test_a_new_version_takes_the_place_of_the_kept_one(node: Node) -> None:
    item = named(0)
    node.adds(item, named(1), named(2))
    node.looks()
    node.adds({**item, "pattern": "[domain-name:value = 'n5.example']", "modified": "2021-10-05T00:00:00.000Z"})
    assert {value for value, _ in node.looks()} == {"n5.example", "n1.example", "n2.example"}
    node.adds({**item, "modified": "2021-10-06T00:00:00.000Z", "revoked": True})
    assert {value for value, _ in node.looks()} == {"n1.example", "n2.example"}


def test_a_withdrawal_holds_at_once_and_its_value_is_deleted(node: Node) -> None:
    item = named(0)
    node.adds(item, named(1))
    node.looks()
    withdraw(node.body.world, "KZ", item["id"])
    assert {value for value, _ in node.looks()} == {"n1.example"}
    assert all(NAMES[0].encode() not in path.read_bytes() for path in node.folder.iterdir())


def test_what_is_kept_is_forgotten_with_a_withdrawal_a_revocation_and_a_new_agreement(node: Node) -> None:
    items = [named(n) for n in range(6)]
    node.adds(*items)
    world = node.body.world
    forgetting = Forgetting(world, node.folder)
    forgetting.look()  # there is nothing yet

    def still(change: Callable[[], object]) -> list[bool]:
        node.looks()
        found = []
        for do in (lambda: None, lambda: node.adds(named(7)), change):
            do()
            forgetting.look()
            found.append(node.kept() is not None)
        return found

    for change in (
        lambda: withdraw(world, "KZ", items[0]["id"]),
        lambda: node.adds({**items[1], "modified": "2021-10-06T00:00:00.000Z", "revoked": True}),
        lambda: add_agreement(world, MEMBERS.replace("version = 1", "version = 2"), "test.toml", by="test"),
    ):
        assert still(change) == [True, True, False]
    node.looks()
    next(node.folder.glob("*.table")).write_bytes(b"cut off")
    forgetting.look()
    assert node.kept() is None


def test_forgetting_reads_what_came_once(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    node.adds(named(0), named(1))
    node.looks()
    read = list[str]()

    def counted(*given: Any) -> Iterator[Any]:
        for found in every(*given):
            read.append(found[1].id)
            yield found

    monkeypatch.setattr(own, "every", counted)
    forgetting = Forgetting(node.body.world, node.folder)
    for n in (2, 3):
        node.adds(named(n))
        forgetting.look()
        forgetting.look()
    assert len(read) == 2


@pytest.mark.parametrize("how", ["valid_until", "expires"])
def test_what_ends_ends_at_its_moment_and_a_clock_that_is_set_back_is_minded(node: Node, how: str) -> None:
    ends = START + timedelta(hours=1)
    if how == "expires":
        node.adds(named(0), expires=ends)
    else:
        node.adds(named(0, valid_until=ends.strftime("%Y-%m-%dT%H:%M:%SZ")))
    node.adds(named(1), named(2, valid_from="2021-11-02T00:00:00Z"))
    assert len(node.looks()) == 2
    node.body.clock.at = ends
    assert len(node.looks()) == 1
    node.body.clock.at = START + timedelta(days=1)
    assert len(node.looks()) == 2
    node.body.clock.at = ends - timedelta(minutes=30)
    assert len(node.looks()) == 2


def test_a_changed_agreement_and_another_party_are_minded(node: Node) -> None:
    node.adds(named(0))
    node.adds(named(1), party="UZ", received_from="SCO-CENTRE")
    node.looks()
    add_agreement(node.body.world, MEMBERS.replace("version = 1", "version = 2"), "test.toml", by="test")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(own, "_late", None)
        node.looks()
    object.__setattr__(node.body.world, "settings", msgspec.structs.replace(node.body.world.settings, party="UZ"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(own, "_late", None)
        node.looks()


def test_another_store_and_a_damaged_table_are_not_believed(node: Node, tmp_path: Path) -> None:
    node.adds(named(0), named(1))
    node.looks()
    other = Node(node.folder)
    other.adds(named(2), named(3))
    assert {value for value, _ in other.looks()} == {"n2.example", "n3.example"}
    place = next(node.folder.iterdir())
    raw = bytearray(place.read_bytes())
    raw[-1] ^= 1
    place.write_bytes(raw)
    assert len(other.looks()) == 2
    place.chmod(0o666)
    assert len(other.looks()) == 2


_STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "other", "revise", "revoke", "withdraw", "wait", "look", "agree"]), st.integers(0, 11)), max_size=12
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_STEPS)
def test_it_is_always_as_if_nothing_were_kept(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]) -> None:
    node = Node(tmp_path_factory.mktemp("own") / "tables")
    items: list[dict[str, Any]] = []
    for number, (step, n) in enumerate(steps):
        item = items[n % len(items)] if items else None
        later = f"2021-10-02T00:00:{number:02}.000Z"
        if step in ("add", "other"):
            until = (START + timedelta(hours=n)).strftime("%Y-%m-%dT%H:%M:%SZ")
            items.append(named(n, **({"valid_until": until} if n % 3 == 0 and n else {})))
            node.adds(items[-1], **({"party": "UZ", "received_from": "SCO-CENTRE"} if step == "other" else {}))
        elif step == "revise" and item:
            list(submit(node.body.world, drafts([{**item, "pattern": named(n)["pattern"], "modified": later}]), Submitter(party="KZ")))
        elif step == "revoke" and item:
            list(submit(node.body.world, drafts([{**item, "revoked": True, "modified": later}]), Submitter(party="KZ")))
        elif step == "withdraw" and item:
            withdraw(node.body.world, "KZ", item["id"])
        elif step == "wait":
            node.body.clock.at += timedelta(hours=n)
        elif step == "agree":
            add_agreement(node.body.world, MEMBERS.replace("version = 1", f"version = {number + 2}"), "test.toml", by="test")
        elif step == "look":
            node.looks()
    node.looks()


@pytest.mark.parametrize(("keeps", "score"), [(True, 0), (False, 0), (False, 10)])
def test_what_is_followed_is_read_again_when_it_has_changed(node: Node, keeps: bool, score: int) -> None:
    soon = START + timedelta(minutes=30)
    node.adds(named(0), named(1, valid_until=soon.strftime("%Y-%m-%dT%H:%M:%SZ")))
    followed = Own(Desk(node.body.world), node.folder if keeps else None, score)
    assert followed.changed()

    def reads() -> set[int]:
        index = followed.read()
        assert not followed.changed()
        return {n for n in range(4) if index.host(NAMES[n])}

    assert reads() == {0, 1}
    node.adds(named(2))
    assert followed.changed()
    assert reads() == {0, 1, 2}
    node.body.clock.at = soon
    assert followed.changed()
    assert reads() == {0, 2}
    node.adds(named(3, valid_until=(soon + timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M:%SZ")))
    assert reads() == {0, 2, 3}
    node.body.clock.at = soon + timedelta(minutes=2)
    assert followed.changed()
    assert reads() == {0, 2}
    node.body.clock.at += timedelta(minutes=61)
    assert followed.changed() == bool(score)

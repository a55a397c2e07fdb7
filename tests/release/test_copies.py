"""Redacted copies: who gets one, once, under an id that tells nothing, and what becomes of it with its original."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from comity.admin.fsck import fsck
from comity.intake.withdraw import received, withdraw
from tests.consortium import MEMBERS, Body, Member, indicator

SECRET = "our sensor in the ministry"
#: Observers get indicators without their descriptions, and all else as MEMBERS says.
REDACTED = MEMBERS.replace(
    "[party.SCO-CENTRE]",
    """[profile.plain]
remove = ["description", "created_by_ref"]

[party.SCO-CENTRE]""",
).replace(
    'id = "observers"\ntext = "Observers receive technical information up to TLP:GREEN."',
    'id = "observers"\ntext = "Observers receive copies without descriptions."\nredact = "plain"',
)


class Cast:
    def __init__(self, agreement: str = REDACTED, **options: Any) -> None:
        self.body = Body(agreement, **options)
        self.kz, self.uz = self.body.member("KZ"), self.body.member("UZ")
        self.ir = self.body.observer("IR")

    def seen(self, who: Member, **query: Any) -> list[dict[str, Any]]:
        return [msgspec.json.decode(body) for body in who.page(limit=1_000, **query).bodies]


@pytest.fixture
def cast() -> Cast:
    return Cast()


def test_an_observer_gets_a_copy_and_a_member_the_original(cast: Cast) -> None:
    original = indicator(description=SECRET, name="bad")
    cast.kz.submits(original, tlp="green")
    (copy,) = cast.seen(cast.ir)
    assert copy["id"] != original["id"]
    assert copy == {key: value for key, value in original.items() if key != "description"} | {"id": copy["id"]}
    assert cast.seen(cast.uz, types=frozenset({"indicator"})) == [original]


def test_nothing_is_made_twice(cast: Cast) -> None:
    item = indicator(description=SECRET)
    cast.kz.submits(item, tlp="green")
    first = cast.ir.polls()
    assert len(first) == 1
    assert cast.ir.polls() == []
    later = {**item, "modified": "2021-10-05T00:00:00.000Z", "description": SECRET + " again"}
    cast.kz.submits(later, indicator(), tlp="green")
    again = cast.ir.polls()
    assert len(again) == 2
    assert first[0] in again  # the new version of the original is one of the copy
    assert cast.ir.polls() == []
    (copy,) = [obj for obj in cast.seen(cast.ir) if obj["id"] == first[0]]
    assert copy["modified"] == later["modified"]
    other = cast.body.observer("AF")
    assert sorted(other.reads()) == sorted({*first, *again})
    assert list(fsck(cast.body.world)) == []


def test_who_sees_the_original_meets_no_copy_but_may_ask_for_it(cast: Cast) -> None:
    item = indicator(description=SECRET)
    cast.kz.submits(item, tlp="green")
    (copy,) = cast.ir.reads()
    for member in (cast.kz, cast.uz):
        kinds = [obj["type"] for obj in cast.seen(member, versions=("all",))]
        assert sorted(kinds) == ["indicator", "relationship"]
        (link,) = cast.seen(member, types=frozenset({"relationship"}))
        assert (link["relationship_type"], link["source_ref"], link["target_ref"]) == ("derived-from", copy, item["id"])
        assert cast.seen(member, values=(("domain", "bad.example"),)) == [item]
        (body,) = member.gets(copy)
        assert msgspec.json.decode(body)["id"] == copy
    assert cast.ir.gets(link["id"]) == []
    assert cast.ir.gets(item["id"]) == []
    assert len(cast.seen(cast.ir, values=(("domain", "bad.example"),))) == 1


def test_withdrawing_the_original_takes_the_copies_and_who_had_them_is_known(cast: Cast) -> None:
    item = indicator(description=SECRET)
    later = {**item, "modified": "2021-10-05T00:00:00.000Z"}
    cast.kz.submits(item, later, tlp="green")
    (copy,) = set(cast.ir.reads(versions=("all",)))
    world = cast.body.world
    assert withdraw(world, "KZ", copy) == []
    recalls = withdraw(world, "KZ", item["id"], versions=("first",))
    assert [(recall.id, recall.version) for recall in recalls] == [(item["id"], item["modified"]), (copy, item["modified"])]
    assert [party.party for party in received(world, recalls)[recalls[1].name]] == ["IR"]
    assert cast.ir.reads(versions=("all",)) == [copy]
    recalls = withdraw(world, "KZ", item["id"])
    assert {recall.id.partition("--")[0] for recall in recalls} == {"indicator", "relationship"}
    assert len(recalls) == 3
    assert cast.ir.reads() == cast.uz.reads() == []
    assert list(fsck(world)) == []
    cast.kz.submits(item, tlp="green")
    (again,) = cast.ir.reads()
    assert again != copy
    assert list(fsck(world)) == []

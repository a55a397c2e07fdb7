"""Redacted copies: who gets one, once, under an id that tells nothing, and what becomes of it with its original."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.admin.fsck import fsck
from comity.intake import approve
from comity.intake.govern import add_agreement
from comity.intake.withdraw import received, withdraw
from comity.release import account, approvals, copies, desk
from comity.release.desk import Desk
from comity.release.explain import named, why
from comity.release.select import Query
from comity.release.surroundings import surroundings
from comity.release.tallies import tallies
from comity.rulebook import Rulebook
from comity.store import open_store
from comity.store.copied import envelopes
from comity.terms.stix import sco
from tests.approving import TEXT, Meeting, who
from tests.consortium import MEMBERS, RETURNING, START, Body, Member, indicator, relationship, sdo, sighting

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


def test_what_is_said_of_a_copy_is_said_of_the_original(cast: Cast) -> None:
    item = indicator(description=SECRET)
    cast.kz.submits(item, tlp="green")
    (copy,) = cast.ir.reads()
    seen, doubted = sighting(copy, count=5), sdo("opinion", object_refs=[copy], opinion="disagree")
    cast.ir.submits(seen, doubted, tlp="green")
    world, desk = cast.body.world, cast.body.desk
    (row,) = world.store.by_id([seen["id"]])
    assert desk.sight(cast.kz.reader).traits(row.base).about == ("KZ",)
    assert seen["id"] in cast.kz.reads()
    for ids in ({item["id"]}, None):
        about = surroundings(desk, cast.kz.reader, ids)[item["id"]]
        assert ([one.count for one in about.seen], [one.party for one in about.doubts]) == ([5], ["IR"])
    assert [one.count for one in surroundings(desk, cast.kz.reader, {copy})[copy].seen] == [5]
    observed = surroundings(desk, cast.ir.reader)
    assert observed.keys() == {copy}


def test_a_changed_agreement_holds_on_the_next_request(cast: Cast) -> None:
    item = indicator(description=SECRET, name="bad", labels=["phishing"])
    cast.kz.submits(item, tlp="green")
    (first,) = cast.ir.polls()
    changed = REDACTED.replace("version = 1", "version = 2").replace('["description", "created_by_ref"]', '["description", "labels"]')
    add_agreement(cast.body.world, changed, "test.toml", by="test")
    (second,) = cast.ir.polls()
    assert second != first
    assert "labels" not in msgspec.json.decode(cast.ir.gets(second)[0])
    assert cast.ir.gets(first) == []
    add_agreement(cast.body.world, MEMBERS.replace("version = 1", "version = 3"), "test.toml", by="test")
    # What an observer may now have whole it meets whole, and the copies no more.
    assert set(cast.ir.polls()) == {item["id"]} | {link["id"] for link in cast.seen(cast.ir, types=frozenset({"relationship"}))}
    back = REDACTED.replace("version = 1", "version = 4")
    add_agreement(cast.body.world, back, "test.toml", by="test")
    assert cast.ir.polls() == []  # the same copy again, which it has had
    assert cast.ir.reads() == [first]
    assert list(fsck(cast.body.world)) == []


def test_who_becomes_a_member_meets_the_original_and_who_ceases_to_be_one_the_copy(cast: Cast) -> None:
    item = indicator(description=SECRET)
    cast.kz.submits(item, tlp="green")
    (copy,) = cast.ir.polls()
    cast.body.party("IR", "member", since=START)
    assert item["id"] in cast.ir.polls()
    assert copy not in cast.ir.reads()
    assert cast.ir.gets(copy)
    cast.body.party("IR", "observer", since=START + timedelta(seconds=1))
    cast.body.clock.at += timedelta(seconds=2)
    assert cast.ir.polls() == []  # it has had the copy
    assert cast.ir.reads() == [copy]
    assert cast.ir.gets(item["id"]) == []


def test_what_is_left_may_be_no_object_and_then_nothing_leaves() -> None:
    cast = Cast(REDACTED.replace('["description", "created_by_ref"]', '["pattern"]'))
    item = indicator()
    cast.kz.submits(item, tlp="green")
    assert cast.ir.reads() == cast.ir.reads() == []
    found = why(cast.body.desk, item["id"], cast.ir.reader)
    assert (found.decision.effect, found.decision.rule) == ("deny", "copy")
    assert "no valid STIX object" in " ".join(found.sentences())
    assert [row.type for row in cast.body.world.store.recent(100) if row.type in ("indicator", "relationship")] == ["indicator"]


def test_why_names_the_copy_and_what_it_was_made_of(cast: Cast) -> None:
    item = indicator(description=SECRET)
    cast.kz.submits(item, tlp="green")
    desk = cast.body.desk
    assert why(desk, item["id"], cast.ir.reader).as_json()["copy"] is None
    (copy,) = cast.ir.reads()
    found = why(desk, item["id"], cast.ir.reader)
    assert (found.decision.effect, found.as_json()["copy"], found.as_json()["derived_from"]) == ("redact", copy, None)
    assert f"The copy is {copy}." in found.sentences()
    assert len(found.disclosed) == 1
    found = why(desk, copy, cast.ir.reader)
    assert (found.decision.effect, found.as_json()["copy"], found.as_json()["derived_from"]) == ("permit", None, item["id"])
    # To the observer itself only what it sees is told.
    asked = account.why(desk, cast.ir.reader, copy, "IR", ("network-defence",))
    assert (asked.decision.effect, asked.as_json()["derived_from"]) == ("permit", None)
    assert item["id"] not in str(asked.as_json()) + str(asked.sentences())
    asked = account.why(desk, cast.kz.reader, copy, "IR", ("network-defence",))
    assert asked.as_json()["derived_from"] == item["id"]
    assert named(desk, "bad.example") == (item["id"], None)


def test_expiry_is_the_originals(cast: Cast) -> None:
    cast.kz.submits(indicator(), tlp="green", expires=START + timedelta(hours=1))
    (copy,) = cast.ir.reads()
    cast.body.clock.at += timedelta(hours=2)
    assert cast.ir.reads() == cast.ir.gets(copy) == []
    assert list(fsck(cast.body.world)) == []


def test_the_same_under_stricter_handling_takes_the_copy_along(cast: Cast) -> None:
    item = indicator(description=SECRET)
    cast.kz.submits(item, tlp="green")
    (copy,) = cast.ir.polls()
    cast.kz.submits(item, tlp="amber")
    assert cast.ir.reads() == cast.ir.gets(copy) == []
    assert cast.uz.reads() == [item["id"]]
    assert list(fsck(cast.body.world)) == []


def test_what_names_a_hidden_object_is_hidden_as_a_copy_too(cast: Cast) -> None:
    item, hidden = indicator(description=SECRET), sdo("malware")
    cast.kz.submits(hidden, tlp="amber")
    link = relationship(item["id"], hidden["id"], description=SECRET)
    cast.kz.submits(item, link, tlp="green")
    assert [id_.partition("--")[0] for id_ in cast.ir.reads()] == ["indicator"]
    assert why(cast.body.desk, link["id"], cast.ir.reader).decision.rule == "references"


def test_observables_and_every_type_that_a_clause_covers(cast: Cast) -> None:
    value = sco("domain", "bad.example")
    cast.kz.submits(value, {**value, "x_note": "another claim"}, tlp="green")
    met = cast.ir.reads(versions=("all",))
    assert len(met) == 2
    assert len(set(met)) == 1
    assert value["id"] not in met
    assert cast.ir.polls() == met[:1]
    assert cast.ir.polls() == []
    recalls = withdraw(cast.body.world, "KZ", value["id"])
    assert len(recalls) == 5
    assert cast.ir.reads() == []
    assert list(fsck(cast.body.world)) == []


@given(
    removed=st.lists(st.sampled_from(("one", "two", "three")), min_size=2, max_size=2, unique=True),
    submissions=st.lists(st.integers(0, 3), min_size=1, max_size=4),
)
@settings(max_examples=20, deadline=None)
def test_nothing_the_observer_gets_depends_on_what_is_left_out(removed: list[str], submissions: list[int]) -> None:
    def told(word: str) -> list[object]:
        cast, found, names = Cast(), [], {}
        for number in submissions:
            item = sdo("indicator", id=f"indicator--00000000-0000-4000-8000-{number:012d}", description=word, labels=["x"])
            cast.kz.submits({**item, "modified": f"2021-10-0{number + 1}T00:00:00.000Z"}, tlp="green")
            page = cast.ir.page(versions=("all",))
            assert word.encode() not in b"".join(page.bodies)
            assert item["id"].encode() not in b"".join(page.bodies)
            for row, body in zip((row for _, row in page.found), page.bodies, strict=True):
                name = names.setdefault(row.id, len(names))
                found.append((name, body.replace(row.id.encode(), b""), row.version, row.origin, page.more))
        return found

    assert told(f"a long text of {removed[0]}") == told(removed[1])


def test_what_was_cut_off_between_batches_goes_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "BATCH", 2)
    cast.kz.submits(*(indicator() for _ in range(7)), tlp="green")
    place, left = copies.place, [2]

    def failing(*args: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise OSError("the disk is full")
        return place(*args)

    monkeypatch.setattr(copies, "place", failing)
    with pytest.raises(OSError, match="the disk is full"):
        cast.ir.reads()
    assert len(copied_rows(cast)) == 4
    monkeypatch.setattr(copies, "place", place)
    assert len(set(cast.ir.reads())) == 7
    assert len(copied_rows(cast)) == 7
    assert list(fsck(cast.body.world)) == []


def test_a_page_waits_for_so_many_copies_only_and_says_that_more_follow(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "BATCH", 2)
    monkeypatch.setattr(desk, "COPIED", 1)
    bare = [{key: value for key, value in indicator(indicator_types=["benign"]).items() if key != "name"} for _ in range(4)]
    cast.kz.submits(*(indicator() for _ in range(7)), *bare, tlp="green")
    page = cast.ir.page()
    assert 0 < len(page.found) <= 2
    assert page.more
    found = cast.ir.reads()
    assert len(found) == len(set(found)) == 11
    assert not cast.ir.page(after=page.found[-1][0], limit=100).more
    item = indicator(pattern="[domain-name:value = 'late.example']")
    cast.kz.submits(*(indicator() for _ in range(5)), item, tlp="green")
    assert cast.seen(cast.ir, values=(("domain", "late.example"),))  # a look-up waits for all


def copied_rows(cast: Cast) -> list[int]:
    """What each copy was made of."""
    store = cast.body.world.store
    rows = [row.item for row in store.recent(10_000) if row.type == "indicator"]
    return [each.made_of for each in envelopes(store, rows).values() if each.made_of is not None]


def test_two_processes_at_once_make_each_copy_once(tmp_path: Any) -> None:
    """The second has its own store, desk and memory, and comes between the first one's look and its writing."""
    one = Cast(store=f"sqlite:{tmp_path}/store.db")
    one.kz.submits(*(indicator() for _ in range(5)), tlp="green")
    store = open_store(f"sqlite:{tmp_path}/store.db")
    world = dataclasses.replace(one.body.world, store=store, rulebook=Rulebook(store))
    sight = one.body.desk.sight(one.ir.reader)
    assert sight.homes() is not None
    ((home, profile),) = [pair for pair in sight.copied.items() if copies._beyond(one.body.world, *pair)]
    rows = copies._beyond(one.body.world, home, profile)
    other = Desk(world).page(one.ir.reader, Query())
    copies._enter(one.body.world, home, profile, rows)
    assert [row.id for _, row in other.found] == one.ir.reads()
    assert len(copied_rows(one)) == len(set(copied_rows(one))) == 5
    assert list(fsck(world)) == []


def test_a_copy_that_somebody_must_approve_is_made_when_all_have() -> None:
    asking = TEXT.replace('id = "spoken-for"', 'id = "spoken-for"\nredact = "plain"') + '\n[profile.plain]\nremove = ["description"]\n'
    meeting = Meeting(asking)
    body, ir, kz = meeting.body, meeting.ir, meeting.kz
    item = indicator(description=SECRET)
    (id_,) = meeting.shares(item, tlp="green")
    assert ir.polls() == []
    other = body.observer("AF")
    (request,) = meeting.asks([id_], "IR")
    for person in ("UZ/umid", "TJ/timur"):
        meeting.does("approve", request, person)
    body.clock.at += timedelta(days=8)
    (copy,) = ir.polls()
    assert copy != id_
    assert (ir.polls(), other.polls()) == ([], [])
    # A later request about the original is one about its copy.
    (request,) = meeting.asks([id_], "AF")
    for person in ("UZ/umid", "TJ/timur"):
        meeting.does("approve", request, person)
    body.clock.at += timedelta(days=8)
    assert other.polls() == [copy]
    assert len(body.world.store.by_id([copy])) == 1
    assert kz.gets(copy)
    assert list(fsck(body.world)) == []


def test_what_observers_saw_of_a_copy_is_told_of_the_original(cast: Cast) -> None:
    text = RETURNING.replace("version = 2", "version = 3") + '\n[profile.plain]\nremove = ["description"]\n'
    text = text.replace('id = "observers"', 'id = "observers"\nredact = "plain"').replace(
        '"@observables", "relationship"', '"@observables"'
    )
    add_agreement(cast.body.world, text, "test.toml", by="test")
    item = indicator(description=SECRET)
    cast.kz.submits(item, tlp="green")
    for code in ("AF", "MN", "IR"):
        observer = cast.body.observer(code)
        (copy,) = observer.reads()
        observer.submits(sighting(copy), tlp="green", named=False)
    cast.body.clock.at += timedelta(days=2)
    (told,) = tallies(cast.body.desk, cast.body.clock.at, 3, timedelta(days=30))
    assert (told.subject, told.producer, told.count) == (item["id"], "KZ", 2)


def test_who_claims_the_id_of_a_copy_is_not_told_of_the_original(cast: Cast) -> None:
    text = RETURNING.replace("version = 2", "version = 3") + '\n[profile.plain]\nremove = ["description"]\n'
    text = text.replace('id = "observers"', 'id = "observers"\nredact = "plain"')
    add_agreement(cast.body.world, text, "test.toml", by="test")
    item = indicator(description=SECRET)
    cast.kz.submits(item, tlp="green")
    (copy,) = cast.ir.reads(types=frozenset({"indicator"}))
    cast.ir.submits(indicator(id=copy), tlp="green")
    for code in ("TJ", "KG", "UZ"):
        cast.body.member(code).submits(sighting(copy), tlp="green", named=False)
    cast.body.clock.at += timedelta(days=2)
    found = tallies(cast.body.desk, cast.body.clock.at, 3, timedelta(days=30))
    assert {each.producer: each.subject for each in found} == {"KZ": item["id"], "IR": copy}


def test_copies_of_what_many_origins_approved_are_made_once_and_the_page_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """More batches than one page waits for, each of them done already at the next request."""
    body = Body(REDACTED.replace('redact = "plain"', 'redact = "plain"\napproval = { procedure = "origin" }'))
    origins, ir = [body.member(f"P{number}") for number in range(desk.COPIED + 2)], body.observer("IR")
    for origin in origins:
        item = indicator(description=SECRET)
        origin.submits(item, tlp="green")
        items = approvals.askable(body.desk, origin.reader, [item["id"]])
        (request,) = approve.ask(body.world, items, ["IR"], who(f"{origin.code}/a"))
        approve.act(body.world, request.id, "approve", who(f"{origin.code}/a"))
    looked = 0
    make = copies.make

    def counting(*given: Any) -> bool:
        nonlocal looked
        looked += 1
        assert looked < 10, "it does not end"
        return make(*given)

    monkeypatch.setattr(desk, "make", counting)
    assert len(set(ir.reads(limit=2))) == len(origins)
    assert len(ir.polls()) == len(origins)
    size = body.world.store.head().size
    origins[0].submits(sdo("malware", description=SECRET), tlp="red", to=("P1",))
    written: list[object] = []
    monkeypatch.setattr(copies, "_enter", lambda *given: written.append(given))
    assert ir.polls() == []
    assert written == []  # nothing is copied again because something else came
    assert body.world.store.head().size == size + 1
    assert list(fsck(body.world)) == []

"""Hidden and absent are the same: nobody can tell a world from one without what they may not see (see `two_worlds` for the stories)."""

from __future__ import annotations

import base64
import json
import sys
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from comity import node
from comity.admin.tokens import create
from comity.clock import stamp
from comity.config import Settings
from comity.doors.cli import run
from comity.doors.taxii import app
from comity.doors.taxii.wire import MEDIA, read_cursor
from comity.errors import Denied
from comity.intake.govern import add_agreement, add_standing
from comity.intake.submit import Submitter, submit
from comity.release import desk as desk_module
from comity.release import feed as feed_module
from comity.release import holdings, select, sight
from comity.release.record import advance
from comity.store import placing
from comity.store.memory import MemoryStore
from comity.terms.party import Standing
from tests.consortium import Body, Member, drafts, indicator, report
from tests.inside import Inside
from tests.release.two_worlds import ONLOOKER, OTHERS, RULES, Claim, Onlooker, Step, Story, object_id, tell, told_apart

SEEDS = range(150)


class Client(Onlooker):
    """The same party over TAXII: statuses, headers and bodies as they come."""

    def __init__(self, body: Body) -> None:
        super().__init__(body)
        scopes = ("taxii:read", "taxii:write")
        _, text = create(body.world, party=ONLOOKER, scopes=scopes, expires=body.clock() + timedelta(days=1))
        self.headers = {"Authorization": "Basic " + base64.b64encode(f"{ONLOOKER}:{text}".encode()).decode(), "Accept": MEDIA}
        self.http = Inside(Starlette(routes=app.routes(body.desk), exception_handlers={HTTPException: app.not_found}))
        self.statuses: dict[str, str] = {}

    def _call(self, method: str, path: str, **more: Any) -> tuple[Any, Any]:
        """What a client is told, with cursors read as the stamps that they are; and the resource."""
        answer = self.http.request(method, "/taxii2/sco/" + path, headers={**self.headers, "Content-Type": MEDIA}, **more)
        resource, text = answer.json(), answer.text
        for cursor in filter(None, [resource.get("next")]):
            text = text.replace(cursor, stamp(read_cursor(cursor)))
        for id_, name in self.statuses.items():
            text = text.replace(id_, name)
        return (answer.status_code, sorted(answer.headers.items()), text), resource

    def _submit(self, claims: tuple[Claim, ...]) -> list[Any]:
        told, status = self._call(
            "POST", "collections/exchange/objects/", content=json.dumps({"objects": [claim.as_object() for claim in claims]})
        )
        self.statuses[status["id"]] = f"status-{len(self.statuses)}"
        again, _ = self._call("GET", f"status/{status['id']}/")
        return [told[0], told[1], told[2].replace(status["id"], self.statuses[status["id"]]), again]

    def _pages(self, after: int, limit: int, query: dict[str, Any]) -> tuple[list[Any], int]:
        told: list[Any] = []
        end = after
        for resource in ("manifest", "objects"):
            params: dict[str, Any] = {"limit": limit, "match[version]": ",".join(query.get("versions", ("last",)))}
            params |= {f"match[{key[:-1]}]": ",".join(sorted(query[key])) for key in ("types", "ids") if key in query}
            params |= {"match[spec_version]": "2.0"} if "spec_versions" in query else {}
            params |= {"added_after": stamp(after)} if after else {}
            collection = "exchange" if query.get("own", True) else "shared"
            for _ in range(200):
                answer, found = self._call("GET", f"collections/{collection}/{resource}/", params=params)
                told.append(answer)
                dates = dict(answer[1])
                if "x-taxii-date-added-last" in dates:
                    self.stamps.append(dates["x-taxii-date-added-last"])
                    end = max(end, _micros(dates["x-taxii-date-added-last"]))
                if not found.get("more") or "next" not in found:
                    break
                params["next"] = found["next"]
        return told, end

    def _object(self, id_: str, versions: tuple[str, ...]) -> Any:
        params = {"match[version]": ",".join(versions)}
        path = f"collections/exchange/objects/{id_}/"
        return self._call("GET", path, params=params)[0], self._call("GET", path + "versions/")[0]


def _micros(text: str) -> int:
    from comity.clock import micros, parse

    return micros(parse(text))


@settings(max_examples=120, derandomize=True, deadline=None, print_blob=True)
@given(st.randoms(use_true_random=False))
def test_two_worlds_are_one_to_whoever_may_not_see_the_difference(random):
    assert told_apart(tell(random)) == ""


@pytest.mark.parametrize("seed", range(0, 240, 40))
def test_two_worlds_are_one_by_seed(seed):
    for number in range(seed, seed + 40):
        story = tell(Random(number), 16)
        assert told_apart(story) == "", f"seed {number}"


def test_the_stories_do_hide_something_and_grant_something_late():
    stories = [tell(Random(seed)) for seed in SEEDS]
    assert sum(bool(story.hidden()) for story in stories) > 120
    assert sum(any(step.standing for step in story.steps) for story in stories) > 50
    assert {claim.origin for story in stories for claim in story.hidden()} == set(OTHERS)


def test_two_worlds_are_one_in_sqlite(tmp_path):
    for seed in range(6):
        stores = (f"sqlite:{tmp_path}/all-{seed}.db", f"sqlite:{tmp_path}/less-{seed}.db")
        assert told_apart(tell(Random(seed), 16), stores) == "", f"seed {seed}"


def test_both_stores_tell_the_same_story(tmp_path):
    from tests.release.two_worlds import play, ranked

    for seed in range(6):
        story = tell(Random(1000 + seed), 16)
        memory, sqlite = (play(story, set(), store) for store in ("memory:", f"sqlite:{tmp_path}/{seed}.db"))
        assert ranked(memory.transcript) == ranked(sqlite.transcript), f"seed {seed}"


def test_two_worlds_are_one_over_taxii():
    for seed in range(12):
        assert told_apart(tell(Random(seed), 14), eyes=Client) == "", f"seed {seed}"


# Stories of their own for defects that chance seldom meets


def _claim(**properties: Any) -> Claim:
    return Claim(version=properties.pop("version", 1), word=str(properties), **properties)


def _granted_later(*between: Claim) -> Story:
    """An observer reads on past what it may not see yet, and is then made a member."""
    steps = [Step(bundles=((_claim(origin="KZ", number=0),),)), Step(act=("poll", 9))]
    steps += [Step(bundles=((claim,),)) for claim in between]
    steps += [Step(bundles=((_claim(origin="TJ", number=0, version=3),),)), Step(act=("poll", 9))]
    return Story([*steps, Step(standing=(ONLOOKER, "member", 0)), Step(act=("poll", 9)), Step(act=("walk", 1, {}))])


#: A hidden object first uses facts that a visible one, granted late, has too.
FACTS_MET_BEFORE = _granted_later(
    _claim(origin="KZ", number=2, tlp="amber", refs=(7,)),
    _claim(origin="KZ", number=1, tlp="amber"),
    _claim(origin="KZ", number=2, tlp="amber", version=2),
)
#: A hidden claim of an object comes between two reports that name it.
CLAIM_BETWEEN = _granted_later(
    _claim(origin="KZ", number=3, tlp="amber", refs=(0,)),
    _claim(origin="KZ", number=1, tlp="amber"),
    _claim(origin="KZ", number=4, tlp="amber", refs=(1,)),
    _claim(origin="UZ", number=0, tlp="red", version=2),
    _claim(origin="KZ", number=3, tlp="amber", refs=(0,), version=2),
)


@pytest.mark.parametrize("story", [FACTS_MET_BEFORE, CLAIM_BETWEEN])
def test_the_order_of_late_grants_does_not_tell_what_came_between(story):
    assert story.hidden()
    assert told_apart(story) == ""


def _tells() -> bool:
    return any(told_apart(story) for story in (FACTS_MET_BEFORE, CLAIM_BETWEEN, *(tell(Random(seed), 16) for seed in SEEDS)))


# Gaps between stamps


def _gaps(hide: bool, late: bool) -> list[int]:
    """Gaps between two items that the onlooker meets, one bundle apart or granted late, with something hidden between them or not."""
    found = []
    for _ in range(60):
        body = Body(RULES)
        kz, uz = body.member("KZ"), body.member("UZ")
        ir = body.observer(ONLOOKER)
        target = indicator()
        kz.submits(target, tlp="green")
        tlp = "amber" if late else "green"
        if late:
            kz.submits(report(target["id"]), tlp=tlp)
            if hide:
                uz.submits({**target, "name": "another claim"}, tlp="red")
            kz.submits(report(target["id"]), tlp=tlp)
            kz.submits(indicator(), tlp="green")
            ir.polls()
            add_standing(body.world, Standing(party=ONLOOKER, body="sco", standing="member", since=body.clock()), by="test")
        else:
            middle = [{"x_tlp": "red"}] if hide else []
            bundle = [indicator(), *(indicator(**more) for more in middle), indicator()]
            by = Submitter(party="KZ", tlp=tlp)
            list(submit(body.world, drafts(bundle), by))
            ir.cursor = 0
        stamps = [at for at, row in ir.page(after=ir.cursor, own=False).found if row.id != target["id"]]
        found.append(stamps[1] - stamps[0])
    return found


def _overlap(late: bool) -> float:
    """The share of gaps seen in either world that could have been seen in the other."""
    hidden, plain = _gaps(True, late), _gaps(False, late)
    possible = [sum(min(other) <= gap <= max(other) for gap in mine) / len(mine) for mine, other in ((hidden, plain), (plain, hidden))]
    return min(possible)


@pytest.mark.parametrize("late", [False, True])
def test_a_gap_between_stamps_does_not_count_what_is_hidden_in_it(late):
    assert _overlap(late) > 0.2


# The command line of a node


def _node(folder: Path, objects: list[dict[str, Any]]) -> Path:
    world = node.create_node(folder, Settings(party="SCO-CENTRE", name="SCO-CENTRE-sco", body="sco"), "member")
    add_agreement(world, RULES, "test.toml", by="test")
    list(submit(world, drafts(objects), Submitter(party="KZ", tlp="amber")))
    world.store.close()
    return folder


def _told_by_commands(folder: Path, capfdbinary, monkeypatch) -> list[Any]:
    told = []
    monkeypatch.setenv("COMITY_NODE", str(folder))
    for words in (
        ["get", object_id(0)],
        ["get", f"{object_id(0)}@2021-10-02T00:00:01Z"],
        ["get", object_id(7), "-o", "json"],
        ["search", object_id(0)],
        ["search", "host7[.]example[.]com", "-o", "csv"],
    ):
        monkeypatch.setattr(sys, "argv", ["comity", *words])
        with pytest.raises(SystemExit) as ended:
            run(node)
        out, err = capfdbinary.readouterr()
        told.append((words, ended.value.code, out, err))
    return told


def _told_apart_by_commands(tmp_path, capfdbinary, monkeypatch) -> bool:
    hidden = [_claim(origin="KZ", number=number).as_object() for number in (0, 7)]
    with_all, without = (
        _told_by_commands(_node(tmp_path / name, objects), capfdbinary, monkeypatch) for name, objects in (("all", hidden), ("none", []))
    )
    assert all(code == 3 for _, code, _, _ in without)
    return with_all != without


def test_commands_answer_alike_for_hidden_and_absent(tmp_path, capfdbinary, monkeypatch):
    assert not _told_apart_by_commands(tmp_path, capfdbinary, monkeypatch)


# These tests can fail: each of these defects, put into the real code, is told by the same means


def test_caught_duplicates_looked_for_among_all_origins(monkeypatch):
    held = MemoryStore.held
    monkeypatch.setattr(
        MemoryStore, "held", lambda self, origin, ids: {k: v for o in (*OTHERS, ONLOOKER) for k, v in held(self, o, ids).items()}
    )
    with pytest.raises(AssertionError):
        # Others' claims are no longer taken in either, which the story itself notices.
        assert not _tells()


def test_caught_a_guessed_id_answered_as_a_duplicate(monkeypatch):
    """Only the answer is wrong: what somebody else already sent is called a duplicate."""
    from comity.intake import submit as submit_module

    enter = submit_module._enter

    def told(world, ready, by):
        known = {row.sha for item in ready for row in world.store.by_id([item.new.id]) if row.origin != by.party}
        shas = {item.position: item.new.sha for item in ready}
        return [
            msgspec.structs.replace(each, outcome="duplicate") if by.party == ONLOOKER and shas[each.position] in known else each
            for each in enter(world, ready, by)
        ]

    monkeypatch.setattr(submit_module, "_enter", told)
    guess = Claim(origin="KZ", number=7, version=1, word="same", tlp="red")
    mine = Claim(origin=ONLOOKER, number=7, version=1, word="same")
    assert told_apart(Story([Step(bundles=((guess,),)), Step(act=("submit", (mine,)))]))


def test_caught_references_ignored(monkeypatch):
    """By the definition such a report is itself hidden: the world without it must show no more than the one with it."""
    monkeypatch.setattr(sight, "met", lambda needs, permits, direct: True)
    assert _tells()


def test_caught_any_claim_will_do_for_a_reference(monkeypatch):
    """A named object counts as visible when anybody's claim of it is there, hidden or not."""
    monkeypatch.setattr(sight, "met", lambda needs, permits, direct: all(needs.web[group] for group in needs.groups))
    assert _tells()


def test_caught_even_stamps(monkeypatch):
    monkeypatch.setattr(placing, "GAP", 1)
    assert _overlap(late=False) == 0


def test_caught_ranges_for_rows_that_name_others(monkeypatch):
    monkeypatch.setattr(sight.Sight, "names", lambda self, row: False)
    assert _overlap(late=True) < 0.2
    monkeypatch.setattr(sight.Sight, "facts", lambda self, row: row.to_bytes(8, "big"))
    assert told_apart(CLAIM_BETWEEN)


def test_caught_ranges_in_the_order_of_row_numbers(monkeypatch):
    monkeypatch.setattr(sight.Sight, "facts", lambda self, row: row.to_bytes(8, "big"))
    assert told_apart(FACTS_MET_BEFORE)


def test_caught_more_counted_before_filtering(monkeypatch):
    real = select.cut

    def wrong(world, feed, query, room=None):
        found = real(world, feed, query, room).found
        end = found.at[-1] if found.at else query.after
        return select.Cut(found, any(row.added > end for row in world.store.recent(1)))

    monkeypatch.setattr(desk_module, "cut", wrong)
    assert _tells()


@pytest.mark.parametrize("counted", ["versions", "representations"])
def test_caught_versions_or_representations_chosen_among_the_hidden(monkeypatch, counted):
    def wrong(world, feed, query, items):
        party, found = feed.sight.reader.party, {}
        for id_ in {row.id for row in world.store.rows(items).values()}:
            rows = world.store.by_id([id_])
            shown = feed.stamps(rows)
            origins = {row.origin for row in rows if row.item in shown}
            wide = [row for row in rows if row.item in shown or (row.origin in origins) == (counted == "versions")]
            chosen = select._chosen(world, wide, query, party) if wide else set()
            found |= {item: shown[item] for item in chosen if item in shown}
        return found

    monkeypatch.setattr(select, "_shown", wrong)
    assert _tells()


def test_caught_another_exit_code_for_hidden(tmp_path, capfdbinary, monkeypatch):
    real = holdings.get

    def wrong(desk, id_, *asked):
        if desk.world.store.by_id([id_]) and not desk.page(holdings.own_reader(desk), select.Query(ids=(id_,))).found:
            raise Denied("no clause permits it")
        return real(desk, id_, *asked)

    monkeypatch.setattr(holdings, "get", wrong)
    assert _told_apart_by_commands(tmp_path, capfdbinary, monkeypatch)


def test_caught_another_status_for_hidden_over_taxii(monkeypatch):
    from comity.doors.taxii import resources

    real = resources.Root._must_exist

    def wrong(self, id_, query):
        if self._desk.world.store.by_id([id_]):
            raise resources.Refusal(403, "Forbidden")
        real(self, id_, query)

    monkeypatch.setattr(resources.Root, "_must_exist", wrong)
    assert any(told_apart(tell(Random(seed), 14), eyes=Client) for seed in range(30))


def test_caught_a_late_item_at_its_old_stamp(monkeypatch):
    """Not a leak but its mirror: what is granted must reach a client that has polled past it."""
    monkeypatch.setattr(feed_module, "_unstamped", lambda world, sight: [])
    body = Body(RULES)
    kz, uz, ir = body.member("KZ"), body.member("UZ"), body.observer(ONLOOKER)
    target = indicator()
    naming = report(target["id"])
    kz.submits(target, tlp="amber")
    kz.submits(naming, tlp="green")
    uz.submits({**target, "name": "the same id"}, tlp="green")
    assert naming["id"] not in ir.polls()


def test_a_client_that_read_only_its_own_items_misses_no_grant():
    """How far it read is in memory alone until the next flush; a grant before that must still come after its cursor."""
    body = Body(RULES)
    kz, ir = body.member("KZ"), body.observer(ONLOOKER)
    amber, own = indicator(), indicator()
    kz.submits(amber, tlp="amber")
    ir.submits(own)
    ((at, _),) = ir.page().found
    add_standing(body.world, Standing(party=ONLOOKER, body="sco", standing="member", since=body.clock()), by="test")
    assert [row.id for _, row in ir.page(after=at).found] == [amber["id"]]


def test_a_slow_request_does_not_take_back_how_far_a_faster_one_read():
    body = Body(RULES)
    kz, ir = body.member("KZ"), Member(body, ONLOOKER)
    body.observer(ONLOOKER)
    kz.submits(indicator(), tlp="green")
    ir.page()
    far = body.world.store.reader(ir.reader.key)
    with body.world.store.write() as tx:
        advance(body.world, tx, ir.reader, far - 1)
    assert body.world.store.reader(ir.reader.key) == far

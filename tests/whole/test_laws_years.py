"""P2, P3, P9 and P13 over the years of one body: whatever happens in whatever order, each party is given what it should be and no more.

Each law is shown to catch a mistake that is put into the node (`test_caught_...`). `laws` says how to play more tales, or others.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from comity.agree.accord import Agreement
from comity.agree.sieve import Sieve
from comity.release import desk, feed, sight
from comity.store.memory import MemoryStore
from comity.terms.party import ENDED
from tests.whole.laws import caught, dices, play
from tests.whole.years import CENTRE, IDS, OPEN, PARTIES, TLPS, Tale, Walk, clause


class Years(RuleBasedStateMachine):
    """A body over the years."""

    store = "memory:"
    lesser: tuple[str, ...] = ("fewer_clauses", "a_lower_ceiling", "a_prohibition", "a_suspension", "a_withdrawal")

    @initialize()
    def begin(self) -> None:
        self.tale = Tale(self.store)
        self.tale.agree("test", OPEN)
        for party, word in zip(PARTIES, ("member", "member", "member", "observer"), strict=True):
            self.tale.stands(party, word)
            for tlp in ("green", "amber"):
                self.tale.submits(party, self.tale.object(Random(party + tlp), "indicator"), tlp=tlp)
        self.walks: list[Walk] = []
        self.polled: dict[str, tuple[int, set[bytes]]] = {party: (0, set()) for party in PARTIES}
        self.suspended: set[str] = set()

    def happened(self, ruled: bool = True) -> None:
        for walk in self.walks:
            now = self.tale.visible(walk.reader.party)
            walk.always &= now
            walk.ever |= now
            walk.ruled += ruled

    # What others do

    @rule(dice=dices, party=st.sampled_from(PARTIES), tlp=st.sampled_from(TLPS))
    def somebody_submits(self, dice: Random, party: str, tlp: str) -> None:
        handling, to = (dice.choice(((), (), (), ("H1",), ("H2",), ("H3",))), dice.choice((None, None, None, ("UZ", "IR"), ("TJ",), ())))
        for type_ in dice.choice((["indicator"], ["indicator", "indicator"], ["report"], ["sighting"], ["malware"])):
            refs = dice.sample(IDS, dice.randint(1, 2)) if type_ in ("report", "sighting") else ()
            self.tale.submits(party, self.tale.object(dice, type_, refs), tlp=tlp, handling=handling, to=to, named=dice.random() < 0.8)
        self.happened(ruled=False)

    @precondition(lambda self: any(each.before is None for each in self.tale.sent))
    @rule(dice=dices)
    def the_same_comes_again(self, dice: Random) -> None:
        self.tale.repeats(dice.choice([each for each in self.tale.sent if each.before is None]))

    @precondition(lambda self: any(each.before is None for each in self.tale.sent))
    @rule(dice=dices)
    def somebody_withdraws(self, dice: Random) -> None:
        each = dice.choice([each for each in self.tale.sent if each.before is None])
        self.tale.withdraws(each.traits.origin, each.id)
        self.happened()

    @rule(dice=dices, id_=st.sampled_from(["test", "test", "data"]), days=st.sampled_from([-300, -300, 5]))
    def a_version_comes(self, dice: Random, id_: str, days: int) -> None:
        clauses = {name: keys for name, keys in self.tale.clauses.get(id_, {}).items() if dice.random() < 0.9}
        clauses |= {f"c{dice.randrange(4)}": clause(dice, self.tale.now())}
        self.tale.agree(id_, clauses, self.tale.now() + timedelta(days=days))
        self.happened()

    @rule(
        party=st.sampled_from(PARTIES),
        word=st.sampled_from(["member", "member", "observer", "guest"]),
        days=st.sampled_from([0, 0, -20, 5]),
    )
    def a_standing_comes(self, party: str, word: str, days: int) -> None:
        if party not in self.suspended:
            self.tale.stands(party, word, self.tale.now() + timedelta(days=days))
            self.happened()

    @rule(hours=st.sampled_from([1, 24 * 3, 24 * 6, 24 * 20]))
    def time_passes(self, hours: int) -> None:
        self.tale.body.clock.at += timedelta(hours=hours)
        self.happened()

    @rule(hours=st.sampled_from([1, 24, 24 * 6]))
    def the_clock_is_set_back(self, hours: int) -> None:
        if not self.suspended:  # a suspension that has not begun suspends nobody
            self.tale.body.clock.at -= timedelta(hours=hours)
            self.happened()

    # P2

    @rule(limit=st.sampled_from([1, 3, 100]))
    def p2_each_party_reads_all_that_it_may_have_and_no_more(self, limit: int) -> None:
        for party in (*PARTIES, CENTRE):
            assert self.tale.reads(party, limit) == self.tale.visible(party)

    @rule(party=st.sampled_from([*PARTIES, CENTRE]), id_=st.sampled_from(IDS))
    def p2_by_id_as_by_page(self, party: str, id_: str) -> None:
        from comity.release.select import Query

        query = Query(ids=(id_,), versions=("all",), copies=True)
        page = self.tale.body.desk.object(self.tale.reader(party), query)
        self.tale.sound(party, page)
        named = {each.raw for each in self.tale.sent if each.id == id_}
        assert set(page.bodies) == self.tale.visible(party) & named

    @rule(party=st.sampled_from(PARTIES), limit=st.sampled_from([2, 100]))
    def p2_a_client_that_polls_misses_nothing(self, party: str, limit: int) -> None:
        after, found = self.polled[party]
        while True:
            page = self.tale.page(self.tale.reader(party, "polls"), after=after, limit=limit)
            found |= set(page.bodies)
            after = page.found[-1][0] if page.found else after
            if not page.more:
                break
        self.polled[party] = after, found
        assert self.tale.visible(party) <= found

    @rule()
    def p2_the_log_says_it_again(self) -> None:
        self.tale.replayed()

    # P3

    @rule(dice=dices)
    def p3_less_never_gives_more(self, dice: Random) -> None:
        before = {party: self.tale.reads(party) for party in PARTIES}
        getattr(self, f"_{dice.choice(self.lesser)}")(dice)
        self.happened()
        for party in PARTIES:
            assert self.tale.reads(party) <= before[party]

    def _narrowed(self, id_: str, change: Callable[[dict[str, dict[str, str]]], dict[str, dict[str, str]]]) -> None:
        """Of the version that governs, not of one that is still to come."""
        newest = max((a for a in self.tale.agreements if a.id == id_), key=lambda a: a.version)
        if newest.in_force is not None and newest.in_force <= self.tale.now():
            self.tale.agree(id_, change(self.tale.clauses[id_]))

    def _fewer_clauses(self, dice: Random) -> None:
        id_ = dice.choice(sorted(self.tale.clauses))
        permits = [name for name, keys in self.tale.clauses[id_].items() if keys["effect"] == '"permit"']
        gone = dice.choice([*permits, ""])
        self._narrowed(id_, lambda clauses: {name: keys for name, keys in clauses.items() if name != gone})

    def _a_lower_ceiling(self, dice: Random) -> None:
        id_ = dice.choice(sorted(self.tale.clauses))
        self._narrowed(id_, lambda clauses: {n: k | ({"tlp_max": '"clear"'} if "tlp_max" in k else {}) for n, k in clauses.items()})

    def _a_prohibition(self, dice: Random) -> None:
        id_, party = dice.choice(sorted(self.tale.clauses)), dice.choice(PARTIES)
        ban = {"effect": '"forbid"', "to": f'{{ party = ["{party}"] }}'}
        self._narrowed(id_, lambda clauses: {**clauses, f"no-{party}": ban})

    def _a_suspension(self, dice: Random) -> None:
        party = dice.choice(("TJ", "IR"))
        self.tale.stands(party, dice.choice(sorted(ENDED)))
        if all(each.since <= self.tale.now() for each in self.tale.register if each.party == party):
            self.suspended.add(party)  # for good: nothing that begins later gives it back its standing

    def _a_withdrawal(self, dice: Random) -> None:
        there = [each for each in self.tale.sent if each.before is None]
        if there:
            each = dice.choice(there)
            self.tale.withdraws(each.traits.origin, each.id)

    # P9

    @rule(party=st.sampled_from(PARTIES), client=st.sampled_from(["", "other"]))
    def p9_a_party_begins_to_page(self, party: str, client: str) -> None:
        now = self.tale.visible(party)
        self.walks.append(Walk(reader=self.tale.reader(party, client), always=set(now), ever=set(now)))

    @precondition(lambda self: self.walks)
    @rule(dice=dices, limit=st.sampled_from([1, 2, 5]))
    def p9_it_asks_for_the_next(self, dice: Random, limit: int) -> None:
        walk = dice.choice(self.walks)
        page = self.tale.page(walk.reader, after=walk.after, limit=limit)
        walk.found += page.bodies
        walk.after = page.found[-1][0] if page.found else walk.after
        if not page.more:
            self.walks.remove(walk)
            assert walk.always <= set(walk.found) <= walk.ever, "the pages are not the whole"
            assert walk.ruled or len(set(walk.found)) == len(walk.found), "something twice"

    # P13, on every page: `Tale.sound` asks the oracle; these ask nobody.

    @rule(party=st.sampled_from(PARTIES))
    def p13_what_was_taken_back_comes_no_more(self, party: str) -> None:
        given = self.tale.reads(party)
        there = {each.raw for each in self.tale.sent if each.before is None}
        assert given <= there
        if party in self.suspended:
            assert given <= {each.raw for each in self.tale.sent if each.traits.origin == party}
        assert not {each.raw for each in self.tale.sent if each.traits.origin in self.suspended - {party}} & given

    def teardown(self) -> None:
        if hasattr(self, "tale"):
            self.tale.body.world.store.close()


class Approving(Years):
    """The same with requests for approval, and people who have a say in them."""

    lesser = (*Years.lesser, "revocations")

    @precondition(lambda self: any(each.before is None for each in self.tale.sent))
    @rule(dice=dices, recipient=st.sampled_from(PARTIES), count=st.integers(1, 4))
    def a_release_is_asked_for(self, dice: Random, recipient: str, count: int) -> None:
        there = [each for each in self.tale.sent if each.before is None and each.traits.origin != recipient]
        for each in dice.sample(there, min(len(there), count)):
            self.tale.asks(each, recipient, dice.choice("ab"))
        self.happened()

    @precondition(lambda self: self.tale.approvals)
    @rule(dice=dices, count=st.integers(1, 3))
    def somebody_has_a_say(self, dice: Random, count: int) -> None:
        for _ in range(count):
            made = dice.choice(list(self.tale.approvals.values()))
            kind, party = (
                dice.choice(("approve", "approve", "approve", "object", "revoke")),
                dice.choice((made.origin, made.origin, *PARTIES)),
            )
            self.tale.acts(made.id, kind, party, dice.choice("ab"))
        self.happened()

    def _revocations(self, dice: Random) -> None:
        for made in list(self.tale.approvals.values()):
            self.tale.acts(made.id, "revoke", made.origin, dice.choice("ab"))


def test_the_years_in_memory() -> None:
    play(Years, 40)


def test_the_years_with_approvals() -> None:
    play(Approving, 25)


def test_the_years_in_sqlite(tmp_path: Any) -> None:
    numbers = iter(range(10**9))

    class OnDisk(Approving):
        @property
        def store(self) -> str:  # type: ignore[override]
            return f"sqlite:{tmp_path}/{next(numbers)}.db"

    play(OnDisk, 8)


# Each law can fail


def test_caught_p2_a_condition_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report goes to who may not see what it names."""
    monkeypatch.setattr(sight, "met", lambda needs, permits, direct: True)
    caught(Years)


def test_caught_p2_what_is_granted_late_stands_behind_the_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that becomes visible is opened from its first item on, at the old stamps."""
    monkeypatch.setattr(feed, "reserve", lambda tx, now, count: 0)
    caught(Years)


def test_caught_p2_a_page_that_is_not_on_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two objects on a page, one is left out of the log."""
    prepare = desk.prepare
    monkeypatch.setattr(
        desk, "prepare", lambda entry, hashes: prepare(type(entry)(**{**_fields(entry), "count": len(hashes[:1])}), hashes[:1])
    )
    caught(Years)


def _fields(entry: Any) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in entry.__struct_fields__}


def test_caught_p3_a_prohibition_read_as_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    compile_ = Sieve._compile

    def wrong(self: Sieve, origin: str, type_: str, under: str | None) -> Any:
        found = compile_(self, origin, type_, under)
        found.forbids.clear()
        return found

    monkeypatch.setattr(Sieve, "_compile", wrong)
    caught(Years)


def test_caught_p3_nobody_is_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty list of recipients is read as no list."""
    import msgspec

    permits = Sieve.permits
    monkeypatch.setattr(Sieve, "permits", lambda self, traits: permits(self, msgspec.structs.replace(traits, to=traits.to or None)))
    caught(Years)


def test_caught_p9_the_next_page_begins_one_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    stretch = MemoryStore.stretch
    monkeypatch.setattr(
        MemoryStore, "stretch", lambda self, sources, after, *more: stretch(self, sources, after + 1_000 if after else 0, *more)
    )
    caught(Years)


def test_caught_p13_a_register_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the desk worked out for a reader is kept whatever the rules become."""
    sights: dict[str, Any] = {}
    real = desk.Desk.sight
    monkeypatch.setattr(
        desk.Desk, "sight", lambda self, reader, at=None: sights.setdefault(f"{id(self)}{reader.key}", real(self, reader, at))
    )
    caught(Years)


def test_caught_p13_a_date_that_comes_unnoticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "next_change", lambda rules, now: None)
    caught(Years)


def test_caught_p13_one_who_is_suspended_is_still_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    hindrance = Agreement._hindrance
    monkeypatch.setattr(
        Agreement,
        "_hindrance",
        lambda self, party, held, at: hindrance(
            self, party, {body: "member" if word in ENDED else word for body, word in held.items()}, at
        ),
    )
    caught(Years)


def test_caught_p13_bytes_that_outlive_their_withdrawal(monkeypatch: pytest.MonkeyPatch) -> None:
    from comity.intake import withdraw

    monkeypatch.setattr(withdraw, "remove", lambda world, tx, rows, entry, signed=b"": withdraw._record(world, tx, rows, entry, {}, {}))
    caught(Years)


def test_caught_p2_what_awaits_approval_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fast path takes a clause that asks for approval for any other."""
    remains = Sieve._remains

    def wrong(self: Sieve, *more: Any) -> Any:
        found = remains(self, *more)
        return found and type(found)(*[False if name == "approval" else getattr(found, name) for name in found.__struct_fields__])

    monkeypatch.setattr(Sieve, "_remains", wrong)
    caught(Approving)

"""A submission that is cut off: what was answered is kept, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from comity.intake import submit as module
from comity.intake.submit import Submitter, submit
from comity.terms.item import Outcome
from tests.consortium import Body, drafts, indicator, relationship, sdo


def words(outcomes: list[Outcome]) -> list[str]:
    return [outcome.outcome for outcome in outcomes]


class Pulled(Exception):
    """The plug."""


def seen(body: Body) -> dict[str, Any]:
    store = body.world.store
    rows = store.recent(1000)
    return {
        "rows": rows, "bodies": store.bodies([row.item for row in rows]), "traits": store.trait_rows(0), "moved": store.moved(),
        "head": store.head(), "leaves": store.tree_hashes(0, 0, 9_999), "last": store.last_added(), "counts": store.counts(),
        "counters": [store.counter(name) for name in ("moves", "governed", "items", "added")],
    }  # fmt: skip


class Flawed:
    """A clock that fails at its nth look after it is armed."""

    def __init__(self, clock, looks: int) -> None:
        self.clock, self.looks = clock, looks

    def __call__(self):
        self.looks -= 1
        if self.looks == 0:
            raise Pulled
        return self.clock()


@pytest.mark.parametrize("looks", [1, 2])
def test_what_is_cut_off_leaves_nothing_of_its_batch(body, kz, uz, looks):
    """Placing looks at the clock first, the log second: both inside the critical section."""
    known = indicator()
    kz.submits(known, relationship(known["id"], "malware--11111111-1111-4111-8111-111111111111"))
    uz.polls()
    before = seen(body)
    malware = sdo("malware", id="malware--11111111-1111-4111-8111-111111111111")
    clock = body.world.clock
    object.__setattr__(body.world, "clock", Flawed(clock, looks))
    with pytest.raises(Pulled):
        kz.submits(malware, indicator(), relationship(known["id"], malware["id"]))
    object.__setattr__(body.world, "clock", clock)
    assert seen(body) == before
    assert words(kz.submits(malware)) == ["accepted"]


def test_outcomes_that_were_given_stay_and_the_rest_is_sent_again(body, kz, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 2)
    items = [indicator() for _ in range(6)]

    def breaking():
        for position, one in enumerate(drafts(items)):
            if position == 5:
                raise Pulled
            yield one

    given = submit(body.world, breaking(), Submitter(party="KZ"))
    told = []
    with pytest.raises(Pulled):
        for outcome in given:
            told.append(outcome)
    assert words(told) == ["accepted"] * 4
    assert kz.reads() == [item["id"] for item in items[:4]]
    again = {o.id: o.outcome for o in kz.submits(*items)}
    assert [again[item["id"]] for item in items] == ["duplicate"] * 4 + ["accepted"] * 2


def test_an_outcome_is_given_only_once_its_batch_is_durable(body):
    items = [indicator() for _ in range(3)]
    for outcome in submit(body.world, drafts(items), Submitter(party="KZ")):
        assert len(body.world.store.by_id([outcome.id])) == 1
        assert body.world.store.counts()["indicator"] == 3

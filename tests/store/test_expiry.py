"""What expires is met once each, in its order, however many expire at one moment."""

from __future__ import annotations

from comity.store import Store
from comity.store.expiry import _PART, going
from tests.store.filling import new, puts


def test_all_that_expires_within_a_time_once_each(store: Store) -> None:
    moments = [5] * (_PART + 50) + [7] * 3 + [9, 11]
    puts(store, *(new(f"indicator--{n}", expires=at) for n, at in enumerate(moments)))
    found = [(row.expires, row.item) for row in going(store, 0, 11)]
    assert len(found) == len(moments) - 1 and found == sorted(set(found))


def test_what_is_removed_meanwhile_is_passed_over(store: Store) -> None:
    puts(store, *(new(f"indicator--{n}", expires=n // 100) for n in range(3 * _PART)))
    met = 0
    for row in going(store, 0, 1_000):
        met += 1
        with store.write() as tx:
            tx.delete([row.item])
    assert met == 3 * _PART and not list(going(store, 0, 1_000))

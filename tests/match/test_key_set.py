from __future__ import annotations

import numpy as np

from comity.match.key_set import among, bloom, directory, distinct


def test_a_directory_tells_where_each_bucket_starts() -> None:
    found = np.sort(np.random.default_rng(1).integers(0, 2**64 - 1, 1_000, np.uint64))
    starts = directory(np.array_split(found, 7), 1_000)
    assert directory([found[:7]], 7).tolist() == [0, 7]
    assert len(starts) == 129
    for bucket in range(128):
        assert all(key >> 57 == bucket for key in found[starts[bucket] : starts[bucket + 1]].tolist())
    assert starts[-1] == 1_000


def test_a_filter_has_three_bits_of_each_key_and_few_others() -> None:
    held, others = np.split(np.random.default_rng(1).integers(0, 2**64 - 1, 20_000, np.uint64), 2)
    held = distinct(held)
    bits = bloom(np.array_split(held, 3), len(held))

    def passes(key: int) -> bool:
        wanted = 1 << (key & 63) | 1 << (key >> 6 & 63) | 1 << (key >> 12 & 63)
        return int(bits[key >> 20 & len(bits) - 1]) & wanted == wanted

    assert all(map(passes, held.tolist()))
    assert sum(map(passes, others.tolist())) < 300
    assert distinct(np.array([3, 1, 3, 2], np.uint64)).tolist() == [1, 2, 3]


def test_those_that_are_held_are_told_from_others() -> None:
    held, others = np.split(np.random.default_rng(2).integers(0, 2**64 - 1, 2_000, np.uint64), 2)
    held = distinct(held)
    asked = np.concatenate((others, held, others))
    found = among(asked, bloom([held], len(held)), held)
    assert found.tolist() == [False] * 1_000 + [True] * 1_000 + [False] * 1_000

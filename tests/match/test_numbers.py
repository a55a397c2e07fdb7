from __future__ import annotations

import io
import tempfile
from itertools import pairwise

import numpy as np
import pytest

from comity.match import numbers
from comity.match.numbers import Numbers, buckets


@pytest.mark.parametrize("size", [0, 1, 7, 100_000])
def test_buckets_are_by_the_highest_bits_in_the_order_they_came(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    given = np.random.default_rng(1).integers(0, 2**64 - 1, size, np.uint64)
    for most in (1, 5, 1 << 18):
        monkeypatch.setattr(numbers, "BUCKET", most)
        with tempfile.TemporaryFile() as file:
            for place in (io.BytesIO(), file):
                kept, beside = Numbers(place), Numbers(place)
                for part in np.array_split(given, 3):
                    kept.add(part)
                    beside.add(np.arange(beside.count, beside.count + len(part), dtype=np.uint64))
                found = list(buckets(kept, beside))
                assert len(found) == (min(64, 1 << (size // most).bit_length()) if size else 0)
                values, places = (np.concatenate([np.zeros(0, np.uint64), *each]) for each in zip(*found, strict=True)) if found else (given, given)  # fmt: skip
                assert kept.all().tolist() == given.tolist()
                assert given[places].tolist() == values.tolist()
                for one, after in pairwise(found):
                    assert not len(one[0]) or not len(after[0]) or one[0].max() < after[0].min()
                assert all((np.diff(each[1].astype(np.int64)) > 0).all() for each in found)

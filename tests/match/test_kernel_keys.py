from __future__ import annotations

import numpy as np
from numba import njit

from comity.match import kernel_keys
from comity.match.kernel_keys import key_of
from comity.match.key_set import bloom, directory
from comity.match.keys import Keys, key, keys


@njit
def held(found, bloom, starts, keys):
    return kernel_keys._passes(found, bloom), kernel_keys._among(found, starts, keys)


def test_a_key_is_the_same_wherever_its_text_stands() -> None:
    for length in range(1, 40):
        text = b"www.Example-1_of.names"[:length] * 2
        for before in (b"", b".", b"12345678"):
            raw = np.frombuffer(before + text, np.uint8)
            assert int(key_of(raw, len(raw), len(text))) == key(text)


def test_every_key_of_a_table_is_found_and_hardly_another() -> None:
    for count in (0, 1, 7, 8, 5_000):
        found: Keys = np.sort(keys([b"%d.example" % index for index in range(count)]))
        arrays = bloom([found], count), directory([found], count), found
        assert all(held(one, *arrays) == (True, True) for one in found)
        others = [held(one, *arrays) for one in keys([b"%d.other" % index for index in range(2_000)])]
        assert not any(among for _, among in others)
        assert sum(passes for passes, _ in others) < 60

"""That the pass misses nothing is proved in test_prefilter, for both passes; here, what goes beyond one call."""

from __future__ import annotations

import numpy as np

from comity.match.compiled import Compiled, _fixed, _room
from comity.match.kernel import shows
from comity.match.table import combined
from comity.match.table_maker import build


def test_a_full_list_says_where_to_go_on() -> None:
    raw = np.frombuffer(b"x.example\ny.example\n" * 500 + b"x.example", np.uint8)
    tail = np.full(64, 32, np.uint8)
    left = len(raw) % 64
    tail[:left] = raw[len(raw) - left :]
    out = np.empty((100, 3), np.int64)
    count, lines, further = shows(
        _fixed(raw), _fixed(tail), Compiled(combined([build([("domain", "x.example", None)])]))._sets, _room(), out
    )
    assert (count, lines, further) == (100, 200, 200 * 10)
    assert out[:, 0].tolist() == list(range(0, 200, 2))
    assert out[-1].tolist() == [198, 1980, 1989]

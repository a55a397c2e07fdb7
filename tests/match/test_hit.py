from __future__ import annotations

import pickle
from datetime import UTC, datetime

import msgspec

from comity.match.hit import Hit, Shown, of_row, row_of


def test_both_go_from_process_to_process() -> None:
    at = datetime(2024, 1, 2, tzinfo=UTC)
    hit = Hit(file="f\udcff", line=1, field="q", kind="domain", value="a.example", observed="A.example", how="exact", indicator="i", at=at)
    shown = Shown(file="f", line=1, part=3, leaves=1 << 9_999, field="q", observed="A.example", at=at)
    rows = pickle.loads(pickle.dumps([row_of(hit), row_of(shown)]))
    assert [of_row(row, 0) for row in rows] == [hit, shown]
    assert [of_row(row, 7) for row in rows] == [msgspec.structs.replace(each, line=8) for each in (hit, shown)]

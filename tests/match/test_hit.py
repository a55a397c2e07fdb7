from __future__ import annotations

import pickle

from comity.match.hit import Hit, Shown


def test_both_go_from_process_to_process() -> None:
    hit = Hit(file="f", line=1, field="q", kind="domain", value="a.example", observed="A.example", how="exact", indicator="i")
    shown = Shown(file="f", line=1, part=3, leaves=1 << 9_999, field="q", observed="A.example")
    assert pickle.loads(pickle.dumps([hit, shown])) == [hit, shown]

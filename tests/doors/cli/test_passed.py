from __future__ import annotations

from comity.doors.cli.passed import PassedOver
from comity.terms.force import Passed


def told(capsys, *, every: bool) -> list[str]:
    over = PassedOver(every=every)
    for number in range(5):
        over.add(Passed(id=f"indicator--{number}", value=f"n{number}.example", why="expired"))
    over.add(Passed(id="indicator--9", value="r.example", why="revoked"))
    over.tell()
    return capsys.readouterr().err.splitlines()


def test_counted_by_reason_with_some_named(capsys):
    first, second = told(capsys, every=False)
    assert first.startswith("left out 5: expired: n0[.]example (indicator--0), ")
    assert (first.count("indicator--"), first.endswith(", ...")) == (3, True)
    assert second == "left out 1: revoked: r[.]example (indicator--9)"


def test_or_every_one(capsys):
    first, _ = told(capsys, every=True)
    assert (first.count("indicator--"), first.endswith("...")) == (5, False)

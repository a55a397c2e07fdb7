from __future__ import annotations

import time

import numpy as np
import pytest

from comity.match import compiled
from comity.match.compiled import Compiled
from comity.match.prefilter import Prefilter
from comity.match.table import combined
from comity.match.table_maker import build


def test_the_same_lines_as_by_numpy() -> None:
    wanted = combined([build([("domain", f"{index}.example", None) for index in range(0, 3_000, 7)])])
    raw = np.frombuffer(
        b"".join(b"at 10:00 %d.example asked www.%d.example 5.5\n" % (index, index * 3) for index in range(3_000)), np.uint8
    )
    found, count = Prefilter(wanted, compiled=True).lines(raw)
    other, lines = Prefilter(wanted, compiled=False).lines(raw)
    assert found.tolist() == other.tolist() and len(found) > 400
    assert count == lines == 3_000


def test_compiling_for_long_is_told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    wanted = combined([build([("ipv4", "192.0.2.1", None)])])
    Compiled(wanted)
    assert caplog.messages == []
    monkeypatch.setattr(compiled, "SLOW", 0.01)
    monkeypatch.setattr(compiled, "shows", lambda *_: time.sleep(0.3))
    Compiled(wanted)
    assert caplog.messages == ["compiling the matcher for this machine, once: some seconds"]


def test_an_array_that_may_be_written_to_is_taken_as_well() -> None:
    wanted = combined([build([("ipv4", "192.0.2.1", None)])])
    assert [len(part) for part, _ in Compiled(wanted).pieces(np.array(list(b"x 192.0.2.1\n"), np.uint8))] == [1]

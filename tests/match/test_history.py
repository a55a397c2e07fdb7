"""What logs have shown, by day: kept once, compacted, purged, and readable whatever is cut off or damaged."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import OperatorFault
from comity.match import history
from comity.match.history import Kept, days, keep, kept, purge
from comity.match.observed import Observed

duckdb = pytest.importorskip("duckdb", reason="needs the extra: pip install 'comity[history]'")
NOON = datetime(2021, 11, 1, 12, tzinfo=UTC)
DAY = date(2021, 11, 1)


def row(value: str = "a.example", hours: float | None = 0, kind: str = "domain") -> Observed:
    return Observed(kind, value, None if hours is None else NOON + timedelta(hours=hours))


def read(folder: Path, since: date = DAY) -> list[tuple[str, str, int]]:
    return [(each.day.isoformat(), each.value, each.times) for each in kept(folder, since)]


def test_counted_by_day_with_first_and_last(tmp_path):
    assert keep(tmp_path, "dns.log", [row(), row(hours=3), row("b.example", -1), row(hours=24), row("c.example", None)], NOON) == 4
    assert list(kept(tmp_path, DAY)) == [
        Kept(DAY, "domain", "a.example", 2, NOON, NOON + timedelta(hours=3)),
        Kept(DAY, "domain", "b.example", 1, NOON - timedelta(hours=1), NOON - timedelta(hours=1)),
        Kept(DAY, "domain", "c.example", 1, NOON, NOON),
        Kept(date(2021, 11, 2), "domain", "a.example", 1, NOON + timedelta(hours=24), NOON + timedelta(hours=24)),
    ]
    assert read(tmp_path, date(2021, 11, 2)) == [("2021-11-02", "a.example", 1)]


def test_what_is_older_than_it_is_kept_is_neither_kept_nor_counted(tmp_path):
    assert keep(tmp_path, "dns.log", [row(hours=-40), row("b.example")], NOON, DAY) == 1
    assert days(tmp_path) == [DAY]


def test_the_same_log_counts_once_and_another_besides(tmp_path):
    for source in ("a.log", "a.log", "b.log"):
        keep(tmp_path, source, [row(), row()], NOON)
    assert read(tmp_path) == [("2021-11-01", "a.example", 4)]


def test_there_is_no_file_name_host_or_user_in_it(tmp_path):
    keep(tmp_path, "secret-name.log", [row()], NOON)
    (part,) = tmp_path.glob("*/*.parquet")
    columns = [each[0] for each in duckdb.connect().execute("DESCRIBE SELECT * FROM read_parquet(?)", [[str(part)]]).fetchall()]
    assert columns == ["kind", "value", "count", "first", "last", "source"]
    assert b"secret" not in part.read_bytes()


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-30, 30)), min_size=1, max_size=6), min_size=1, max_size=8), st.data()
)
def test_compaction_and_small_parts_change_nothing(tmp_path_factory, logs, data):
    """Whatever the bounds are: logs, some of them kept again, are read as one would count them by hand."""
    folder = tmp_path_factory.mktemp("history")
    expected: dict[tuple[str, str], int] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history, "PARTS", data.draw(st.integers(1, 3)))
        patch.setattr(history, "MOST", data.draw(st.integers(1, 5)))
        for number, log in enumerate(logs):
            found = [row(f"{name}.example", hours) for name, hours in log]
            for _ in range(data.draw(st.integers(1, 2))):
                keep(folder, f"{number}.log", found, NOON)
            for each in found:
                assert each.at is not None
                key = each.at.date().isoformat(), each.value
                expected[key] = expected.get(key, 0) + 1
    assert {(day, value): count for day, value, count in read(folder, date(2021, 1, 1))} == expected
    assert not list(folder.glob("*/.*"))


def test_cut_off_while_compacting_nothing_counts_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(history, "PARTS", 2)
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        for number in range(3):
            keep(tmp_path, f"{number}.log", [row()], NOON)
    monkeypatch.undo()
    assert len(list(tmp_path.glob("*/*.parquet"))) == 4
    assert read(tmp_path) == [("2021-11-01", "a.example", 3)]


def test_killed_at_any_moment_what_is_there_is_whole(tmp_path):
    program = (
        "import os, sys\nfrom pathlib import Path\nfrom tests.match.test_history import NOON, row\nfrom comity.match import history\n"
        "history.os.fsync = lambda handle: os._exit(9)\n"
        "history.keep(Path(sys.argv[1]), 'a.log', [row()], NOON)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], env=environment, check=False)
    assert done.returncode == 9
    assert read(tmp_path) == []
    keep(tmp_path, "a.log", [row()], NOON)
    assert read(tmp_path) == [("2021-11-01", "a.example", 1)]


@pytest.mark.parametrize(
    "spoil", [lambda raw: b"", lambda raw: raw[:50], lambda raw: raw[:4] + bytes(len(raw) - 8) + raw[-4:], lambda raw: b"x" * 99]
)
def test_a_damaged_part_is_told_and_left_out(tmp_path, spoil):
    keep(tmp_path, "a.log", [row()], NOON)
    (part,) = tmp_path.glob("*/*.parquet")
    part.write_bytes(spoil(part.read_bytes()))
    keep(tmp_path, "b.log", [row("b.example")], NOON)
    told: list[str] = []
    assert [each.value for each in kept(tmp_path, DAY, told.append)] == ["b.example"]
    assert len(told) == 1 and str(part) in told[0] and "left out" in told[0]


def test_what_is_over_its_time_is_removed(tmp_path):
    keep(tmp_path, "a.log", [row(hours=hours) for hours in (-48, -24, 0)], NOON)
    assert purge(tmp_path, DAY) == 2
    assert days(tmp_path) == [DAY]
    assert purge(tmp_path, DAY) == 0
    assert days(tmp_path / "none") == []
    assert read(tmp_path, date(2000, 1, 1)) == [("2021-11-01", "a.example", 1)]


def test_without_duckdb_it_is_said_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(OperatorFault, match="DuckDB") as fault:
        keep(tmp_path, "a.log", [row()], NOON)
    assert "comity[history]" in fault.value.next

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from comity.errors import NotFound
from comity.match import cached
from comity.match.cached import index_of
from comity.match.index import Index
from comity.terms.force import Passed

T = "2024-03-01T12:00:00.000Z"


@pytest.fixture(autouse=True)
def worth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached, "WORTH", 10)


class Runs:
    """Indexes of one file, and what each was told."""

    def __init__(self, folder: Path, file: Path) -> None:
        self.folder, self.file = folder, file
        self.problems: list[str] = []
        self.passed: list[Passed] = []

    def __call__(self, keep: bool = True) -> Index:
        self.problems, self.passed = [], []
        return index_of([str(self.file)], self.problems.append, self.passed.append, folder=self.folder, kept=keep)

    def tables(self) -> list[Path]:
        return sorted(self.folder.glob("*")) if self.folder.exists() else []


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    file = tmp_path / "list.txt"
    file.write_text("a.example\nnot one\n192.0.2.0/24\n")
    return Runs(tmp_path / "tables", file)


def refuse(*_: object, **__: object) -> None:
    raise AssertionError("it is compiled")


def test_a_second_time_it_is_not_compiled_and_tells_the_same(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    first = runs()
    told = runs.problems
    assert len(told) == 1 and "not one" in told[0]
    assert len(runs.tables()) == 1
    assert runs.tables()[0].stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr(cached, "build", refuse)
    again = runs()
    assert runs.problems == told
    for index in (first, again):
        assert len(index) == 2
        assert [match.value for match in index.host("x.a.example")] == ["a.example"]
        assert [match.value for match in index.host("192.0.2.9")] == ["192.0.2.0/24"]
    with pytest.raises(AssertionError):
        runs(keep=False)


def test_another_content_is_another_table(runs: Runs) -> None:
    runs()
    runs.file.write_text("b.example and some more\n")
    assert not runs().host("a.example")
    assert len(runs.tables()) == 2


@pytest.mark.parametrize("at", [0, 30, 200, -1, -200])
def test_a_damaged_table_is_made_again(runs: Runs, at: int) -> None:
    runs()
    place = runs.tables()[0]
    raw = bytearray(place.read_bytes())
    raw[at] ^= 1
    place.write_bytes(raw)
    assert runs().host("a.example")
    assert place.read_bytes() != bytes(raw)
    place.write_bytes(bytes(raw[:-1]))
    assert runs().host("a.example")


def test_a_table_others_may_write_to_is_not_used(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    runs()
    place = runs.tables()[0]
    monkeypatch.setattr(cached, "build", refuse)
    runs()
    for path in (place, runs.folder):
        mode = path.stat().st_mode
        path.chmod(mode | 0o022)
        with pytest.raises(AssertionError):
            runs()
        path.chmod(mode)
    real = place.rename(place.with_suffix(".real"))
    place.symlink_to(real)
    with pytest.raises(AssertionError):
        runs()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(AssertionError):
        runs()


def test_where_nothing_can_be_kept_it_is_compiled(runs: Runs, tmp_path: Path) -> None:
    runs.folder = tmp_path / "list.txt" / "tables"
    assert runs().host("a.example")


def test_small_ones_and_streams_are_not_kept(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cached, "WORTH", 1_000)
    assert runs().host("a.example")
    assert runs.tables() == []
    with pytest.raises(NotFound):
        index_of(["/none/such"], print, print, folder=runs.folder)


def test_what_begins_or_ends_later_is_asked_again_then(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def indicator(number: int, value: str, **more: object) -> dict[str, object]:
        id_ = f"indicator--12345678-1234-4234-8234-12345678901{number}"
        pattern = f"[domain-name:value = '{value}']"
        given = {"created": T, "modified": T, "valid_from": T, "pattern": pattern, "pattern_type": "stix", "spec_version": "2.1"}
        return {"type": "indicator", "id": id_, **given, **more}

    objects = [indicator(1, "a.example", valid_until="2031-01-01T00:00:00Z"), indicator(2, "b.example", valid_from="2032-01-01T00:00:00Z")]
    bundle = {"type": "bundle", "id": "bundle--12345678-1234-4234-8234-123456789012", "objects": objects}
    runs.file.write_text(json.dumps(bundle))
    seen = []
    for year in (2030, 2031, 2033):
        for module in (cached, cached.load.__globals__):
            at = datetime(year, 6, 1, tzinfo=UTC)
            if isinstance(module, dict):
                monkeypatch.setitem(module, "now", lambda at=at: at)
            else:
                monkeypatch.setattr(module, "now", lambda at=at: at)
        for _ in range(2):
            index = runs()
            seen.append((year, bool(index.host("a.example")), bool(index.host("b.example")), [one.why for one in runs.passed]))
    assert seen[::2] == seen[1::2] == [
        (2030, True, False, ["not yet valid"]), (2031, False, False, ["expired", "not yet valid"]), (2033, False, True, ["expired"]),
    ]  # fmt: skip


def test_old_tables_make_room(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    runs()
    first = runs.tables()[0]
    os.utime(first, (1, 1))
    left, fresh = runs.folder / "x.part", runs.folder / "y.part"
    left.write_bytes(b"x")
    fresh.write_bytes(b"x")
    os.utime(left, (1, 1))
    monkeypatch.setattr(cached, "MOST", first.stat().st_size + 10)
    runs.file.write_text("b.example and some more\n")
    runs()
    assert first not in runs.tables() and len(runs.tables()) == 2
    assert not left.exists() and fresh.exists()


_MEMORY = """
import sys
from pathlib import Path
from comity.match.cached import index_of

def resident(name):
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith(name)) << 10

folder, file = Path(sys.argv[1]), Path(sys.argv[1]) / "list.txt"
for run in range(5):
    with file.open("w") as out:
        out.writelines(f"{run}-{n}.{n % 7919}.some.rather.long.name.below.example\\n" for n in range(120_000))
    before = resident("VmRSS:")
    index = index_of([str(file)], print, print, folder=folder / "tables")
    assert len(index) == 120_000 and index.host(f"x.{run}-5.5.some.rather.long.name.below.example")
    print(file.stat().st_size, resident("VmHWM:") - before, resident("VmRSS:"))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no such figures on this system")
def test_compiling_takes_less_than_twice_the_file_and_a_reload_frees_it(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _MEMORY, str(tmp_path)], capture_output=True, text=True, check=True)
    runs = [[int(number) for number in line.split()] for line in done.stdout.splitlines()]
    assert len(runs) == 5
    size = runs[0][0]
    assert size > 5 << 20
    assert all(more < 2 * size for _, more, _ in runs[1:])  # the first loads what compiling needs at all
    assert runs[-1][2] - runs[1][2] < size / 2

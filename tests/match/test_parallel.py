from __future__ import annotations

import gzip
import os
import random
import signal
from pathlib import Path

import msgspec
import pytest

from comity.errors import SenderFault
from comity.match import buffers, openfile, parallel, units
from comity.match.hit import Hit
from comity.match.index import Index
from comity.match.parallel import scan_all
from comity.match.scan import Scanned, scan
from comity.match.units import Unit
from comity.match.workers import ATTEMPTS

INDEX = Index.build([("domain", "bad.example", None), ("ipv4", "192.0.2.1", None), ("url", "http://u.example/x", None)])
ZEEK = b"#separator \\x09\n#fields\tts\tquery\tanswers\n#types\ttime\tstring\tvector[string]\n"
OTHER = b"#separator ;\n#fields;query;ts\n#types;string;time\n"


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(units, "PART", 10_000)
    monkeypatch.setattr(parallel, "_SMALL", 0)
    rows = b"".join(b"%d\tn%d.%s.example\tx,192.0.2.%d\n" % (n, n, b"bad" if n % 7 == 0 else b"good", n % 50) for n in range(3_000))
    others = b"".join(b"n%d.%s.example;%d\n" % (n, b"bad" if n % 5 == 0 else b"good", n) for n in range(3_000))
    events = b"".join(b'{"query":"n%d.%s.example"}\n' % (n, b"bad" if n % 3 == 0 else b"good") for n in range(3_000))
    files = {
        "zeek": ZEEK + rows,
        "two": ZEEK + rows + OTHER + others + ZEEK + rows,
        "packed.gz": gzip.compress(events),
        "cut.gz": gzip.compress(random.Random(1).randbytes(50_000) + events)[:-5_000],
        "csv": b"ts,query\n"
        + rows.replace(b"\tx,192", b"\n#192").replace(b"\t", b",")
        + b"url;note\nhttp://u.example/x;bad.example\n" * 300,
        "events": events + b'{"query":"bad.exa',
        "returns": b"x\n" * 5_000 + b"192.0.2.1\rbad.example " * 5_000 + b"\nbad.example\r\n",
        "empty": b"",
    }
    for name, raw in files.items():
        (tmp_path / name).write_bytes(raw)
    return [*(str(tmp_path / name) for name in files), str(tmp_path / "none")]


def all_of(logs: list[str], **options: object) -> tuple[list[Hit], list[Scanned], list[str]]:
    files: list[Scanned] = []
    told: list[str] = []
    if options:
        found = list(scan_all(logs, INDEX, "auto", told.append, files.append, **options))  # type: ignore[arg-type]
    else:
        found = list(scan(logs, INDEX, "auto", told.append, files.append))
    return found, files, told


@pytest.mark.parametrize("jobs", [2, 3])
def test_the_hits_and_reports_of_one_process(logs: list[str], jobs: int) -> None:
    one, many = all_of(logs), all_of(logs, jobs=jobs)
    assert len(one[0]) > 5_000
    assert many[1:] == one[1:]
    assert list(map(msgspec.structs.astuple, many[0])) == list(map(msgspec.structs.astuple, one[0]))


def test_a_worker_killed_at_any_time_costs_no_hit(logs: list[str]) -> None:
    one = list(scan(logs, INDEX, "auto", lambda _: None))
    pids: list[int] = []
    found = []
    for hit in scan_all(logs, INDEX, "auto", lambda _: None, jobs=2, on_workers=pids.extend):
        found.append(hit)
        if len(found) in (1, 1_500):
            os.kill(pids.pop(), signal.SIGKILL)
    assert not pids
    assert found == one


def test_workers_killed_at_random_many_times_lose_nothing(logs: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    one = all_of(logs)
    kills, times, ours = tmp_path / "kills", 25, os.getpid()

    class Hunted(parallel.Work):
        def __call__(self, unit):  # type: ignore[no-untyped-def]
            for answer in super().__call__(unit):
                wanted = os.getpid() != ours and (not kills.exists() or kills.stat().st_size < times)
                if wanted and random.SystemRandom().random() < 0.1:
                    with kills.open("a") as file:
                        file.write("x")
                    os.kill(os.getpid(), signal.SIGKILL)
                yield answer

    monkeypatch.setattr(parallel, "Work", Hunted)
    assert all_of(logs, jobs=2) == one
    assert kills.stat().st_size >= 10


def test_a_part_that_cannot_be_read_is_told_and_lines_go_on(logs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    class Deadly(parallel.Work):
        def __call__(self, unit):  # type: ignore[no-untyped-def]
            if unit.start == 20_000:
                os.kill(os.getpid(), signal.SIGKILL)
            return super().__call__(unit)

    monkeypatch.setattr(parallel, "Work", Deadly)
    found, files, told = all_of(logs[:1], jobs=2)
    every, whole, _ = all_of(logs[:1])
    lines = Path(logs[0]).read_bytes()[:20_000].count(b"\n") + 1
    assert told == [
        f"{logs[0]}: from line {lines + 1:,}, byte 20,000, to byte 30,000 not all was read: {ATTEMPTS} workers died of it;"
        " the hits before are complete"
    ]
    assert [hit for hit in found if hit.line <= lines] == [hit for hit in every if hit.line <= lines]
    assert files[0].lines == whole[0].lines
    assert set(found) < set(every) and found[-1] == every[-1]


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no file that cannot be read")
def test_a_log_that_the_disk_does_not_give_is_told_and_the_others_go_on(logs: list[str]) -> None:
    paths = [logs[0], "/proc/self/mem", logs[1]]
    one, many = all_of(paths), all_of(paths, jobs=2)
    assert many == one and many[2] == ["cannot read /proc/self/mem: Input/output error, at byte 0"]


def test_behind_a_place_that_cannot_be_read_nothing_of_the_log_is_read(logs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    class Bad(openfile._File):
        def readinto(self, buffer):  # type: ignore[no-untyped-def,override]
            left = 25_000 - self.tell()
            if left <= 0 and self.name == logs[0]:
                raise OSError(5, f"bad place, at byte {self.tell():,}")
            return super().readinto(memoryview(buffer)[:left] if self.name == logs[0] else buffer)

    monkeypatch.setattr(openfile, "_File", Bad)
    paths = [logs[0], logs[4]]
    one, many = all_of(paths), all_of(paths, jobs=2)
    assert many[0] == one[0] and many[1] == one[1]
    assert one[1][0].lines == Path(logs[0]).read_bytes()[:25_000].count(b"\n")
    assert [hit.line for hit in one[0] if hit.file == logs[0]][-1] <= one[1][0].lines
    assert len(many[2]) == 1 and "bad place, at byte 25,000" in many[2][0]


def test_without_a_listener_a_problem_is_a_fault(logs: list[str]) -> None:
    with pytest.raises(SenderFault, match="damaged"):
        list(scan_all([logs[3]], INDEX, jobs=2))


def test_how_much_was_read_is_told(logs: list[str]) -> None:
    read: list[tuple[int, int]] = []
    list(scan_all(logs[:2], INDEX, jobs=2, on_block=lambda lines, size: read.append((lines, size))))
    assert sum(size for _, size in read) == sum(Path(log).stat().st_size for log in logs[:2])


def test_what_was_read_is_told_after_all_that_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buffers, "BLOCK", 200)
    (tmp_path / "log").write_bytes(b"".join(b"n%d.%s.example\n" % (n, b"bad" if n % 3 == 0 else b"good") for n in range(500)))
    read = shown = told = 0
    for answer in parallel.Work(INDEX, openfile.RATIO)(Unit(str(tmp_path / "log"), "text")):
        if isinstance(answer, list):
            assert all(line > read for _, line, *_ in answer)
            shown += len(answer)
        elif not isinstance(answer, parallel.Ended):
            read, told = read + answer[0], told + 1
            assert shown >= (read + 2) // 3
    assert (read, shown) == (500, 167) and told > 5

"""What `comity match` says besides hits: counts, formats, figures, the end after an interrupt."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from comity.doors.cli.match_output import _OFTEN, Status, explained, listed, summarised, told
from comity.match.hit import Hit
from comity.match.scan import Scanned
from tests.doors.cli.terminal import HOSTILE, OBEYED, on_terminal

ROOT = Path(__file__).resolve().parents[3]
LOGS = {
    "a.csv": b"ts,query\n2021-11-01T10:00:00Z,x.bad.example\n2021-11-02T10:00:00Z,bad.example\n",
    "b.log": b"nothing\nto bad.example\n",
}
HIT = Hit(
    file=HOSTILE, line=1, field="query", kind="domain", value="bad.example", observed="bad.example", how="exact", indicator="indicator--1"
)


def written(tmp_path) -> None:
    for name, raw in LOGS.items():
        (tmp_path / name).write_bytes(raw)
    (tmp_path / "list.csv").write_text("value,source\nbad.example,feed one\n")


def test_counts_by_source_day_and_log(comity, tmp_path):
    written(tmp_path)
    rows = {
        by: [json.loads(line) for line in comity("match", "a.csv", "b.log", "--indicators", "list.csv", "--by", by).stdout.splitlines()]
        for by in ("source", "day", "file")
    }
    assert rows["source"] == [{"source": "feed one", "hits": 3, "indicators": 1}]
    assert [(row["day"], row["hits"]) for row in rows["day"]] == [("2021-11-01", 1), ("2021-11-02", 1), ("unknown (b.log)", 1)]
    assert [(row["file"], row["hits"]) for row in rows["file"]] == [("a.csv", 2), ("b.log", 1)]


def test_formats_are_explained_without_indicators(comity, tmp_path):
    written(tmp_path)
    first, second = map(json.loads, comity("match", ".", "--explain-format", node="none").stdout.splitlines()[:2])
    assert (first["file"], first["format"], first["columns"], first["fields"]) == ("a.csv", "csv", ["ts", "query"], {"query": ["host"]})
    assert (second["format"], second["compression"]) == ("text", "none")
    assert b"looked at: query (host)" in comity("match", "a.csv", "--explain-format", "-o", "table").stdout


def test_the_end_has_figures_and_one_sentence_of_caution(comity, tmp_path):
    written(tmp_path)
    said = comity("match", "a.csv", "b.log", "--indicators", "list.csv").stderr.decode()
    assert "3 hits in " in said and "2 logs, " in said and "5 events" in said and "MB/s" in said
    assert said.count("never use hits to watch or judge persons") == 1


def test_files_that_cannot_be_read_beside_others(comity, tmp_path):
    written(tmp_path)
    (tmp_path / "cut.gz").write_bytes(b"\x1f\x8b\x08\x00junk")
    done = comity("match", "none.log", "cut.gz", "b.log", "--indicators", "list.csv", code=9)
    assert len(done.stdout.splitlines()) == 1
    assert b"no such file: none.log" in done.stderr and b"cut.gz is damaged after line 0" in done.stderr


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no file that cannot be read")
def test_a_file_that_the_disk_does_not_give_beside_others(comity, tmp_path):
    written(tmp_path)
    said = b"cannot read /proc/self/mem: Input/output error, at byte 0"
    for more, lines in (((), 3), (("--explain-format",), 2)):
        done = comity("match", "a.csv", "/proc/self/mem", "b.log", "--indicators", "list.csv", *more, code=9)
        assert len(done.stdout.splitlines()) == lines and said in done.stderr
    assert said in comity("match", "b.log", "--indicators", "/proc/self/mem", code=1).stderr


@pytest.mark.parametrize("raw", [b"", b'{"type":"bundle","id":"bundle--1","objects":[{"type":"indi', b'{"type":"bundle","objects":[]}'])
def test_indicators_of_which_there_are_none_are_a_problem(comity, tmp_path, raw):
    written(tmp_path)
    (tmp_path / "none.json").write_bytes(raw)
    assert b"nothing was looked for" in comity("match", "b.log", "--indicators", "none.json", code=9).stderr


def said(terminal: int, awaited: bytes = b"") -> bytes:
    """What is written to a terminal until it says something, or is left by all who write to it."""
    text = b""
    while not awaited or awaited not in text:
        assert select.select([terminal], [], [], 120)[0], text
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # EIO: left
            piece = b""
        if not piece:
            break
        text += piece
    assert awaited in text
    return text


def test_following_ends_with_an_interrupt_and_its_summary(tmp_path):
    written(tmp_path)
    command = [sys.executable, "-m", "comity", "match", "b.log", "--indicators", "list.csv", "--follow", "--by", "file"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    terminal, theirs = os.openpty()
    with subprocess.Popen(
        command, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=theirs,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what was started in the background ignores it
    ) as running:  # fmt: skip
        os.close(theirs)
        try:
            said(terminal, b"1 hit in ")
            time.sleep(_OFTEN)  # the status line is not written more often
            with (tmp_path / "b.log").open("a") as file:
                file.write("more bad.example\n")
            said(terminal, b"2 hits in ")
            running.send_signal(signal.SIGINT)
            out, _ = running.communicate(timeout=120)
            err = said(terminal)
        finally:
            running.kill()
            os.close(terminal)
    assert running.returncode == 130
    assert json.loads(out) == {"file": "b.log", "hits": 2, "indicators": 1}
    assert b"2 hits in " in err and b"b.log: text, 3 lines" in err


def test_standard_input_is_matched_as_it_comes(tmp_path):
    written(tmp_path)
    command = [sys.executable, "-m", "comity", "match", "-", "--indicators", "list.csv"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=tmp_path, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as running:
        assert running.stdin is not None and running.stdout is not None
        for number in (1, 2):
            running.stdin.write(b"to bad.example\n")
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["line"] == number
        running.stdin.close()
        assert running.wait(30) == 0


def test_follow_and_standard_input_exclude_each_other(comity, tmp_path):
    written(tmp_path)
    comity("match", "-", "--follow", "--indicators", "list.csv", code=2)


def test_the_status_line_is_written_over_and_obeys_nobody():
    with on_terminal() as terminal:
        status = Status()
        status.block(10, 1_000_000)
        hits = list(status.counted([HIT, HIT]))
        listed(hits, "table", status.clear)
        summarised(hits, "file", "table", lambda _: lambda _: ())
        told([Scanned(file=HOSTILE, format="text", lines=1, oddity="", long=((1, 0),))], ["a problem"])
    said = terminal.said()
    assert "\r\033[K0 hits in " in said and "1.0 MB" in said
    assert said.count("\r\033[K") >= 4
    assert not OBEYED & set(said.replace("\033[K", "").replace("\033[1m", "").replace("\033[0m", ""))
    assert status.text().startswith("2 hits")
    with on_terminal() as quiet:
        explained([], "auto", "table", print)
    assert quiet.said() == ""


def test_an_interrupt_ends_the_hits_and_is_remembered():
    def interrupted():
        yield HIT
        raise KeyboardInterrupt

    status = Status()
    assert len(list(status.counted(interrupted()))) == 1
    assert status.interrupted

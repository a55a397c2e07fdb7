from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from comity.errors import SenderFault
from comity.match import follow as module
from comity.match.follow import follow
from comity.match.index import Index
from comity.match.scan import Scanned
from comity.terms.pattern_atoms import PATTERN

INDEX = Index.build([("domain", "bad.example", None)])


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSE", 0)


def seen(paths: list[Path], *steps: Callable[[], object], renewed: Callable[[], Index | None] = lambda: None) -> list[tuple[str, int, str]]:
    """The hits while something is done between each two looks, several looks apart."""
    script: Iterator[Callable[[], object] | None] = iter([each for step in steps for each in (None, None, None, step)] + [None] * 4)

    def ended() -> bool:
        try:
            step = next(script)
        except StopIteration:
            return True
        if step is not None:
            step()
        return False

    return [
        (Path(hit.file).name, hit.line, hit.observed) for hit in follow([str(path) for path in paths], INDEX, ended=ended, renewed=renewed)
    ]


def write(path: Path, text: str) -> Callable[[], object]:
    def step() -> None:
        with path.open("a") as file:
            file.write(text)

    return step


def test_what_stands_there_and_what_comes(tmp_path: Path) -> None:
    log, other = tmp_path / "a", tmp_path / "b"
    log.write_text("one bad.example\ntwo\nhalf bad.ex")
    found = seen([log, other], write(log, "ample\n"), write(other, "x\nbad.example\n"), write(log, "last bad.example"))
    assert found == [("a", 1, "bad.example"), ("a", 3, "bad.example"), ("b", 2, "bad.example"), ("a", 4, "bad.example")]


def test_a_log_that_is_renamed_is_read_to_its_end_and_then_the_new_one(tmp_path: Path) -> None:
    log = tmp_path / "a"
    log.write_text("#fields\tquery\tx\n")

    def rotate() -> None:
        with log.open("a") as file:
            log.rename(tmp_path / "a.1")
            file.write("old.bad.example\tbad.example")
        log.write_text('{"query":"new.bad.example","note":"bad.example"}\n')

    found = seen([log], write(log, "first.bad.example\tbad.example\n"), rotate, write(log, '{"query":"more.bad.example"}\n'))
    assert found == [("a", 2, "first.bad.example"), ("a", 3, "old.bad.example"), ("a", 1, "new.bad.example"), ("a", 2, "more.bad.example")]


def test_a_log_that_is_emptied_begins_again(tmp_path: Path) -> None:
    log = tmp_path / "a"
    log.write_text("x\n" * 50 + "bad.example\n")
    assert seen([log], lambda: log.write_text("new bad.example\n")) == [("a", 51, "bad.example"), ("a", 1, "bad.example")]


def test_headers_of_columns_in_the_middle_are_followed(tmp_path: Path) -> None:
    log = tmp_path / "a"
    log.write_text("query,src_ip\n" + "good.example,192.0.2.1\n" * 300)
    found = seen([log], write(log, "ts,url\nbad.example,http://x.bad.example/\n"))
    assert found == [("a", 303, "x.bad.example")]


def test_what_cannot_be_followed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"bad.example\n"))
    with pytest.raises(SenderFault, match="compressed"):
        next(follow([str(tmp_path / "a.gz")], INDEX))
    (tmp_path / "w").write_bytes("bad.example\r\n".encode("utf-16"))
    with pytest.raises(SenderFault, match="UTF-16"):
        next(follow([str(tmp_path / "w")], INDEX))


def test_at_its_end_each_log_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x bad.example\ny\n")
    told: list[Scanned] = []
    read: list[tuple[int, int]] = []
    hits = follow([str(tmp_path / "a")], INDEX, on_file=told.append, on_block=lambda lines, size: read.append((lines, size)))
    assert next(hits).line == 1
    hits.close()
    assert [(each.format, each.lines) for each in told] == [("text", 2)]
    hits = follow([str(tmp_path / "a")], INDEX, on_block=lambda lines, size: read.append((lines, size)), ended=lambda: True)
    assert len(list(hits)) == 1 and read == [(2, 16)]


def test_indicators_that_come_and_go_meanwhile(tmp_path: Path) -> None:
    both = "[domain-name:value = 'one.example'] AND [domain-name:value = 'two.example']"
    log, new = tmp_path / "a", list[Index]()

    def give(*entries: tuple[str, str, str | None]) -> Callable[[], object]:
        return lambda: new.append(Index.build(entries))

    found = seen(
        [log],
        write(log, "1 bad.example\n2 late.example\n"),
        give(("domain", "late.example", None)),
        write(log, "3 bad.example\n4 late.example\n5 one.example\n"),
        give(("domain", "late.example", None), (PATTERN, both, "indicator--1")),
        write(log, "6 two.example\n7 nothing\n"),
        give(("domain", "bad.example", None), (PATTERN, both, "indicator--1")),
        write(log, "8 bad.example\n9 one.example\n"),
        give(),
        write(log, "10 bad.example\n"),
        renewed=lambda: new.pop() if new else None,
    )
    assert found == [("a", 1, "bad.example"), ("a", 4, "late.example"), ("a", 8, "bad.example"), ("a", 9, "one.example")]

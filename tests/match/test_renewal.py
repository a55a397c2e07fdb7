from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from comity.clock import now
from comity.errors import SenderFault
from comity.match import renewal
from comity.match.index import Index
from comity.match.renewal import Files, Renewal
from comity.terms.force import Passed


class Given:
    """A source that has changed as often as it is told to."""

    def __init__(self) -> None:
        self.new: list[str] = []
        self.read_times = 0

    def read(self, passed: Callable[[Passed], None]) -> Index:
        self.read_times += 1
        what = self.new.pop(0)
        if what == "broken":
            raise SenderFault("it is cut off")
        return Index.build([("domain", what, None)])

    def changed(self) -> bool:
        return bool(self.new)


def test_a_source_is_looked_at_every_few_seconds_and_what_was_read_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    at, told, given = [100.0], list[str](), Given()
    monkeypatch.setattr(renewal.time, "monotonic", lambda: at[0])
    renewed = Renewal(given, told.append)
    given.new = ["a.example", "broken", "broken", "b.example"]
    assert renewed() is None
    found = []
    for _ in range(6):
        at[0] += renewal.EVERY
        found.append(renewed())
        assert renewed() is None
    assert [index and index.host("a.example") != () for index in found] == [True, None, None, False, None, None]
    assert given.read_times == 4
    assert told == ["indicators could not be read again, and stay as they were: it is cut off"]


def test_files_change_when_they_are_written_to_or_replaced_or_a_date_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, dated, problems = tmp_path / "a.txt", tmp_path / "b.json", list[str]()
    plain.write_text("a.example\n")
    soon = now() + timedelta(hours=1)
    dated.write_text(
        '{"type":"indicator","spec_version":"2.1","id":"indicator--11111111-1111-4111-8111-111111111111","created":"2020-01-01T00:00:00Z",'
        '"modified":"2020-01-01T00:00:00Z","pattern":"[domain-name:value = \'b.example\']","pattern_type":"stix",'
        f'"valid_from":"2020-01-01T00:00:00Z","valid_until":"{soon:%Y-%m-%dT%H:%M:%SZ}"}}'
    )
    files = Files([str(plain), str(dated)], problems.append, kept=False)
    assert files.changed()
    assert len(files.read(lambda _: None)) == 2
    assert not files.changed()
    (tmp_path / "new").write_text("c.example\nd.example\n")
    (tmp_path / "new").rename(plain)
    assert files.changed()
    assert len(files.read(lambda _: None)) == 3
    assert not files.changed()
    monkeypatch.setattr(renewal, "now", lambda: soon)
    assert files.changed()
    plain.unlink()
    assert files.changed()
    assert not Files(["-"], problems.append, kept=False).changed()
    assert problems == []

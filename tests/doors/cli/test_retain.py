"""`comity purge` and `comity retain`, on a node."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from comity import node
from comity.clock import now
from comity.intake.submit import Submitter, submit
from tests.consortium import drafts, indicator

SOON = indicator(id="indicator--11111111-1111-4111-8111-111111111111")
LATE = indicator(id="indicator--22222222-2222-4222-8222-222222222222")


@pytest.fixture
def kz(comity, tmp_path: Path):
    """A node with an object that is due, and one that is not."""
    comity("init", "--party", "KZ")
    world = node.open_node(tmp_path / "node")
    list(submit(world, drafts([SOON]), Submitter(party="KZ", expires=now() - timedelta(seconds=1))))
    list(submit(world, drafts([LATE]), Submitter(party="KZ")))
    world.store.close()
    return comity


def said(text: bytes) -> list[dict[str, str]]:
    return [json.loads(line) for line in text.splitlines()]


def test_what_is_due_is_listed_and_goes(kz) -> None:
    (row,) = said(kz("retain", "due").stdout)
    assert (row["id"], row["by"], row["held"]) == (SOON["id"], "origin", "")
    assert [each["by"] for each in said(kz("retain", "due", "--within", "2000d").stdout)] == ["origin", "default"]
    (row,) = said(kz("purge", "--dry-run").stdout)
    assert row["id"] == SOON["id"]
    report = json.loads(kz("purge", "--json").stdout)
    assert (report["erased"], report["held"], report["overdue"], report["scrubbed"]) == ({"origin": 1}, {}, 0, True)
    assert kz("retain", "due").stdout == b"" and kz("purge", "--dry-run").stdout == b""
    kz("get", SOON["id"], code=3)
    kz("get", LATE["id"])
    assert json.loads(kz("log", "verify").stdout)["ok"] and kz("fsck").stdout == b""


def test_the_report_in_words(kz) -> None:
    text = kz("purge", "-o", "table").stdout.decode()
    assert "erased 1, held 0, overdue 0" in text and "1 by origin" in text


def test_what_is_held_is_named(kz) -> None:
    kz("recall", "hold", SOON["id"], "--reason", "evidence in case 7")
    assert said(kz("retain", "due").stdout)[0]["held"] == "evidence in case 7"
    assert json.loads(kz("purge", "--json").stdout)["held"] == {SOON["id"]: "evidence in case 7"}
    assert "is held: evidence in case 7" in kz("purge", "-o", "table").stdout.decode()


def test_longer_than_by_default_for_a_reason(kz) -> None:
    until = (now() + timedelta(days=1_000)).strftime("%Y-%m-%d")
    (row,) = said(kz("retain", "extend", LATE["id"], "--until", until, "--reason", "the case goes on").stdout)
    assert row["until"].startswith(until) and row["reason"] == "the case goes on"
    kz("retain", "extend", LATE["id"], "--until", until, code=2)
    kz("retain", "extend", SOON["id"], "--until", until, "--reason", "x", code=2)


def test_a_backup_from_before_says_what_is_overdue_when_it_is_put_back(kz, tmp_path: Path) -> None:
    kz("backup", "b")
    (tmp_path / "again" / "keys").mkdir(parents=True)
    for key in (tmp_path / "node" / "keys").iterdir():
        if key.is_file():
            (tmp_path / "again" / "keys" / key.name).write_bytes(key.read_bytes())
    result = kz("restore", "b", node="again")
    assert "1 object fell due since" in result.stderr.decode()
    kz("purge", node="again")
    kz("get", SOON["id"], node="again", code=3)
    kz("get", LATE["id"], node="again")

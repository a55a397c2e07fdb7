"""Redacted copies where the node is killed while it makes them, and where two of its processes make them at once."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from comity.admin.fsck import fsck
from comity.config import Settings
from comity.intake.govern import add_agreement, add_standing
from comity.intake.submit import Submitter, submit
from comity.node import create_node, open_node
from comity.store.copied import envelopes
from comity.terms.item import DERIVED_FROM
from comity.terms.party import Standing
from tests.consortium import drafts, indicator
from tests.release.test_copies import REDACTED

ITEMS = 4_000
#: Reads all pages as an observer: before the last one leaves, all copies have to be there.
READS = """
import sys
from pathlib import Path
from comity.node import open_node
from comity.release.desk import Desk
from comity.release.select import Query
from comity.release.sight import Reader
print("ready", flush=True)
desk, reader = Desk(open_node(Path(sys.argv[1]))), Reader(party="IR", body="sco", purposes=("network-defence",))
after, found, more = 0, set(), True
while more:
    page = desk.page(reader, Query(limit=1_000, after=after))
    found |= {row.id for _, row in page.found}
    after, more = page.stamps[-1] if page.stamps else after, page.more
print(len(found), flush=True)
"""

pytestmark = pytest.mark.loop


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    world = create_node(tmp_path / "node", Settings(party="SCO-CENTRE", name="SCO-CENTRE-sco", body="sco"), "member")
    add_agreement(world, REDACTED, "test.toml", by="test")
    for party, standing in (("KZ", "member"), ("IR", "observer")):
        add_standing(world, Standing(party=party, body="sco", standing=standing, since=datetime(2021, 1, 1, tzinfo=UTC)), by="test")
    objects = [indicator(description="a sensor", pattern=f"[domain-name:value = 'h{number}.example']") for number in range(ITEMS)]
    assert {outcome.outcome for outcome in submit(world, drafts(objects), Submitter(party="KZ", tlp="green"))} == {"accepted"}
    world.store.close()
    return tmp_path / "node"


def reading(folder: Path) -> subprocess.Popen[str]:
    started = subprocess.Popen([sys.executable, "-c", READS, str(folder)], stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    return started


def copied(folder: Path) -> Counter[int]:
    """How many copies each item has."""
    world = open_node(folder)
    rows = [row.item for row in world.store.by_type("indicator")]
    said = envelopes(world.store, rows).values()
    world.store.close()
    return Counter(each.made_of for each in said if each.made_of is not None and each.profile != DERIVED_FROM)


def _rows(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM items").fetchone()[0])


def sound(folder: Path) -> None:
    found = copied(folder)
    assert (len(found), set(found.values())) == (ITEMS, {1})
    world = open_node(folder)
    assert list(fsck(world)) == []
    world.store.close()


def test_killed_at_any_moment_each_copy_is_made_once(folder: Path) -> None:
    dice, between = random.Random(20), 0
    for _ in range(12):
        with closing(sqlite3.connect(folder / "comity.db")) as db:
            process, before = reading(folder), _rows(db)
            while process.poll() is None and _rows(db) == before:
                time.sleep(0.001)
        time.sleep(dice.uniform(0, 0.01))
        process.kill()
        process.communicate()
        between += 0 < len(copied(folder)) < ITEMS
    assert between  # else it was never cut off on its way
    assert reading(folder).communicate(timeout=120)[0] == f"{ITEMS}\n"
    sound(folder)


def test_two_processes_at_once(folder: Path) -> None:
    processes = [reading(folder) for _ in range(2)]
    assert [process.communicate(timeout=120)[0] for process in processes] == [f"{ITEMS}\n"] * 2
    sound(folder)

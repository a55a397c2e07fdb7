"""The ledger: entries appended durably, and proofs from a log of N entries, beside a floor.

In one run, over the same entries:

* `comity`: `journal.append` of an entry about 10 objects, each committed alone to SQLite with `synchronous=FULL`; and 1,000 entries
  in one commit, which is what signing and hashing alone costs.
* `floor`: the same bytes as rows of SQLite, as durable, without tree or signature.
* `proof`: an inclusion proof of a random entry and a consistency proof from a random size, from the hashes that the store keeps; beside
  reading all leaf hashes and working out the root, which a store without inner hashes would have to do for each.

The log of N is made of random leaf hashes, put into the store by SQL: proofs read nothing else of it. Correctness: every proof is verified
against the root, and the 10,000 entries that were appended are verified by `comity log verify`'s own audit.

    python -m bench.ledger [N]
"""

from __future__ import annotations

import json
import os
import random
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from comity.admin import logbook
from comity.config import Settings
from comity.ledger.journal import Entry
from comity.ledger.merkle import Frontier, root, verify_consistency, verify_inclusion
from comity.ledger.tiles import consistency, finished, inclusion, over
from comity.node import create_node
from comity.store.sqlite import open_sqlite
from comity.world import World

_ALONE, _TOGETHER, _PROOFS = 2_000, 8_000, 200


def entry(world: World) -> tuple[Entry, list[bytes]]:
    detail = {"body": "sco", "purposes": ["network-defence"]}
    made = Entry(kind="disclose", at=world.clock(), party="UZ", count=10, agreements=("example@1/art-4.2",), detail=detail)
    return made, [os.urandom(32) for _ in range(10)]


def timed(do: Callable[[], object]) -> tuple[float, float]:
    """(wall, CPU) seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    do()
    return time.perf_counter() - wall, time.process_time() - cpu


def appended(folder: Path) -> dict[str, float]:
    world = create_node(folder / "node", Settings(party="KZ", name="kz", body="sco"), "member")

    def alone() -> None:
        for _ in range(_ALONE):
            with world.store.write() as tx:
                world.journal.append(tx, *entry(world))

    def together() -> None:
        for _ in range(_TOGETHER // 1_000):
            with world.store.write() as tx:
                for _ in range(1_000):
                    world.journal.append(tx, *entry(world))

    wall, cpu = timed(alone)
    _, many = timed(together)
    report = logbook.verify(world)
    assert report.ok
    assert report.kinds["disclose"] == _ALONE + _TOGETHER
    found = {"entries_s_durable": _ALONE / wall, "entries_cpu_s": _ALONE / cpu, "entries_cpu_s_grouped": _TOGETHER / many}
    with sqlite3.connect(folder / "floor.db", isolation_level=None) as db:
        db.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE leaves(idx INTEGER PRIMARY KEY, entry BLOB, opening BLOB);"
        )
        rows = [(leaf.index, leaf.entry, leaf.opening) for leaf in world.store.leaves(0, _ALONE)]

        def floor() -> None:
            for row in rows:
                db.execute("BEGIN IMMEDIATE")
                db.execute("INSERT INTO leaves VALUES(?,?,?)", row)
                db.execute("COMMIT")

        wall, cpu = timed(floor)
    world.store.close()
    return found | {"floor_s_durable": _ALONE / wall, "floor_cpu_s": _ALONE / cpu}


def proven(folder: Path, size: int) -> dict[str, float]:
    store = open_sqlite(folder / "long.db")
    frontier, inner = Frontier(), list[tuple[int, int, bytes]]()
    with sqlite3.connect(folder / "long.db") as db:
        for first in range(0, size, 100_000):
            part = [os.urandom(32) for _ in range(first, min(size, first + 100_000))]
            db.executemany("INSERT INTO leaves VALUES(?,?,x'',x'',x'')", enumerate(part, first))
            for leaf in part:
                inner += finished(frontier, leaf)
                frontier = frontier.append(leaf)
        db.executemany("INSERT INTO tree VALUES(?,?,?)", inner)
    top, draw = frontier.root(), random.Random(7)
    included, consistent = [], []
    for _ in range(_PROOFS):
        index, old = draw.randrange(size), draw.randrange(1, size)
        leaf = store.tree_hashes(0, index, 1)[0]
        began = time.perf_counter()
        path = inclusion(store.tree_hashes, index, size)
        between = time.perf_counter()
        proof = consistency(store.tree_hashes, old, size)
        included.append(between - began)
        consistent.append(time.perf_counter() - between)
        verify_inclusion(leaf=leaf, index=index, size=size, proof=path, root=top)
        verify_consistency(old_size=old, old_root=over(store.tree_hashes, 0, old), size=size, root=top, proof=proof)
    whole, _ = timed(lambda: root(store.tree_hashes(0, 0, size)))
    store.close()
    return {
        "inclusion_ms": statistics.median(included) * 1e3, "inclusion_ms_worst": max(included) * 1e3,
        "consistency_ms": statistics.median(consistent) * 1e3, "consistency_ms_worst": max(consistent) * 1e3,
        "all_hashes_ms": whole * 1e3, "ratio": whole / statistics.median(included),
    }  # fmt: skip


def main() -> None:
    """Run, and print a line of JSON."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = appended(folder) | proven(folder, size)
        found["long_store_mb"] = (folder / "long.db").stat().st_size / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"bench": "ledger", "size": size, **{name: round(value, 2) for name, value in found.items()}, "peak_mb": round(peak)}))


if __name__ == "__main__":
    main()

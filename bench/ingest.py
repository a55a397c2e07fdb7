"""Ingest end to end (read, check, mark, decide what it stands under, store, log, durable commit) beside what the field has and a floor.

In one run, interleaved, over the same bytes:

* `comity`: `submit` over a bundle in chunks, into SQLite with `synchronous=FULL`.
* `floor`: msgspec cuts and decodes each object; its raw bytes go into SQLite, as durable, unique by hash; nothing is checked.
* `stix2`: `stix2.parse` of each object, which only parses. A tenth of the objects.
* `validator`: `stix2-validator` of each object, which only checks. A sample of 200.
* `medallion`: POST of envelopes of 200 to medallion's memory backend, in this process, which neither checks nor keeps. A sample of 2,000,
  since each object costs it a walk over all that it holds.

Rates are objects per second of CPU time; for what writes to disk of wall time too. `memory` is the peak of a process of its own that takes
ten times as many objects as a stream. Correctness: every object is accepted once, what is stored is byte for byte what was sent, and `fsck`
finds nothing.
"""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import msgspec

from comity.admin.fsck import fsck
from comity.config import Settings
from comity.forms import stix_json
from comity.intake.submit import Submitter, submit
from comity.node import create_node
from comity.terms.stix import sco

_MOMENT = "2021-10-01T00:00:00.000Z"
_TEXT = "Seen in mail to ministries; the host answers on port 443 and serves the second stage. " * 5
_SAMPLE = {"stix2": 0.1, "validator": 200, "medallion": 2_000}
_CHUNK = 1 << 20


def objects(count: int) -> Iterator[bytes]:
    """Objects of STIX 2.1: of ten, six are indicators, two domain names, one malware, one a relationship between the last two kinds."""
    head = {"spec_version": "2.1", "created": _MOMENT, "modified": _MOMENT}
    malware = domain = ""
    for number in range(count):
        name = f"h{number}.example"
        obj: dict[str, Any]
        if number % 10 in (0, 1):
            obj = sco("domain", name)
            domain = obj["id"]
        elif number % 10 == 2:
            malware = f"malware--{uuid.uuid4()}"
            obj = {"type": "malware", **head, "id": malware, "name": name, "is_family": True, "description": _TEXT}
        elif number % 10 == 3:
            obj = {
                "type": "relationship", **head, "id": f"relationship--{uuid.uuid4()}", "relationship_type": "communicates-with",
                "source_ref": malware, "target_ref": domain,
            }  # fmt: skip
        else:
            obj = {
                "type": "indicator", **head, "id": f"indicator--{uuid.uuid4()}", "name": name, "indicator_types": ["malicious-activity"],
                "pattern": f"[domain-name:value = '{name}']", "pattern_type": "stix", "valid_from": _MOMENT, "description": _TEXT,
            }  # fmt: skip
        yield json.dumps(obj).encode()


def bundle(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """A bundle of them, in pieces."""
    yield b'{"type": "bundle", "id": "bundle--%b", "objects": [' % str(uuid.uuid4()).encode()
    for number, piece in enumerate(pieces):
        yield piece if number == 0 else b", " + piece
    yield b"]}"


def chunked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes as they come from a file."""
    held, size = [], 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= _CHUNK:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def comity(raw: bytes, count: int, sent: set[bytes]) -> None:
    """Ours. What is checked afterwards is not in the time."""
    with tempfile.TemporaryDirectory() as folder:
        world = create_node(Path(folder) / "node", Settings(party="KZ", name="bench", body="sco"), "member")
        chunks = (raw[at : at + _CHUNK] for at in range(0, len(raw), _CHUNK))
        with timed("comity"):
            outcomes = [outcome.outcome for outcome in submit(world, stix_json.read(chunks), Submitter(party="KZ"))]
        assert outcomes == ["accepted"] * count
        rows = [row for row in world.store.recent(count + 10) if row.origin == "KZ" and row.type != "comity-standing"]
        assert {bytes(body) for body in world.store.bodies([row.item for row in rows]).values()} == sent
        assert list(fsck(world)) == []
        world.store.close()


def floor(raw: bytes, count: int) -> None:
    """What no ingest with these guarantees can be faster than."""
    with tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(Path(folder) / "floor.db", isolation_level=None)
        db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;")
        db.execute("CREATE TABLE items(item INTEGER PRIMARY KEY, id TEXT, sha BLOB UNIQUE, body BLOB)")
        with timed("floor"):
            pieces = msgspec.json.decode(msgspec.json.decode(raw, type=dict[str, msgspec.Raw])["objects"], type=list[msgspec.Raw])
            for start in range(0, count, 1_000):
                bodies = list(map(bytes, pieces[start : start + 1_000]))
                rows = [(msgspec.json.decode(body)["id"], hashlib.sha256(body).digest(), body) for body in bodies]
                db.execute("BEGIN IMMEDIATE")
                db.executemany("INSERT OR IGNORE INTO items(id,sha,body) VALUES(?,?,?)", rows)
                db.execute("COMMIT")
        assert db.execute("SELECT count(*) FROM items").fetchone() == (count,)
        db.close()


def parse(some: list[dict[str, Any]]) -> None:
    """`stix2.parse`."""
    import stix2

    with timed("stix2"):
        for obj in some:
            stix2.parse(obj)


def validate(some: list[dict[str, Any]]) -> None:
    """`stix2-validator`, one object at a time."""
    from stix2validator import ValidationOptions, validate_instance  # type: ignore[import-untyped]

    options = ValidationOptions(version="2.1")
    with timed("validator"), redirect_stdout(io.StringIO()):
        found = [validate_instance(obj, options).is_valid for obj in some]
    assert all(found)


def post(some: list[dict[str, Any]]) -> None:
    """medallion's memory backend behind Flask's test client."""
    from flask import Flask
    from medallion import register_blueprints, set_config  # type: ignore[import-untyped]

    app, folder = Flask("bench"), "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
    media = "application/taxii+json;version=2.1"
    backend = {"module": "medallion.backends.memory_backend", "module_class": "MemoryBackend", "filename": None}
    set_config(app, "users", {"users": {"bench": "bench"}})
    set_config(app, "taxii", {"taxii": {"max_page_size": 100}})
    set_config(app, "backend", {"backend": backend})
    shelf = {"id": folder, "title": "x", "can_read": True, "can_write": True, "media_types": [], "objects": [], "manifest": []}
    information = {"title": "x", "versions": [media], "max_content_length": 1 << 30}
    app.medallion_backend.data = {"bench": {"information": information, "status": [], "collections": [shelf]}}  # type: ignore[attr-defined]
    register_blueprints(app)
    bodies = [json.dumps({"objects": some[at : at + 200]}).encode() for at in range(0, len(some), 200)]
    client, headers = app.test_client(), {"Accept": media, "Content-Type": media}
    with timed("medallion"):
        answers = [
            client.post(f"/bench/collections/{folder}/objects/", data=body, headers=headers, auth=("bench", "bench")) for body in bodies
        ]
    assert sum(answer.get_json(force=True)["success_count"] for answer in answers) == len(some)


#: name -> (CPU seconds, wall seconds) of each round.
_spent: dict[str, list[tuple[float, float]]] = {}


class timed:
    """Add what happens inside to a name's rounds."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        self._began = time.process_time(), time.perf_counter()

    def __exit__(self, *_: object) -> None:
        spent = time.process_time() - self._began[0], time.perf_counter() - self._began[1]
        _spent.setdefault(self._name, []).append(spent)


def streamed(count: int) -> None:
    """Ours over a stream that is never whole in memory: the process's peak in MB, and after its first tenth."""
    with tempfile.TemporaryDirectory() as folder:
        world = create_node(Path(folder) / "node", Settings(party="KZ", name="bench", body="sco"), "member")
        done, early, began = 0, 0, time.process_time()
        for outcome in submit(world, stix_json.read(chunked(bundle(objects(count)))), Submitter(party="KZ")):
            assert outcome.outcome == "accepted"
            done += 1
            if done == count // 10:
                early = _peak()
        assert done == count
        rate = round(count / (time.process_time() - began))
    line = {"objects": count, "peak_mb": _peak(), "after_a_tenth_mb": early, "with_making_them_objects_per_cpu_s": rate}
    print(json.dumps(line))


def _peak() -> int:
    """The most memory that this process had, in MB. (`ru_maxrss` would begin with that of the process that started it.)"""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1_000 for line in lines if line.startswith("VmHWM:"))


def rates(count: int, sizes: dict[str, int]) -> dict[str, Any]:
    """The medians, their spread, and how many times each peer's rate ours is."""
    by_name = {name: [sizes.get(name, count) / cpu for cpu, _ in rounds] for name, rounds in _spent.items()}
    found: dict[str, Any] = {f"{name}_objects_per_cpu_s": round(statistics.median(each)) for name, each in by_name.items()}
    found |= {
        f"{name}_objects_per_wall_s": round(statistics.median(count / wall for _, wall in _spent[name])) for name in ("comity", "floor")
    }
    found["spread"] = {name: [round(min(each)), round(max(each))] for name, each in by_name.items()}
    ours = statistics.median(by_name["comity"])
    found["ratio"] = {name: round(ours / statistics.median(each), 2) for name, each in by_name.items() if name != "comity"}
    return found


def main(count: int = 20_000, rounds: int = 3) -> None:
    """Run and print one JSON line."""
    pieces = list(objects(count))
    raw, sent = b"".join(bundle(iter(pieces))), set(pieces)
    sizes = {name: min(count, int(count * size) if size < 1 else int(size)) for name, size in _SAMPLE.items()}
    some = {name: [json.loads(piece) for piece in pieces[:size]] for name, size in sizes.items()}
    for _ in range(rounds):
        comity(raw, count, sent)
        floor(raw, count)
        parse(some["stix2"])
        validate(some["validator"])
        post(some["medallion"])
    apart = subprocess.run([sys.executable, "-m", "bench.ingest", "streamed", str(count * 10)], capture_output=True, check=True)
    line = {"bench": "ingest", "objects": count, "bytes": len(raw), "rounds": rounds, "sampled": sizes, **rates(count, sizes)}
    line["memory"] = json.loads(apart.stdout)
    print(json.dumps(line | {"checked": "every object accepted once; what is stored is what was sent; fsck finds nothing"}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["streamed"]:
        streamed(int(sys.argv[2]))
    else:
        main(*(int(argument) for argument in sys.argv[1:]))

"""A TAXII full pull from `comity up` (token, decisions and ledger on) beside an unfiltered server of raw bytes from the same file
(`bench.raw_bytes`), medallion and OpenTAXII, in one run and in turns.

Correctness, before any timing: every object that the puller may see arrives once, to the byte, at every page size; and after it, the log
says that each one left (`disclose` entries count what was pulled).

    python -m bench.serve [--objects 100000] [--visible 1.0] [--rounds 3] [--no-peers] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from comity.admin.tokens import create
from comity.config import Settings
from comity.forms import stix_json
from comity.intake.govern import add_agreement, add_standing
from comity.intake.submit import Submitter, submit
from comity.ledger.journal import read_entry
from comity.node import create_node, open_node
from comity.terms.party import Standing
from tests.consortium import MEMBERS
from tests.peer import foreign

PATH = "/taxii2/sco/collections/shared/objects/"
MEDIA = "application/taxii+json;version=2.1"
START = datetime(2021, 10, 1, tzinfo=UTC)
TYPES: dict[str, dict[str, Any]] = {
    "indicator": {"pattern_type": "stix", "valid_from": "2021-10-01T00:00:00Z", "indicator_types": ["malicious-activity"]},
    "malware": {"is_family": True},
    "campaign": {},
}
#: Bytes of an object, about those of the public collections.
SIZE = 900


def made(number: int, chance: random.Random) -> bytes:
    """One object of ours."""
    type_ = tuple(TYPES)[number % len(TYPES)]
    # Moments of their own: OpenTAXII takes a hundred times as long for objects of one.
    moment = (START + timedelta(milliseconds=number)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    obj = {
        "type": type_, "spec_version": "2.1", "id": f"{type_}--{uuid.UUID(int=chance.getrandbits(128), version=4)}",
        "created": moment, "modified": moment, "name": f"sample {number}", **TYPES[type_],
    }  # fmt: skip
    if type_ == "indicator":
        obj["pattern"] = f"[domain-name:value = 'h{number}.example']"
    obj["description"] = "".join(chance.choices("abcdefgh ijkl", k=SIZE - 20 - len(json.dumps(obj))))
    return json.dumps(obj).encode()


def fill(folder: Path, count: int, visible: float) -> tuple[str, set[bytes]]:
    """A centre's node with `count` objects of two parties, of which UZ may see a share; UZ's token, and the SHA-256 of what it may see."""
    chance = random.Random(count)
    seen: set[bytes] = set()
    world = create_node(folder, Settings(party="SCO-CENTRE", name="bench", body="sco"), "member")
    add_agreement(world, MEMBERS, "bench", by="bench")
    for party in ("KZ", "IN", "UZ"):
        add_standing(world, Standing(party=party, body="sco", standing="member", since=datetime(2020, 1, 1, tzinfo=UTC)), by="bench")
    _, token = create(world, party="UZ", scopes=("taxii:read",), expires=datetime(2090, 1, 1, tzinfo=UTC))
    for start in range(0, count, 1_000):
        raws = [made(number, chance) for number in range(start, min(count, start + 1_000))]
        shown = [raw for raw in raws if chance.random() < visible]
        seen.update(hashlib.sha256(raw).digest() for raw in shown)
        batch = start // 1_000
        for part, tlp in ((shown, ("amber", "green")[batch // 2 % 2]), ([raw for raw in raws if raw not in set(shown)], "red")):
            drafts = (draft for raw in part for draft in stix_json.read(raw))
            outcomes = {each.outcome for each in submit(world, drafts, Submitter(party=("KZ", "IN")[batch % 2], tlp=tlp))}
            assert outcomes <= {"accepted"}, outcomes
    world.store.close()
    return token, seen


class Line:
    """One connection that asks for pages and reads no more of an answer than it must."""

    def __init__(self, port: int, token: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._buffer = bytearray(4 << 20)
        self._head = f"Host: localhost\r\nAccept: {MEDIA}\r\nAuthorization: Bearer {token}\r\n\r\n"

    def get(self, target: str) -> memoryview:
        """The body of a GET; the next one overwrites it."""
        self._socket.sendall(f"GET {target} HTTP/1.1\r\n{self._head}".encode())
        view, have, end = memoryview(self._buffer), 0, -1
        while end < 0:
            have += self._socket.recv_into(view[have:])
            end = self._buffer.find(b"\r\n\r\n", 0, have)
        head = bytes(view[:end])
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        assert head.startswith(b"HTTP/1.1 200 "), head
        assert length, head
        total = end + 4 + int(length.group(1))
        while have < total:
            have += self._socket.recv_into(view[have:])
        return view[end + 4 : total]

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def pages(line: Line, limit: int) -> Iterator[tuple[memoryview, float]]:
    """All pages of the collection with the seconds that each took."""
    cursor = ""
    while True:
        began = time.perf_counter()
        body = line.get(f"{PATH}?limit={limit}{cursor}")
        yield body, time.perf_counter() - began
        found = re.search(rb'"next":"([^"]+)"', bytes(body[:100]))
        if found is None:
            return
        cursor = "&next=" + found.group(1).decode()


def check(port: int, token: str, limit: int, seen: set[bytes]) -> None:
    """Every object once, to the byte."""
    line, got = Line(port, token), []
    for body, _ in pages(line, limit):
        envelope = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
        got += [hashlib.sha256(raw).digest() for raw in msgspec.json.decode(envelope.get("objects", b"[]"), type=list[msgspec.Raw])]
    line.close()
    assert len(got) == len(seen), f"{len(got)} objects instead of {len(seen)}"
    assert set(got) == seen, "other bytes than were submitted"


def cpu(process: subprocess.Popen[bytes]) -> float:
    """Seconds of CPU (user and system) that a process has used, all threads."""
    return sum(int(Path(task, "schedstat").read_text().split()[0]) for task in Path(f"/proc/{process.pid}/task").iterdir()) / 1e9


def peak(process: subprocess.Popen[bytes]) -> int:
    """MB of memory that a process has had at most."""
    return next(int(x.split()[1]) // 1_000 for x in Path(f"/proc/{process.pid}/status").read_text().splitlines() if x.startswith("VmHWM"))


def timed(process: subprocess.Popen[bytes], port: int, token: str, limit: int, pullers: int, count: int) -> dict[str, Any]:
    """Full pulls by some pullers at once, a hundred pages at least each."""
    took: list[float] = []
    times = max(1, -(-100 // max(1, -(-count // limit))))

    def pull() -> None:
        line = Line(port, token)
        for _ in range(times):
            took.extend(seconds for _, seconds in pages(line, limit))
        line.close()

    threads = [threading.Thread(target=pull) for _ in range(pullers)]
    used, began = cpu(process), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall, used = time.perf_counter() - began, cpu(process) - used
    objects = count * times * pullers
    took.sort()
    return {
        "wall": objects / wall, "cpu": objects / used, "pages": len(took), "cpu_ms_per_page": used / len(took) * 1e3,
        "p50_ms": took[len(took) // 2] * 1e3, "p99_ms": took[int(len(took) * 0.99)] * 1e3,
    }  # fmt: skip


@contextmanager
def started(command: list[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A server while it is used."""
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert process.poll() is None, command
                time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=20)


def ours_and_floor(folder: Path, token: str, seen: set[bytes], visible: float, rounds: int) -> dict[str, Any]:
    """Ours and the raw bytes in turns; medians over the rounds."""
    ports = {"comity": foreign.free_port(), "raw_bytes": foreign.free_port()}
    up = [sys.executable, "-m", "comity", "up", "--node", str(folder), "--port", str(ports["comity"])]
    raw = [sys.executable, "-m", "bench.raw_bytes", str(folder / "comity.db"), str(ports["raw_bytes"])]
    found: dict[str, list[dict[str, Any]]] = {}
    with started(up, ports["comity"]) as comity, started(raw, ports["raw_bytes"]) as floor:
        for limit in (1_000, 100):
            check(ports["comity"], token, limit, seen)
        servers = [("comity", comity), ("raw_bytes", floor)] if visible == 1 else [("comity", comity)]
        for pullers, limits, turns in ((1, (1_000, 100), rounds), (4, (1_000, 100), 1), (32, (1_000,), 1)):
            for _ in range(turns):
                for limit in limits:
                    for name, process in servers:
                        one = timed(process, ports[name], token, limit, pullers, len(seen))
                        found.setdefault(f"{name} page {limit} x{pullers}", []).append(one)
        memory = {name: peak(process) for name, process in servers}
    figures = {key: {name: round(median(run[name] for run in runs), 2) for name in runs[0]} for key, runs in found.items()}
    ratios = {
        f"page {limit}": round(figures[f"comity page {limit} x1"]["cpu"] / figures[f"raw_bytes page {limit} x1"]["cpu"], 3)
        for limit in (1_000, 100)
        if visible == 1
    }
    disclosed(folder, sum(run["pages"] for key, runs in found.items() if key.startswith("comity") for run in runs), len(seen))
    return {"figures": figures, "comity_to_raw_bytes_per_cpu": ratios, "peak_memory_mb": memory}


def disclosed(folder: Path, pulled: int, each: int) -> None:
    """Every page that was pulled is in the log."""
    world = open_node(folder)
    entries = [entry for leaf in world.store.leaves() if (entry := read_entry(leaf.entry)).kind == "disclose"]
    world.store.close()
    assert len(entries) >= pulled, f"{len(entries)} entries for {pulled} pages"
    assert sum(entry.count for entry in entries) % each == 0, "a pull that is not recorded as whole"


def peer(url: str, collection: Callable[[Any], str], limit: int, count: int) -> float:
    """Objects a second of one full pull from another server, by its `next`."""

    def get(target: str) -> Any:
        basic = base64.b64encode(b"kz:word").decode()
        with urllib.request.urlopen(urllib.request.Request(target, headers={"Accept": MEDIA, "Authorization": f"Basic {basic}"})) as answer:
            return msgspec.json.decode(answer.read())

    root = get(url)["default"]
    root = root if root.startswith("http") else url.split("/taxii2/")[0] + root
    target = f"{root}collections/{collection(get(root + 'collections/')['collections'])}/objects/?limit={limit}"
    got, cursor, began = 0, "", time.perf_counter()
    while True:
        page = get(target + cursor)
        got += len(page.get("objects", ()))
        if not page.get("more") or "next" not in page:
            break
        cursor = f"&next={page['next']}"
    took = time.perf_counter() - began
    assert got == count, f"{url} gave {got} of {count} objects"
    return count / took


def peers(folder: Path, raws: list[bytes]) -> dict[str, Any]:
    """What the field's servers do with objects like these, one puller, page 1,000."""
    objects, figures = [json.loads(raw) for raw in raws], {}
    for count in (1_000, 4_000):
        moments = [(f"2021-10-01T00:00:00.{number:06}Z", obj) for number, obj in enumerate(objects[:count])]
        with foreign.medallion(fresh(folder / f"medallion{count}"), moments) as url:
            figures[f"medallion {count}"] = round(peer(url, lambda found: foreign.READ, 1_000, count))
    with foreign.opentaxii(fresh(folder / "opentaxii"), objects) as url:
        figures[f"opentaxii {len(objects)}"] = round(peer(url, lambda found: str(found[0]["id"]), 1_000, len(objects)))
    return figures


def fresh(folder: Path) -> Path:
    """A new folder."""
    folder.mkdir()
    return folder


def main(arguments: list[str]) -> None:
    """Run and print one JSON line."""
    parser = argparse.ArgumentParser(prog="bench.serve")
    parser.add_argument("--objects", type=int, default=100_000)
    parser.add_argument("--visible", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--keep", type=Path, help="leave the node in this folder")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        token, seen = fill(folder / "node", asked.objects, asked.visible)
        size = os.path.getsize(folder / "node" / "comity.db")
        found = ours_and_floor(folder / "node", token, seen, asked.visible, asked.rounds)
        chance = random.Random(1)
        others = {} if asked.no_peers else peers(folder, [made(number, chance) for number in range(10_000)])
        if asked.keep:
            shutil.copytree(folder / "node", asked.keep)
    best = found["figures"]["comity page 1000 x1"]["wall"]
    print(
        json.dumps(
            {
                "bench": "serve", "objects": asked.objects, "visible": len(seen), "object_bytes": SIZE, "store_mb": round(size / 1e6),
                **found, "peers_objects_per_s": others, "comity_to_peers": {name: round(best / rate) for name, rate in others.items()},
                "checked": "every visible object once and to the byte at page 1,000 and 100; every page that was pulled is in the log",
            }
        )
    )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])

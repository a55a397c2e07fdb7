"""Objects from one Comity node to another by parcels: how many a second at either end, beside ingest alone; bytes on the wire; memory.

Two nodes on disk, each in a process of its own; parcels and answers go over pipes, so that what is measured is neither HTTP nor TLS. The
receiver is cut off in the midst of its writing `cuts` times, at random places, and goes on.

Correctness: every object is there once, and no other; a further exchange writes nothing; `fsck` of the receiving node finds nothing.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
import zlib
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.ingest import bundle, chunked, objects
from comity import samples
from comity.admin.fsck import fsck
from comity.clock import parse
from comity.config import Settings
from comity.forms import stix_json
from comity.intake.govern import add_agreement, add_standing
from comity.intake.submit import Submitter, submit
from comity.ledger.keys import LogKey
from comity.node import create_node, open_node
from comity.peer.incoming import incoming, position
from comity.peer.outgoing import outgoing, settled
from comity.peer.partner import Partner
from comity.release.desk import Desk
from comity.terms.party import Standing
from comity.world import World

CENTRE, MEMBER = "SCO-CENTRE", "KZ"


def made(folder: Path, party: str) -> World:
    """A node that knows the member and the sample agreement."""
    world = create_node(folder / party, Settings(party=party, name="bench", body="sco"), "partner" if party == CENTRE else "member")
    add_standing(world, Standing(party=MEMBER, body="sco", standing="member", since=parse("2001-06-15")), by="bench")
    add_agreement(world, samples.read("sco-ict-sample.toml").decode(), "sample", by="bench")
    return world


def key_of(folder: Path, party: str) -> LogKey:
    return LogKey.from_bytes((folder / party / "keys" / "parcels").read_bytes())


def pinned(folder: Path, party: str) -> Partner:
    """How the other node knows this one."""
    return Partner(name=party.lower(), party=party, node=f"{party}/bench", keys=(key_of(folder, party).verifier,), centre=party == CENTRE)


def figures(began: float) -> dict[str, Any]:
    """Of this process: processor seconds since a moment of it, and its greatest memory."""
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return {"cpu_s": round(time.process_time() - began, 2), "peak_memory_mb": int(peak.split()[1]) // 1000}


def receive(folder: Path, pipe: Connection, writes: int | None) -> None:
    """The receiving node, until the pipe ends; with `writes` it ends itself with its next but so many."""
    world, began = open_node(folder / CENTRE), time.process_time()
    partner, key = pinned(folder, MEMBER), key_of(folder, CENTRE)
    if writes is not None:
        journal, left = world.journal, [writes]
        enter = journal.enter

        def counting(*given: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                os._exit(1)
            return enter(*given)

        journal.enter = counting  # type: ignore[method-assign]
    pipe.send_bytes(position(world, partner, key))
    while raw := pipe.recv_bytes():
        pipe.send_bytes(incoming(world, partner, key, raw))
    pipe.send_bytes(json.dumps(figures(began)).encode())


def sent(folder: Path, writes: int | None = None) -> dict[str, Any]:
    """One exchange: parcels, bytes, what they would be packed, and the figures of both ends; `cut` when the receiver ended in its midst."""
    world = open_node(folder / MEMBER)
    desk, partner, key = Desk(world), pinned(folder, CENTRE), key_of(folder, MEMBER)
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    other = multiprocessing.get_context("spawn").Process(target=receive, args=(folder, theirs, writes))
    other.start()
    theirs.close()
    began, since, found = time.process_time(), time.perf_counter(), {"parcels": 0, "bytes": 0, "packed": 0, "answers": 0}
    packing = 0.0
    try:
        settled(world, partner, ours.recv_bytes())
        while raw := outgoing(desk, partner, key):
            ours.send_bytes(raw)
            answer = ours.recv_bytes()
            settled(world, partner, answer)
            found["parcels"] += 1
            found["bytes"] += len(raw)
            found["answers"] += len(answer)
            if found["parcels"] % 10 == 1:  # one in ten: packing is no part of what is measured
                start = time.process_time()
                found["packed"] += 10 * len(zlib.compress(raw, 1))
                packing += time.process_time() - start
        ours.send_bytes(b"")
        return {
            **found,
            "wall_s": round(time.perf_counter() - since, 2),
            "sender": figures(began + packing),
            "receiver": json.loads(ours.recv_bytes()),
        }
    except (EOFError, ConnectionError):
        return {**found, "cut": True}
    finally:
        other.join()
        world.store.close()


def filled(folder: Path, count: int) -> dict[str, Any]:
    """The sender's node with its objects: ingest alone, measured."""
    world = made(folder, MEMBER)
    pieces = list(chunked(bundle(objects(count))))
    began = time.process_time()
    assert all(each.outcome == "accepted" for each in submit(world, stix_json.read(pieces), Submitter(party=MEMBER, tlp="green")))
    found = {"cpu_s": round(time.process_time() - began, 2), "bytes": sum(map(len, pieces))}
    world.store.close()
    made(folder, CENTRE).store.close()
    return found


def main(count: int = 100_000, cuts: int = 20) -> None:
    """Run and print one JSON line."""
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            ingest = pool.apply(filled, (folder, count))
        chunks = [sent(folder, chance.randrange(1, 6)) for _ in range(cuts)]
        whole = sent(folder)
        world = open_node(folder / CENTRE)
        rows = [row for row in world.store.recent(count + 1_000) if row.origin == MEMBER]
        assert len({row.id for row in rows}) == len(rows) == count
        before = world.store.head().size
        world.store.close()
        assert sent(folder)["parcels"] == 0
        world = open_node(folder / CENTRE)
        assert world.store.head().size == before
        assert list(fsck(world)) == []
        world.store.close()
    arrived = count - sum(each["parcels"] for each in chunks) * 1_000
    cpu = whole["receiver"]["cpu_s"]
    print(
        json.dumps(
            {
                "objects": count, "cuts": sum(1 for each in chunks if each.get("cut")), "after_cuts": arrived,
                "objects_per_s": round(arrived / whole["wall_s"]), "wall_s": whole["wall_s"],
                "receiver_us_per_object": round(cpu / arrived * 1e6, 1),
                "sender_us_per_object": round(whole["sender"]["cpu_s"] / arrived * 1e6, 1),
                "ingest_us_per_object": round(ingest["cpu_s"] / count * 1e6, 1),
                "receiver_to_ingest": round(cpu / arrived / (ingest["cpu_s"] / count), 2),
                "bytes_per_object": round(whole["bytes"] / arrived), "packed_bytes_per_object": round(whole["packed"] / arrived),
                "object_bytes": round(ingest["bytes"] / count), "answer_bytes_per_object": round(whole["answers"] / arrived, 1),
                "sender_memory_mb": whole["sender"]["peak_memory_mb"], "receiver_memory_mb": whole["receiver"]["peak_memory_mb"],
            }
        )
    )  # fmt: skip


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

"""Server time of every page of a node that holds many objects: for a person of its own party and for one of a member.

The store is a real one (SQLite). One malware has 10,000 relationships, so that pages about it have much to leave out. Each address is asked
for once cold and then five times; medians are reported, in milliseconds of wall time and of this process's CPU time. `most` is the page
that takes the most CPU time, `cold` the first answer that does.

Correctness: every page answers 200, or 404 for what that person may not open, and holds fewer than 3,000 elements.
"""

from __future__ import annotations

import gc
import json
import re
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from bench.ingest import bundle, objects
from comity import samples
from comity.admin import links, users
from comity.clock import parse
from comity.config import Settings
from comity.doors.site import site
from comity.forms import stix_json
from comity.intake.govern import add_agreement, add_standing
from comity.intake.submit import Submitter, submit
from comity.node import create_node
from comity.release.desk import Desk
from comity.terms.party import Standing
from comity.world import World
from tests.doors.web.routes import addresses
from tests.doors.web.sending import Tab

PEOPLE = (("SCO-CENTRE", "administrator"), ("SCO-CENTRE", "auditor"), ("UZ", "analyst"), ("KZ", "agreement-officer"))
#: Addresses with something in their query: words, and beginnings of words that one, many and all objects have.
MORE = (
    *("/search?q=h500.example", "/search?q=h50", "/search?q=h500", "/search?q=exa", "/search?q=second+hos", "/search?q=nothing-like-it"),
    *("/search?q=h9", "/search?q=h12", "/search?q=h123", "/search?q=h99", "/inbox?state=any", "/inbox?state=any&sort=arrived"),
    *("/search?q=exa&until=2001-06-15", "/search?q=hos&type=malware", "/palette.json?q=h50", "/palette.json?q=exa", "/timeline?q=exa"),
    "/inbox?type=malware",
)
#: A list of as many values as one may paste; of ten, eight are carried.
PASTED = "\n".join(f"h{number}.example" for number in range(10_000))
MOST_ELEMENTS = 3_000
_CHUNK = 20_000
_ELEMENT = re.compile(r"<[a-z]")


def filled(folder: Path, count: int) -> tuple[World, str]:
    """A centre that holds `count` objects of KZ's for the sample agreement's members, and the id of the much related malware."""
    world = create_node(folder, Settings(party="SCO-CENTRE", name="bench", body="sco"), "partner")
    for party in ("KZ", "UZ"):
        add_standing(world, Standing(party=party, body="sco", standing="member", since=parse("2001-06-15")), by="bench")
    add_agreement(world, samples.read("sco-ict-sample.toml").decode(), "sample", by="bench")
    made, hub = objects(count - 10_000), ""
    pieces: list[bytes] = []
    targets: list[str] = []

    def take() -> None:
        for outcome in submit(world, stix_json.read(b"".join(bundle(iter(pieces)))), Submitter(party="KZ", tlp="green")):
            assert outcome.outcome == "accepted", outcome
        pieces.clear()

    for piece in made:
        obj = msgspec.json.decode(piece)
        hub = hub or (obj["id"] if obj["type"] == "malware" else "")
        if obj["type"] == "indicator" and len(targets) < 10_000:
            targets.append(obj["id"])
        pieces.append(piece)
        if len(pieces) == _CHUNK:
            take()
    pieces += [_relationship(target, hub) for target in targets]
    take()
    return world, hub


def _relationship(source: str, target: str) -> bytes:
    moment = "2021-10-01T00:00:00.000Z"
    said: dict[str, Any] = {"type": "relationship", "spec_version": "2.1", "id": f"relationship--{uuid.uuid4()}", "created": moment}
    said |= {"modified": moment, "relationship_type": "indicates", "source_ref": source, "target_ref": target}
    return json.dumps(said).encode()


class Timed(msgspec.Struct, frozen=True, kw_only=True):
    """How long one page took for one person, in milliseconds."""

    who: str
    path: str
    cpu_ms: float
    wall_ms: float
    cold_cpu_ms: float


def timed(world: World, desk: Desk, hub: str, party: str, role: str) -> Iterator[Timed]:
    """Every page as one person meets it."""
    name = f"{party}.{role}".lower()
    users.add(world, name, party, role)
    client = Tab(site(desk), base_url="http://localhost", follow_redirects=False)
    client.post(f"/enter/{links.create(world, name)}")
    pasted = client.post("/search/values", data={"values": PASTED}).headers["location"]
    for path in (*addresses([hub], twins=False), *MORE, pasted):
        took = []
        for _ in range(6):
            began, used = time.perf_counter(), time.process_time()
            answer = client.get(path)
            took.append((1000 * (time.process_time() - used), 1000 * (time.perf_counter() - began)))
        assert answer.status_code in (200, 404), (path, answer.status_code)
        assert len(_ELEMENT.findall(answer.text)) < MOST_ELEMENTS, path
        if answer.status_code == 200:
            cpu, wall = (round(statistics.median(times), 1) for times in zip(*took[1:], strict=True))
            yield Timed(
                who=f"{party} {role}",
                path=path.replace(hub, "{hub}").replace(pasted, "/search/values/{pasted}"),
                cpu_ms=cpu,
                wall_ms=wall,
                cold_cpu_ms=round(took[0][0], 1),
            )


def main(count: int = 1_000_000) -> None:
    """Run and print one JSON line for each page and one for all."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        world, hub = filled(Path(folder) / "node", count)
        took = time.perf_counter() - began
        desk = Desk(world)
        gc.freeze()  # as `comity up` does
        gc.set_threshold(20_000, 20, 20)
        found = [each for party, role in PEOPLE for each in timed(world, desk, hub, party, role)]
        world.store.close()
    for each in sorted(found, key=lambda one: -one.cpu_ms):
        print(msgspec.json.encode(each).decode())
    most, cold = max(found, key=lambda one: one.cpu_ms), max(found, key=lambda one: one.cold_cpu_ms)
    told = {"objects": count, "fill_s": round(took), "pages": len(found), "most": most, "cold": cold}
    print(msgspec.json.encode(told).decode())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

"""Ingest end to end (parse, check, decide what it stands under, store, log, durable commit) beside `stix2.parse`, which only parses.

Correctness: every object is accepted once, and `fsck` finds nothing.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
import uuid
from pathlib import Path

from comity.admin.fsck import fsck
from comity.config import Settings
from comity.forms import stix_json
from comity.intake.submit import Submitter, submit
from comity.node import create_node


def bundle(count: int) -> bytes:
    """A STIX 2.1 bundle of `count` indicators."""
    moment = "2021-10-01T00:00:00.000Z"
    objects = [
        {
            "type": "indicator", "spec_version": "2.1", "id": f"indicator--{uuid.uuid4()}", "created": moment, "modified": moment,
            "name": f"host {number}", "indicator_types": ["malicious-activity"], "pattern": f"[domain-name:value = 'h{number}.example']",
            "pattern_type": "stix", "valid_from": moment,
        }
        for number in range(count)
    ]  # fmt: skip
    return json.dumps({"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": objects}).encode()


def main(count: int = 10_000) -> None:
    """Run and print one JSON line."""
    import stix2

    raw = bundle(count)
    with tempfile.TemporaryDirectory() as folder:
        world = create_node(Path(folder) / "node", Settings(party="KZ", name="bench", body="sco"), "member")
        began = time.perf_counter()
        outcomes = [outcome.outcome for outcome in submit(world, stix_json.read(raw), Submitter(party="KZ"))]
        ours = time.perf_counter() - began
        assert outcomes == ["accepted"] * count
        assert list(fsck(world)) == []
        world.store.close()
    few = json.loads(raw)["objects"][: max(1, count // 10)]
    began = time.perf_counter()
    for obj in few:
        stix2.parse(obj)
    peer = (time.perf_counter() - began) * count / len(few)
    print(
        json.dumps(
            {
                "bench": "ingest",
                "objects": count,
                "bytes": len(raw),
                "comity_objects_per_s": round(count / ours),
                "stix2_parse_only_objects_per_s": round(count / peer),
                "ratio": round(peer / ours, 2),
                "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000),
                "checked": "every object accepted once; fsck finds nothing",
            }
        )
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))

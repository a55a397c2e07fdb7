"""Objects POSTed in pages to `comity up` in a process of its own: how many a second, and whether its memory stays flat.

Correctness: every status is 202 and complete, each object a success; the dates of the first pages of the manifest ascend and are unique.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from comity.admin.tokens import create
from comity.config import Settings
from comity.node import create_node

MEDIA = "application/taxii+json;version=2.1"
OBJECTS = "/taxii2/sco/collections/exchange/objects/"
MANIFEST = "/taxii2/sco/collections/exchange/manifest/"
MARKS = (100_000, 200_000, 500_000, 1_000_000)


def page(first: int, count: int) -> bytes:
    """An envelope of `count` indicators, all of one time stamp."""
    moment = "2021-10-01T00:00:00.000Z"
    objects = [
        {
            "type": "indicator", "spec_version": "2.1", "id": f"indicator--{uuid.uuid4()}", "created": moment, "modified": moment,
            "name": f"host {number}", "indicator_types": ["malicious-activity"], "pattern": f"[domain-name:value = 'h{number}.example']",
            "pattern_type": "stix", "valid_from": moment,
        }
        for number in range(first, first + count)
    ]  # fmt: skip
    return json.dumps({"objects": objects}).encode()


def asked(connection: http.client.HTTPConnection, text: str, method: str, path: str, body: bytes | None = None) -> Any:
    """The answer's JSON. Fails for another status than 200 or 202."""
    authorization = "Basic " + base64.b64encode(f"KZ:{text}".encode()).decode()
    connection.request(method, path, body, {"Accept": MEDIA, "Content-Type": MEDIA, "Authorization": authorization})
    response = connection.getresponse()
    raw = response.read()
    assert response.status == (202 if method == "POST" else 200), (response.status, raw[:300])
    return json.loads(raw)


def memory(process: subprocess.Popen[bytes], field: str) -> int:
    """A figure of the process's memory in MB: VmRSS is what it has now, VmHWM the most it ever had."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1_000 for line in lines if line.startswith(field + ":"))


def posting(connection: http.client.HTTPConnection, text: str, process: subprocess.Popen[bytes], count: int, size: int) -> dict[str, Any]:
    """Post and watch; what was seen. The time is that of the requests alone."""
    spent, resident = 0.0, {}
    for first in range(0, count, size):
        body = page(first, min(size, count - first))
        began = time.perf_counter()
        status = asked(connection, text, "POST", OBJECTS, body)
        spent += time.perf_counter() - began
        sent = min(size, count - first)
        assert (status["status"], status["total_count"], status["success_count"], status["failure_count"]) == ("complete", sent, sent, 0)
        if (done := first + sent) in MARKS:
            resident[f"{done}"] = memory(process, "VmRSS")
    return {"objects_per_s": round(count / spent), "resident_mb_at": resident, "peak_memory_mb": memory(process, "VmHWM")}


def checked(connection: http.client.HTTPConnection, text: str, pages: int) -> int:
    """Follow the manifest for some pages; how many records were seen, each with a date later than the one before."""
    last, seen, query = "", 0, ""
    for _ in range(pages):
        found = asked(connection, text, "GET", MANIFEST + query)
        for record in found.get("objects", []):
            assert last < record["date_added"]
            last, seen = record["date_added"], seen + 1
        if not found.get("more"):
            break
        query = f"?next={found['next']}"
    return seen


def main(count: int = 100_000, size: int = 2_000) -> None:
    """Run and print one JSON line."""
    with tempfile.TemporaryDirectory() as folder:
        world = create_node(Path(folder) / "node", Settings(party="KZ", name="bench", body="sco"), "member")
        _, text = create(world, party="KZ", scopes=("taxii:read", "taxii:write"), expires=datetime.now(UTC) + timedelta(days=2))
        world.store.close()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "comity", "up", "--port", str(port), "--node", str(Path(folder) / "node")]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ))
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
            while True:
                try:
                    connection.connect()
                    break
                except OSError:
                    assert process.poll() is None, "the server ended"
                    time.sleep(0.05)
            at_rest = memory(process, "VmRSS")
            found = posting(connection, text, process, count, size)
            seen = checked(connection, text, 20)
            connection.close()
        finally:
            process.terminate()
            process.wait(timeout=30)
    line = {"bench": "post", "objects": count, "per_post": size, **found, "resident_mb_at_rest": at_rest}
    print(json.dumps({**line, "checked": f"every status complete with all its objects; {seen} dates ascend"}))


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))

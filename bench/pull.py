"""Our TAXII client pulling from our own server, in processes of their own: pages alone, and pages taken into a node of its own.

Correctness: every object arrives once; a second exchange takes nothing in; `fsck` of the taking node finds nothing.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from datetime import timedelta
from pathlib import Path

from bench.ingest import bundle, chunked, objects
from comity import samples
from comity.admin.fsck import fsck
from comity.admin.tokens import create
from comity.clock import now, parse
from comity.config import Settings
from comity.forms import stix_json
from comity.intake.govern import add_agreement, add_standing
from comity.intake.submit import Submitter, submit
from comity.node import create_node
from comity.peer import book, link
from comity.peer.taxii_client import TaxiiClient
from comity.release.desk import Desk
from comity.terms.party import Standing


def centre(folder: Path, count: int) -> str:
    """A centre that holds `count` objects of KZ, as the demo's agreement lets UZ have them; UZ's token."""
    world = create_node(folder, Settings(party="SCO-CENTRE", name="bench", body="sco"), "partner")
    for party in ("KZ", "UZ"):
        add_standing(world, Standing(party=party, body="sco", standing="member", since=parse("2001-06-15")), by="bench")
    add_agreement(world, samples.read("sco-ict-sample.toml").decode(), "sample", by="bench")
    raw = stix_json.read(chunked(bundle(objects(count))))
    assert all(o.outcome == "accepted" for o in submit(world, raw, Submitter(party="KZ", tlp="green")))
    _, token = create(world, party="UZ", scopes=("taxii:read",), expires=now() + timedelta(days=1))
    world.store.close()
    return token


def pull(url: str, token: str, folder: str, count: int) -> None:
    """One of the two ways, measured in this process, as a JSON line: pages alone without a folder, else into a node there."""
    world = create_node(Path(folder), Settings(party="UZ", name="bench", body="sco"), "member") if folder else None
    client = TaxiiClient("UZ", token)
    began, used = time.perf_counter(), time.process_time()
    if world is None:
        shared = next(each for each in client.collections(url) if each.alias == "shared")
        assert sum(page.count for page in client.pages(shared, None, 1_000)) == count
    else:
        book.add_peer(world, book.Peer(name="c", party="SCO-CENTRE", url=url, user="UZ", token=token))
        assert link.sync(Desk(world), "c").pulled == {"accepted": count}
    took, cpu = time.perf_counter() - began, time.process_time() - used
    if world is not None:
        assert link.sync(Desk(world), "c").pulled == {}
        assert list(fsck(world)) == []
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
    print(json.dumps({"objects_per_s": round(count / took), "cpu_s": round(cpu, 2), "wall_s": round(took, 2), "peak_memory_mb": memory}))


def main(count: int = 100_000) -> None:
    """Run and print one JSON line."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        token = centre(Path(folder) / "centre", count)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "comity", "up", "--port", str(port), "--node", str(Path(folder) / "centre")]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as server:
            try:
                while True:
                    try:
                        urllib.request.urlopen(url + "/readyz", timeout=1).read()
                        break
                    except urllib.error.URLError:
                        time.sleep(0.05)
                found = {}
                for name, into in (("pages_alone", ""), ("taken_in", str(Path(folder) / "uz"))):
                    before = _cpu(server.pid)
                    child = [sys.executable, "-m", "bench.pull", url + "/taxii2/", into, str(count)]
                    done = subprocess.run(child, capture_output=True, check=True, text=True, env={**os.environ, "COMITY_PEER_TOKEN": token})
                    found[name] = {**json.loads(done.stdout), "server_cpu_s": round(_cpu(server.pid) - before, 2)}
            finally:
                server.terminate()
    checked = "every object arrives once; a second exchange takes nothing; fsck finds nothing"
    print(json.dumps({"bench": "pull", "objects": count, "page": 1_000, **found, "cores": os.cpu_count(), "checked": checked}))


def _cpu(pid: int) -> float:
    """Seconds of processor time that a process has used (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        pull(sys.argv[1], os.environ["COMITY_PEER_TOKEN"], sys.argv[2], int(sys.argv[3]))
    else:
        main(*(int(argument) for argument in sys.argv[1:]))

"""A real node in a process of its own, met by the field's own client, by a second node, and by kill -9."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from comity import samples
from tests.consortium import indicator

HERE = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.loop


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HERE), **more}


@contextmanager
def serving(node: Path):
    """`comity up` for a node; gives its base URL and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "comity", "up", "--port", str(port), "--node", str(node)]
    process = subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        began = time.monotonic()
        while True:
            try:
                urllib.request.urlopen(url + "/readyz", timeout=1).read()
                break
            except OSError:
                assert process.poll() is None, process.stderr.read()
                assert time.monotonic() - began < 20
                time.sleep(0.02)
        yield url, process, time.monotonic() - began
    finally:
        process.terminate()
        process.wait(timeout=15)


@pytest.fixture
def centre(comity, tmp_path):
    """A centre that holds KZ's sample bundle under the sample agreement."""
    comity("init", "--party", "SCO-CENTRE", "--standing", "partner", node="centre")
    (tmp_path / "a.toml").write_bytes(samples.read("sco-ict-sample.toml"))
    comity("agreement", "add", "a.toml", node="centre")
    for party, standing in (("KZ", "member"), ("UZ", "member"), ("IN", "member"), ("IR", "observer")):
        comity("party", "add", "--party", party, "--body", "sco", "--standing", standing, "--from", "2001-06-15", node="centre")
    (tmp_path / "kz.json").write_bytes(samples.read("kz-threat-report.stix.json"))
    comity("add", "kz.json", "--as", "KZ", node="centre")
    return tmp_path / "centre"


def token(comity, party: str, scope: str = "taxii:read") -> str:
    done = comity("token", "create", "--party", party, "--scope", scope, "-o", "json", node="centre")
    return json.loads(done.stdout)["token"]


def test_taxii2_client_pulls_everything_it_may_see_page_by_page_once(comity, centre):
    taxii2client = pytest.importorskip("taxii2client.v21")
    secrets = {party: token(comity, party, "taxii:read,taxii:write") for party in ("KZ", "UZ", "IR")}
    with serving(centre) as (url, _, _):
        found: dict[str, list[str]] = {}
        for party, secret in secrets.items():
            server = taxii2client.Server(url + "/taxii2/", user=party, password=secret)
            root = server.default
            shared = next(c for c in root.collections if c.alias == "exchange")
            ids = []
            for page in taxii2client.as_pages(shared.get_objects, per_request=13):
                ids += [o["id"] for o in page.get("objects", [])]
            found[party] = ids
            assert len(ids) == len(set(ids))
            manifest = [r["id"] for page in taxii2client.as_pages(shared.get_manifest, per_request=13) for r in page.get("objects", [])]
            assert manifest == ids
        posted = indicator()
        status = next(c for c in root.collections if c.can_write).add_objects({"objects": [posted]})
        assert status.status == "complete"
        assert status.success_count == 1
    assert len(found["KZ"]) == 128
    assert set(found["IR"]) < set(found["UZ"]) < set(found["KZ"])
    for party in ("UZ", "IR"):
        for id_ in found["KZ"]:
            said = json.loads(comity("why", id_, party, "-o", "json", node="centre").stdout) if id_[-1] == "0" else None
            assert said is None or (said["effect"] == "permit") == (id_ in found[party])


def test_a_second_node_pulls_the_same_set_and_a_repeat_changes_nothing(comity, centre, tmp_path):
    secret = token(comity, "UZ")
    comity("init", "--party", "UZ", node="uz")
    (tmp_path / "secret").write_text(secret)
    with serving(centre) as (url, _, _):
        comity("peer", "add", "centre", "--taxii", url + "/taxii2/", "--party", "SCO-CENTRE", "--token-file", "secret", node="uz")
        first = json.loads(comity("sync", node="uz").stdout)
        again = json.loads(comity("sync", node="uz").stdout)
    assert set(first["pulled"]) == {"accepted"}
    assert again["pulled"] == {}
    head = json.loads(comity("log", "list", "--last", "1", node="uz").stdout)
    assert head["kind"] in ("accept", "access", "peer")
    comity("fsck", node="uz")
    (tmp_path / "dns.log").write_bytes(samples.read("uz-dns.log"))
    hits = [json.loads(line) for line in comity("match", "dns.log", "--submit", node="uz").stdout.splitlines()]
    assert len({hit["line"] for hit in hits}) == 37


def test_a_node_starts_quickly_and_idles_small(centre):
    with serving(centre) as (_, process, seconds):
        size = next(
            int(line.split()[1]) for line in Path(f"/proc/{process.pid}/status").read_text().splitlines() if line.startswith("VmRSS")
        )
    assert size < 150_000
    assert seconds < 15  # the figure itself is stated by bench/start, not asserted here


def test_kill_9_during_add_loses_nothing_that_was_acknowledged(comity, tmp_path):
    """Ten times: add 4,000 objects, kill -9 somewhere on the way; every acknowledged object is there once, and fsck is clean."""
    comity("init", "--party", "KZ", node="kz")
    acknowledged: dict[str, int] = {}
    for turn in range(10):
        bundle = {"type": "bundle", "id": "bundle--11111111-1111-4111-8111-111111111111"}
        objects = [indicator(name=f"turn {turn}") for _ in range(4_000)]
        (tmp_path / "many.json").write_text(json.dumps({**bundle, "objects": objects}))
        command = [sys.executable, "-m", "comity", "add", "many.json", "-o", "ndjson"]
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment(COMITY_NODE=str(tmp_path / "kz")), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert process.stdout is not None
        enough = 200 + 360 * turn
        for _, line in zip(range(enough), process.stdout, strict=False):
            outcome = json.loads(line)
            assert outcome["outcome"] == "accepted"
            acknowledged[outcome["id"]] = turn
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().splitlines()
        process.wait()
        for line in rest[:-1] if rest and not rest[-1].endswith(b"}") else rest:
            acknowledged[json.loads(line)["id"]] = turn
        comity("fsck", node="kz")
    from comity.store import open_store

    store = open_store(f"sqlite:{tmp_path / 'kz' / 'comity.db'}")
    rows = store.by_id(list(acknowledged))
    assert sorted(row.id for row in rows) == sorted(acknowledged)
    store.close()


def test_a_sign_in_link_is_for_a_terminal_alone(centre):
    """Not for a service manager's journal, which many may read."""
    with serving(centre) as (_, process, _):
        pass
    said = process.stderr.read()
    assert b"/enrol/" not in said
    assert b"comity user link --url http://127.0.0.1:" in said


def test_a_sign_in_link_on_a_terminal(centre):
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "comity", "up", "--port", str(port), "--node", str(centre)]
    process = subprocess.Popen(command, env=environment(), stderr=theirs, stdout=subprocess.DEVNULL)
    os.close(theirs)
    said = b""
    try:
        while b"/enrol/" not in said and process.poll() is None:
            said += os.read(ours, 4096)
        assert f"http://127.0.0.1:{port}/enrol/".encode() in said
    finally:
        process.terminate()
        process.wait(timeout=15)
        os.close(ours)

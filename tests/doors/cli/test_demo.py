"""`comity demo`: the loop, and nothing left running."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.loop


def test_once_runs_the_whole_loop(comity, tmp_path):
    found = json.loads(comity("demo", "--once", "--dir", "kept").stdout)
    assert found["parties"] == ["SCO-CENTRE", "KZ", "UZ", "IN", "IR"]
    assert found["verified"] is True
    assert found["disclosures"]["UZ"] > found["disclosures"]["IR"] > 0
    assert found["refusals"] > 0
    assert found["refusal"]["effect"] == "deny"
    assert found["log_lines"] == 5500
    assert found["hits"] > 0
    assert found["sightings_returned"] > 0
    assert found["peak_memory_mb"] < 1000
    # The kept nodes say the same as the story did.
    refused = found["refused_id"]
    assert json.loads(comity("why", refused, "IR", node="kept/centre").stdout)["effect"] == "deny"
    for name in ("centre", "kz", "uz", "in"):
        comity("fsck", node=f"kept/{name}")
    assert b"not empty" in comity("demo", "--once", "--dir", "kept", code=6).stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_it_nothing_is_left_running(tmp_path, how):
    environment, began = {**os.environ, "PYTHONPATH": str(HERE), "TMPDIR": str(tmp_path)}, time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "comity", "demo"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what was started in the background ignores it
    )  # fmt: skip
    assert process.stdout is not None
    links = [process.stdout.readline() for _ in range(16)]
    assert all(b"/enter/" in link for link in links)
    assert time.monotonic() - began < 60, "it is ready within a minute"
    running = nodes_in(tmp_path)
    assert len(running) == 4
    process.send_signal(how)
    process.wait(timeout=20)
    until = time.monotonic() + 15
    while nodes_in(tmp_path) and time.monotonic() < until:
        time.sleep(0.1)
    assert not nodes_in(tmp_path)
    if how != signal.SIGKILL:
        assert process.returncode == 130
        assert not list(tmp_path.glob("comity-demo-*"))


def nodes_in(folder: Path) -> list[str]:
    """The command lines of running nodes below a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if " up " in line and str(folder) in line:
            found.append(line)
    return found


def test_a_folder_that_cannot_be_used_is_said(comity, tmp_path):
    (tmp_path / "file").write_text("")
    for folder in ("file", "file/below"):
        said = comity("demo", "--once", "--dir", folder, code=1).stderr
        assert said.startswith(b"comity: cannot use file")
        assert b"--dir" in said

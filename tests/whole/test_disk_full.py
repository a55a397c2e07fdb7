"""No room on the disk in the midst of an addition: it is said, what was acknowledged is there, and with room again the rest follows."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.consortium import indicator

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.loop


def run(folder: Path, *command: str, room: int | None = None) -> subprocess.CompletedProcess[str]:
    """A command in a folder; `room`: no file can grow beyond so many bytes (RLIMIT_FSIZE, of which a disk makes ENOSPC)."""
    limit = None if room is None else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    environment = {**os.environ, "COMITY_NODE": str(folder / "node"), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "comity", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )


@pytest.mark.parametrize("more", [60_000, 2_500_000])
def test_what_was_acknowledged_is_there_and_the_rest_follows(tmp_path: Path, more: int) -> None:
    assert run(tmp_path, "init", "--party", "KZ").returncode == 0
    objects = [indicator(description="x" * 900) for _ in range(3_000)]
    (tmp_path / "many.json").write_text(
        json.dumps({"type": "bundle", "id": "bundle--11111111-1111-4111-8111-111111111111", "objects": objects})
    )
    full = run(tmp_path, "add", "many.json", "-o", "ndjson", room=(tmp_path / "node" / "comity.db").stat().st_size + more)
    assert full.returncode and "Traceback" not in full.stderr and "check the disk" in full.stderr
    told = {said["id"] for said in map(json.loads, full.stdout.splitlines()) if said["outcome"] == "accepted"}
    assert len(told) < len(objects)
    checked = run(tmp_path, "fsck")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    again = [json.loads(line)["outcome"] for line in run(tmp_path, "add", "many.json", "-o", "ndjson").stdout.splitlines()]
    assert set(again) <= {"accepted", "duplicate"} and len(again) == len(objects)
    assert again.count("duplicate") >= len(told)
    assert run(tmp_path, "fsck").returncode == 0

"""Nodes in processes of their own, on loopback, with a door for other nodes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(node: Path, peering: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    """`comity up` for a node, which other nodes call at the port `peering` (0: nobody does); its process, once it answers."""
    port = free_port()
    command = [sys.executable, "-m", "comity", "up", "--port", str(port), "--node", str(node), "--with-stdin"]
    command += ["--peering-port", str(peering)] if peering else []
    said = (node.parent / f"{node.name}.said").open("ab")
    process = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": str(HERE)}, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
    )
    try:
        until(lambda: answers(port) or process.poll() is not None, 30)
        assert process.poll() is None, (node.parent / f"{node.name}.said").read_text()
        yield process
    finally:
        process.terminate()
        process.wait(timeout=20)
        said.close()


def answers(port: int) -> bool:
    try:
        return bool(urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1).read())
    except OSError:
        return False


def until(true: Callable[[], object], seconds: float) -> float:
    """Wait until something is true; how long it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it did not come true"
        time.sleep(0.05)
    return time.monotonic() - began

"""A running node pulls its feeds by itself, while it serves."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from tests.peer.web import http, serving

pytestmark = pytest.mark.loop
ROOT = Path(__file__).resolve().parent.parent.parent


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def test_a_running_node_pulls_what_is_due_and_serves_meanwhile(comity, tmp_path):
    comity("init", "--party", "KZ")
    port, served = free_port(), threading.Event()

    def slow(asked):
        yield http(b"login.example.net\n")[:-5]
        served.wait(60)
        yield b".net\n"

    with serving(slow) as web:
        comity("feed", "add", "f", f"{web.url}/l", "--kind", "text", "--allow-private", "--every", "1h")
        environment = {**os.environ, "COMITY_NODE": str(tmp_path / "node"), "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(
            [sys.executable, "-m", "comity", "up", "--port", str(port)], stderr=subprocess.DEVNULL, env=environment
        ) as node:
            try:
                end = time.monotonic() + 60
                while json.loads(comity("feed", "list").stdout)["result"] != "taken in":
                    assert time.monotonic() < end, "it was never pulled"
                    if web.asked and not served.is_set():
                        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
                            assert answer.status == 200
                        served.set()
                assert served.is_set()
            finally:
                node.terminate()
                node.wait(20)
    assert b'"from":"KZ"' in comity("search", "login.example.net").stdout

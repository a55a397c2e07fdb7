"""`comity sync` killed with kill -9 at any moment of a pull; a later one loses nothing and takes nothing in twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest

from comity.admin.fsck import fsck
from comity.node import open_node
from comity.release.desk import Desk
from comity.release.holdings import every, own_reader
from tests.consortium import indicator
from tests.peer.nodes import T
from tests.peer.stub import Server

pytestmark = pytest.mark.loop
HERE = Path(__file__).resolve().parents[2]


@contextmanager
def listening(answer: Callable[[httpx2.Request], httpx2.Response]) -> Iterator[str]:
    """A stub on a real port; its origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = answer(httpx2.Request("GET", f"http://127.0.0.1{self.path}"))
            self.send_response(given.status_code)
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(given.content)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("names_next", [True, False])
def test_c9_killed_at_any_moment_it_goes_on_and_ends_with_every_object_once(comity, tmp_path: Path, names_next: bool) -> None:
    server = Server(page=40)
    objects = [indicator(name=f"number {n}") for n in range(400)]
    for n, obj in enumerate(objects):
        server.add(T[n // 25], obj)  # 25 of each moment, 40 on a page
    process: subprocess.Popen[bytes] | None = None
    chance = random.Random(7)

    def deadly(request: httpx2.Request) -> httpx2.Response:
        given = server(request)
        if process is not None and request.url.path.endswith("/objects/"):
            if not names_next:
                body = json.loads(given.content)
                body.pop("next", None)
                given = httpx2.Response(200, headers={k: v for k, v in given.headers.items() if k != "content-length"}, json=body)
            if chance.random() < 0.35:
                threading.Timer(chance.uniform(0, 0.12), process.kill).start()
        return given

    with listening(deadly) as origin:
        comity("init", "--party", "UZ")
        comity("peer", "add", "x", "--taxii", f"{origin}/api/", "--party", "KZ", "--anonymous")
        environment = {**os.environ, "COMITY_NODE": str(tmp_path / "node"), "PYTHONPATH": str(HERE)}
        ends = []
        for _ in range(40):
            process = subprocess.Popen(
                [sys.executable, "-m", "comity", "sync"], env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
            _, said = process.communicate(timeout=60)
            ends.append(process.returncode)
            assert process.returncode in (0, -signal.SIGKILL), said.decode()
            if process.returncode == 0:
                break
        process = None
    assert ends[-1] == 0
    assert ends.count(-signal.SIGKILL) >= 1
    world = open_node(tmp_path / "node")
    desk = Desk(world)
    held = [row.id for _, row, _ in every(desk, own_reader(desk))]
    assert sorted(held) == sorted(obj["id"] for obj in objects)
    assert list(fsck(world)) == []
    world.store.close()

"""A body's node served on loopback, and a browser that is signed in to it."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from comity.doors.http import server
from comity.doors.site import site
from tests.consortium import Body
from tests.doors.web.visitor import link

#: What a browser needs to run here without a sandbox, a display or anybody else.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@contextmanager
def served(body: Body) -> Iterator[str]:
    """The address of the node, served in a thread as long as this lasts."""
    node = Node(body)
    node.start()
    try:
        yield node.url
    finally:
        node.stop()


class Node:
    """A body's node that starts and stops as told, always at the same address."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.url = ""
        self.running = False
        self._port = 0

    def start(self) -> None:
        """Serve in a thread until `stop`."""
        self._server = server(site(self.body.desk), "127.0.0.1", self._port)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        until = time.monotonic() + 10
        while not self._server.started:
            assert time.monotonic() < until, "the node did not start"
            time.sleep(0.01)
        self._port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url, self.running = f"http://127.0.0.1:{self._port}", True

    def stop(self) -> float:
        """Stop; how many seconds that took."""
        began = time.monotonic()
        self._server.should_exit = True
        self._thread.join(timeout=15)
        assert not self._thread.is_alive()
        self.running = False
        return time.monotonic() - began


@contextmanager
def chromium() -> Iterator[Any]:
    """Chromium without a window. Raises LookupError where there is none, or no Playwright."""
    path = shutil.which("chromium")
    if path is None:
        raise LookupError("no Chromium: apt-get install chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise LookupError("install the test extra: pip install '.[test]'") from None
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def sign_in(page: Any, url: str, body: Body, name: str = "own.analyst", role: str = "analyst", party: str | None = None) -> None:
    """Sign a person in by a one-time link."""
    page.goto(url + link(body, name, role, party))
    page.locator("form[method=post] button").first.click()

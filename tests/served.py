"""A body's node served on loopback, and a browser that is signed in to it."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from comity.doors.site import site
from tests.consortium import Body
from tests.doors.web.visitor import link

#: What a browser needs to run here without a sandbox, a display or anybody else.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@contextmanager
def served(body: Body) -> Iterator[str]:
    """The address of the node, served in a thread as long as this lasts."""
    server = uvicorn.Server(uvicorn.Config(site(body.desk), host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


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

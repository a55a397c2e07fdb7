"""One browser and one furnished node for all tests of pages in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from tests.consortium import Body
from tests.furnished import furnished
from tests.served import chromium, served, sign_in


class Served(msgspec.Struct, frozen=True):
    """The node: its body, to look behind the pages, and its address."""

    body: Body
    url: str


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, once for all."""
    try:
        with chromium() as opened:
            yield opened
    except LookupError as lacking:
        pytest.skip(str(lacking))


@pytest.fixture(scope="session")
def node() -> Iterator[Served]:
    """The furnished body's node. Tests that change what others look at make their own."""
    body = furnished()
    with served(body) as url:
        yield Served(body, url)


class Tab:
    """A page of a person who is signed in, that notes what must not happen: errors in the console, requests to others."""

    def __init__(self, context: Any, node: Served, name: str, role: str, party: str | None) -> None:
        self.node = node
        self.page = context.new_page()
        self.problems: list[str] = []
        self.page.on("console", lambda message: self.problems.append(message.text) if message.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", self._asked)
        sign_in(self.page, node.url, node.body, name, role, party)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.node.url, "data:", "blob:")):
            self.problems.append(f"asks {request.url}")

    def open(self, path: str) -> Any:
        """Go to a path; the page, when it has been read."""
        answer = self.page.goto(self.node.url + path)
        assert answer is not None and answer.status == 200, (path, answer and answer.status)
        return self.page


@pytest.fixture
def tab(browser, node) -> Iterator[Callable[..., Tab]]:
    """Opens a tab: `tab(lang="ru", theme="dark", width=1280, role="analyst", party=None, **context)`."""
    opened: list[Any] = []

    def new(
        lang: str = "en",
        theme: str = "light",
        width: int = 1280,
        role: str = "analyst",
        party: str | None = None,
        at: Served | None = None,
        **options: Any,
    ) -> Tab:
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme, locale=lang, **options)
        opened.append(context)
        return Tab(context, at or node, f"{(party or 'own').lower()}.{role}", role, party)

    yield new
    for context in opened:
        context.close()

"""A browser for tests of pages in it, one furnished node for those that only look, and nodes of their own for the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from comity.doors.web import built
from tests.consortium import Body
from tests.doors.web.browser.pages import Who, every
from tests.furnished import furnished
from tests.served import Node, chromium, served, sign_in


class Served(msgspec.Struct, frozen=True):
    """The node: its body, to look behind the pages, and its address."""

    body: Body
    url: str


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, for one module: as long as Playwright runs, its loop runs in this thread, and no test can have one of its own."""
    if not built.FILES:
        pytest.skip("the scripts of the pages are not built: python hatch_build.py")
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
        self.problems: list[str] = []
        self.page = context.new_page()
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


@pytest.fixture(scope="session")
def pages(node) -> dict[Who, list[str]]:
    """Who -> paths of every page."""
    return every(node.body, node.url)


@contextmanager
def tabs(browser: Any, node: Served) -> Iterator[Callable[..., Tab]]:
    """Opens tabs: `tab(lang="ru", theme="dark", width=1280, who=("analyst", None), **context)`."""
    opened: list[Any] = []

    def new(
        lang: str = "en",
        theme: str = "light",
        width: int = 1280,
        who: tuple[str, str | None] = ("analyst", None),
        at: Served | None = None,
        **options: Any,
    ) -> Tab:
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme, locale=lang, **options)
        opened.append(context)
        role, party = who
        return Tab(context, at or node, f"{(party or 'own').lower()}.{role}", role, party)

    yield new
    for context in opened:
        context.close()


@pytest.fixture
def tab(browser, node) -> Iterator[Callable[..., Tab]]:
    """`tabs` of one test."""
    with tabs(browser, node) as new:
        yield new


class Own(Node):
    """A node of one test's own, and pages of people who are signed in to it."""

    def __init__(self, body: Body, browser: Any) -> None:
        super().__init__(body)
        self._browser = browser
        self.opened: list[Any] = []

    def visit(self, path: str = "/", *, name: str = "analyst", role: str = "analyst", party: str | None = None, **options: Any) -> Any:
        """A person's page at `path`, in a context of its own. `page.problems` gathers what must not happen."""
        self.opened.append(self._browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "en", **options}))
        page = self.tab(self.opened[-1])
        sign_in(page, self.url, self.body, name, role, party)
        page.wait_for_url(f"{self.url}/")
        if path != "/":
            page.goto(self.url + path)
        return page

    def tab(self, context: Any) -> Any:
        """One page more in a context."""
        page = context.new_page()
        page.problems = []
        page.on("console", lambda told: page.problems.append(told.text) if told.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith((self.url, "data:")) else page.problems.append(f"asks {asked.url}"))
        return page


@pytest.fixture
def serve(browser) -> Iterator[Callable[[Body], Own]]:
    """`serve(body)` gives a running node; whatever is open is closed afterwards."""
    running: list[Own] = []

    def begin(body: Body) -> Own:
        node = Own(body, browser)
        node.start()
        running.append(node)
        return node

    yield begin
    for node in running:
        for context in node.opened:
            context.close()
        if node.running:
            node.stop()

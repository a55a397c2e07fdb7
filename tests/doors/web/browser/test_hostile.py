"""What others wrote does nothing in a browser: no script runs, nothing is fetched, nothing leads away (the corpus: tests/doors/web/hostile.py)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doors.web.browser.conftest import Served
from tests.doors.web.browser.pages import who_for
from tests.doors.web.hostile import hostile
from tests.doors.web.routes import paths
from tests.served import served

pytestmark = pytest.mark.loop


@pytest.fixture(scope="module")
def bitten_node() -> Any:
    body, _, ids = hostile()
    with served(body) as url:
        yield Served(body, url), ids


def test_every_page_is_inert(tab, bitten_node):
    from comity.doors.web.screens import PAGES

    node, ids = bitten_node
    by_type = {id_.partition("--")[0]: id_ for id_ in ids}
    tabs = {who: tab(at=node, who=who) for who in dict.fromkeys(who_for(page) for page in PAGES)}
    asked = []
    for opened in tabs.values():
        opened.page.on("request", lambda request: asked.append(request.url))
        opened.page.on("dialog", lambda dialog: (asked.append(f"dialog {dialog.message}"), dialog.dismiss()))
    for page in PAGES:
        opened = tabs[who_for(page)]
        # Every text once on the pages about one object that is most of all made of it, the others once for each type.
        about = [id_ for id_ in ids if id_.startswith("indicator")] if page.path.count("{") == 1 else list(by_type.values())
        for path in paths(page, about):
            opened.page.goto(node.url + path)
            opened.page.mouse.move(300, 300)
            assert opened.page.evaluate("window.bitten") is None, path
            assert not [url for url in asked if "bitten" in url or url.startswith("dialog")], (path, asked[-5:])
            assert opened.page.url == node.url + path or path.startswith("/o/"), path
    for opened in tabs.values():
        assert not [each for each in opened.problems if "404" not in each], opened.problems[:5]


def test_tooltips_and_copies_are_texts(tab, bitten_node):
    node, ids = bitten_node
    opened = tab(at=node)
    for id_ in [each for each in ids if each.startswith("malware")][:12]:
        opened.page.goto(f"{node.url}/o/{id_}")
        for element in opened.page.locator("[title], [data-copy], button").all()[:30]:
            if element.is_visible():
                element.hover()
        assert opened.page.evaluate("window.bitten") is None

"""Reading: addresses that hold, rows that are links, values that are shown safely, pages that are quick. Criteria of docs/ux.md."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from comity.doors.web.screens import PAGES
from tests.consortium import Body
from tests.doors.web.browser.conftest import Served
from tests.doors.web.browser.pages import client, who_for
from tests.served import served

pytestmark = pytest.mark.loop
_ID = re.compile(r"/o/([a-z0-9-]+--[0-9a-f-]{36})")


def test_every_route_opens_from_a_pasted_address(tab, pages):
    """Each in a tab that shows nothing, and remembers nothing but who is signed in."""
    for who, paths in pages.items():
        opened = tab(who=who)
        for path in paths:
            opened.page.evaluate("sessionStorage.clear(), localStorage.clear()")
            opened.page.goto("about:blank")
            assert opened.open(path).locator("h1").count() == 1, path
            assert opened.problems == []


def test_filters_sort_and_columns_survive_reload_back_and_forward(tab):
    page = tab().open("/inbox")
    page.locator("select[name=type]").select_option("indicator")
    page.locator("form.filters button").click()
    page.wait_for_url("**type=indicator**")
    page.locator("th a").first.click()
    page.wait_for_url("**sort=**")
    sorted_ = page.url
    rows = page.locator("tbody tr").all_inner_texts()
    assert rows
    page.reload()
    assert page.locator("select[name=type]").input_value() == "indicator"
    assert page.locator("tbody tr").all_inner_texts() == rows
    page.go_back()
    assert "sort=" not in page.url
    page.go_back()
    assert page.locator("select[name=type]").input_value() == ""
    page.go_forward()
    page.go_forward()
    assert page.url == sorted_
    assert page.locator("tbody tr").all_inner_texts() == rows


def test_what_a_row_names_is_a_link_that_opens_in_a_tab(tab):
    page = tab().open("/inbox")
    with page.context.expect_page() as other:
        page.locator("a.title").first.click(modifiers=["Control"])
    assert "/o/" in other.value.url


def test_each_page_and_its_json_name_the_same_objects(node, pages):
    for who, paths in pages.items():
        person = client(node.body, node.url, who)
        for path in paths:
            main = person.get(path).text.partition("<main")[2]
            shown = set(_ID.findall(main))
            bare, _, asked = path.partition("?")
            data = person.get(f"{'/index' if bare == '/' else bare}.json?{asked}").json()
            told = set(re.findall(r"[a-z0-9-]+--[0-9a-f]{8}-[0-9a-f-]{27}", json.dumps(data)))
            assert shown <= told, (path, shown - told)
            rows = next((page.rows for page in PAGES if page.rows and re.fullmatch(re.sub(r"\{[a-z]+\}", "[^/]+", page.path), path)), "")
            listed = {row["id"] for row in data.get(rows, []) if isinstance(row.get("id"), str) and "--" in row["id"]}
            unseen = listed - set(re.findall(r"[a-z0-9-]+--[0-9a-f]{8}-[0-9a-f-]{27}", main))
            # What a preview only rehearsed is not there; whatever is there is on the page.
            assert [id_ for id_ in unseen if person.get(f"/o/{id_}").status_code != 404] == [], path


@pytest.fixture
def empty() -> Any:
    """A node that holds nothing: no agreement, no party, no item."""
    body = Body(agreement=None)
    with served(body) as url:
        yield Served(body, url)


def test_every_empty_screen_says_why_and_what_next(tab, empty):
    """On a node without anything, each screen of the navigation that has nothing to show says so, with something to do about it."""
    for who in {who_for(page) for page in PAGES if page.nav}:
        opened = tab(who=who, at=empty)
        for each in (page for page in PAGES if page.nav and who_for(page) == who):
            page = opened.open(each.path)
            rows = page.locator("main tbody tr").count()
            said = page.locator("main .empty, main section:has(> .body > .steps), main section:has(pre.shell)")
            # A form says by its title and lead what it is for: there is nothing yet because nothing was asked.
            form = page.locator("main .lead").count() and page.locator("main form:not(.filters, .since) [name]").count()
            assert rows or said.count() or form, each.path
            for at in range(said.count()):
                assert len(said.nth(at).inner_text().split()) >= 4, each.path
                assert said.nth(at).locator("a, button, pre.shell, input, textarea").count(), each.path

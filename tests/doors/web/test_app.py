"""The pages as a browser meets them."""

from __future__ import annotations

import re

import pytest

from comity.admin.sessions import IDLE, SESSION_LASTS
from comity.doors.web.asking import cookie_name
from comity.intake.govern import add_agreement
from tests.consortium import MEMBERS, Body, indicator, report, sdo
from tests.doors.web.visitor import Visitor, body_that_reads, link, named, told

PATHS = ("/", "/.json", "/index.json", "/log", "/log.json", "/log/0", "/log/0.json", "/o/indicator--x", "/o/indicator--x.json")
HOSTILE = "<script>alert(1)</script>\"'><img src=https://evil.example/x onerror=y>{{ 7*7 }}\u202e"


@pytest.fixture
def busy():
    """A centre that reads GREEN, with something of everything."""
    body, kz = body_that_reads()
    named(body, "UZ", "member", "Uzbekistan")
    body.observer("IR")
    seen, hidden = indicator(name="seen one"), indicator(name="hidden one")
    kz.submits(seen, report(seen["id"], name="about it"), tlp="green")
    kz.submits(hidden, tlp="amber")
    visitor = Visitor(body)
    visitor.seen, visitor.hidden = seen["id"], hidden["id"]
    return visitor


# Signing in


@pytest.mark.parametrize("path", PATHS)
def test_without_a_session_there_is_nothing_but_the_way_in(path):
    body, kz = body_that_reads()
    kz.submits(indicator(name="a secret name"), tlp="green")
    visitor = Visitor(body, signed_in=False)
    cookie = {"cookie": f"{cookie_name(body.desk)}=x"}
    for headers in ({}, {"authorization": "Basic S1o6eA=="}, {"authorization": "Bearer cmt_0_0"}, cookie):
        answer = visitor.get(path, **headers)
        assert answer.status_code == 401
        assert "secret" not in answer.text
        assert not re.search(r"\bKZ\b", answer.text)
        if not path.endswith(".json"):
            assert 'action="/sign-in"' in answer.text


def test_a_link_asks_first_and_works_once():
    body = Body()
    visitor = Visitor(body, signed_in=False)
    path = link(body)
    assert 'method="post"' in visitor.see(path)
    assert visitor.get("/").status_code == 401
    answer = visitor.client.post(path, headers={"origin": "http://localhost"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    visitor.see("/")
    again = Visitor(body, signed_in=False)
    assert again.client.post(path).status_code == 403
    assert again.get("/").status_code == 401


def test_under_https_the_cookie_is_secure():
    body = Body()
    visitor = Visitor(body, signed_in=False)
    visitor.client.base_url = "https://localhost"
    answer = visitor.client.post(link(body))
    assert "secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:81"])
def test_another_site_cannot_sign_anybody_in(origin):
    body = Body()
    visitor, path = Visitor(body, signed_in=False), link(body)
    answer = visitor.client.post(path, headers={"origin": origin})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert visitor.client.post(path).status_code == 303


def test_a_session_ends(busy):
    busy.see("/")
    busy.body.clock.at += IDLE
    assert busy.get("/").status_code == 401


def test_a_session_in_use_lasts_so_long_and_no_longer(busy):
    for _ in range(int(SESSION_LASTS / IDLE) * 2 - 1):
        busy.body.clock.at += IDLE / 2
        busy.see("/")
    busy.body.clock.at += IDLE / 2
    assert busy.get("/").status_code == 401


def test_two_nodes_on_one_host_do_not_take_each_others_cookies():
    from comity.config import Settings
    from comity.release.desk import Desk

    one = Body()
    other = Body()
    object.__setattr__(other.world, "settings", Settings(party="KZ", name="KZ-sco", body="sco"))
    assert cookie_name(one.desk) != cookie_name(Desk(other.world))


@pytest.mark.parametrize("path", ["/", "/log", "/.json", "/o/indicator--x"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_but_the_link_takes_anything_in(busy, path, method):
    answer = busy.client.request(method, path)
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]


# What is shown


def test_the_latest_items_with_origin_marking_and_clause(busy):
    page = busy.see("/")
    assert "seen one" in page
    assert "hidden one" not in page
    assert "TLP:GREEN" in page
    assert "bad.example" not in page
    assert "bad[.]example" in busy.see("/inbox?type=indicator")
    assert "clause centre" in page
    assert "Sample wording, not the text of any treaty" in page


def test_no_banner_without_a_sample_agreement():
    assert "Sample wording" not in Visitor(Body()).see("/")


def test_an_empty_node_says_what_to_do():
    page = Visitor(Body(agreement=None)).see("/")
    assert "Nothing has arrived yet" in page
    assert "comity agreement add" in page


def test_older_pages_and_types():
    body, kz = body_that_reads()
    items = [indicator(name=f"name {number}") for number in range(120)]
    kz.submits(*items, sdo("malware", name="one malware"), tlp="green")
    visitor = Visitor(body)
    found, path = [], "/inbox"
    for _ in range(4):
        page = visitor.see(path)
        found += re.findall(r'class="title" href="/o/([^"]+)"', page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        if older is None:
            break
        path = older[1].replace("&amp;", "&")
    assert len(found) == len(set(found)) == 121
    malware = [id_ for id_ in found if id_.startswith("malware")]
    assert re.findall(r'class="title" href="/o/([^"]+)"', visitor.see("/inbox?type=malware")) == malware
    assert "Nothing fits these filters" in visitor.see("/inbox?type=tool")


@pytest.mark.parametrize("ending", ["", ".json"])
def test_hidden_and_absent_are_one_answer_byte_for_byte(busy, ending):
    absent = busy.get(f"/o/indicator--00000000-0000-4000-8000-000000000000{ending}")
    assert absent.status_code == 404
    for path in (f"/o/{busy.hidden}{ending}", f"/o/nonsense{ending}", f"/no/such/page{ending}", f"/log/999999{ending}", f"/log/-1{ending}"):
        assert told(busy.get(path)) == told(absent), path


@pytest.mark.parametrize("path", ["/log/1.5", "/log/-1", "/log/99999999999999999999"])
def test_addresses_that_mean_nothing_are_not_found(busy, path):
    assert busy.get(path).status_code == 404


def test_hidden_items_count_nowhere(busy):
    before = busy.data("/.json")
    assert before["new"] == {"count": 2, "more": False, "about": 0}
    assert {each["id"] for item in before["items"] for each in (item, *item["below"])} >= {busy.seen}
    assert busy.hidden not in str(before)


def test_each_page_and_its_twin_say_the_same(busy):
    data, page = busy.data("/.json"), busy.see("/")
    assert re.findall(r'class="title" href="/o/([^"]+)"', page) == [item["id"] for item in data["items"]]
    assert f'<a href="/inbox">{data["new"]["count"]}</a>' in page
    assert busy.data("/index.json")["items"] == data["items"]
    data, page = busy.data(f"/o/{busy.seen}.json"), busy.see(f"/o/{busy.seen}")
    assert data["id"] in page
    assert re.findall(r'id="field=([^"]+)"', page) == [each["name"] for each in data["properties"]]
    data, page = busy.data(f"/o/{busy.seen}/audience.json"), busy.see(f"/o/{busy.seen}/audience")
    assert re.findall(r'id="party-([^"]+)"', page) == [one["party"] for one in data["audience"]]
    data, page = busy.data("/log.json"), busy.see("/log")
    assert re.findall(r'<a href="/log/(\d+)"', page) == [str(entry["index"]) for entry in data["entries"]]
    assert data["root"] in page
    data, page = busy.data("/log/3.json"), busy.see("/log/3")
    assert data["leaf"] in page
    assert all(step["result"] in page for step in data["steps"])


def test_the_clause_that_decided_can_be_read(busy):
    page = busy.see("/")
    path = re.search(r'href="(/agreements/test@1)#clause-centre"', page)
    assert path is not None
    assert 'id="clause-centre"' in busy.see(path[1])


# What others wrote


def test_hostile_texts_are_text():
    body, kz = body_that_reads()
    item = indicator(name=HOSTILE, description=HOSTILE, labels=[HOSTILE], x_odd={"a": HOSTILE}, pattern="[file:name = '</code><b>']")
    kz.submits(item, report(item["id"], name=HOSTILE), tlp="green")
    named(body, "UZ", "member", HOSTILE)
    visitor = Visitor(body)
    for path in ("/", f"/o/{item['id']}", "/log"):
        page = visitor.see(path)
        for piece in ("<script>", "<img", "</code><b>", "\u202e", 'href="http'):
            assert piece not in page, (path, piece)
        assert "{{ 7*7 }}" in page or path == "/log"


def test_what_a_new_agreement_no_longer_permits_is_gone_at_once(busy):
    add_agreement(busy.body.world, MEMBERS.replace("version = 1", "version = 2"), "v2", by="test")
    assert busy.get(f"/o/{busy.seen}").status_code == 404
    assert "seen one" not in busy.see("/")


# Every answer


@pytest.mark.parametrize("signed_in", [True, False])
def test_strict_headers_and_nothing_from_elsewhere(busy, signed_in):
    visitor = busy if signed_in else Visitor(busy.body, signed_in=False)
    static = re.search(r'href="(/static/[^"]+\.css)"', visitor.get("/").text)
    assert static is not None
    for path in (*PATHS, f"/o/{busy.seen}", "/enter/x", "/no/such", static[1]):
        answer = visitor.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src 'self';" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        if answer.headers["content-type"].startswith("text/html"):
            assert answer.headers["cache-control"] == "no-store"
            assert not re.search(r"""(?:src|href|action)=["']?(?:[a-z]+:|//)""", answer.text)
            assert "http:" not in answer.text
            assert "https:" not in answer.text
            inside = r"<script(?! type=\"module\" src=\"/static/[a-z]+-[0-9A-Z]{8}\.js\"></script>)|<style| style=| on[a-z]+="
            assert not re.search(inside, answer.text)


def test_pages_have_their_landmarks_and_language(busy):
    for path in ("/", f"/o/{busy.seen}", "/log", "/log/1"):
        for lang in ("en", "ru"):
            page = busy.see(f"{path}?lang={lang}")
            assert f'<html lang="{lang}"' in page
            for piece in ("<header", "<main", "<footer", "<nav", 'class="skip"', "<h1"):
                assert piece in page
            assert page.count("<h1") == 1


def test_the_language_is_kept(busy):
    assert "My shift" in busy.see("/")
    assert "Моя смена" in busy.see("/", **{"accept-language": "ru"})
    assert "Моя смена" in busy.see("/?lang=ru")
    assert "Моя смена" in busy.see("/")
    assert "My shift" in busy.see("/?lang=en")


@pytest.mark.parametrize("origin", ["http://[", "http://]", "null", "", "http://[::1", "x"])
def test_an_origin_that_is_no_url_is_another_site(origin):
    body, _ = body_that_reads()
    visitor = Visitor(body, signed_in=False)
    answer = visitor.client.post(link(body), headers={"origin": origin})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "version",
    [
        "0001-01-01T00:00:00%2B23:59",
        "0001-01-01T00:00:00-23:59",
        "9999-12-31T23:59:59-23:59",
        "9999-12-31T23:59:59%2B23:59",
        "%00",
        "%ED%A0%80",
    ],
)
@pytest.mark.parametrize("ending", ["", ".json"])
def test_a_version_that_no_object_has(version, ending):
    body, kz = body_that_reads()
    item = indicator()
    kz.submits(item, tlp="green")
    assert Visitor(body).get(f"/o/{item['id']}{ending}?version={version}").status_code == 404


def test_a_long_text_is_shortened_on_the_page_and_whole_in_the_raw_object():
    body, kz = body_that_reads()
    item = indicator(description="begin " + "x" * 50_000 + " end")
    kz.submits(item, tlp="green")
    page = Visitor(body).see(f"/o/{item['id']}")
    assert "Shortened: the raw object" in page
    assert " end<" not in page
    assert " end&#34;" in Visitor(body).see(f"/o/{item['id']}/raw")


def test_every_page_leads_to_its_twins(busy):
    for path, endings in (("/log?before=3", ("json", "csv", "ndjson")), (f"/o/{busy.seen}", ("json", "csv", "ndjson")), ("/", ("json",))):
        page = busy.see(path)
        for ending in endings:
            found = re.search(rf'<a href="([^"]+)">{ending.upper()}</a>', page)
            assert found is not None, (path, ending)
            assert busy.get(found[1].replace("&amp;", "&")).status_code == 200


def test_every_page_of_the_navigation_has_its_place_in_it():
    from comity.doors.web.screens import NAVIGATION, PAGES

    placed = [name for group in NAVIGATION for name in group]
    assert sorted(placed) == sorted(page.nav for page in PAGES if page.nav)

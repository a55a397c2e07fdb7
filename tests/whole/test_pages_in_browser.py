"""The pages in a real browser: no script errors, no request to anybody else, no sideways scrolling, light and dark, English and Russian."""

from __future__ import annotations

import shutil
import threading
import time

import pytest
import uvicorn

from comity import samples
from comity.doors.site import site
from comity.forms import stix_json
from comity.intake.submit import Submitter, submit
from tests.consortium import Body
from tests.doors.web.visitor import link

pytestmark = pytest.mark.loop


@pytest.fixture(scope="module")
def node():
    """A member's node with the sample bundle, served in a thread."""
    body = Body(agreement=samples.read("sco-ict-sample.toml").decode())
    for code in ("KZ", "UZ"):
        body.member(code)
    body.observer("IR")
    list(submit(body.world, stix_json.read(samples.read("kz-threat-report.stix.json")), Submitter(party="SCO-CENTRE")))
    server = uvicorn.Server(uvicorn.Config(site(body.desk), host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 10
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield body, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="install the test extra: pip install '.[test]'")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium: apt-get install chromium")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    with sync_api.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=path, args=flags)
        yield chromium
        chromium.close()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "ru"])
def test_every_page(node, browser, width, scheme, lang):
    body, url = node
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, locale=lang)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: None if request.url.startswith((url, "data:")) else problems.append(f"asks {request.url}"))
    page.goto(f"{url}{link(body)}")
    page.locator("form button, form input[type=submit]").first.click()
    item = next(row.id for row in body.world.store.by_type("indicator"))
    for path in ("/", "/log", "/log/1", f"/o/{item}"):
        answer = page.goto(f"{url}{path}?lang={lang}")
        assert answer is not None and answer.status == 200, path
        assert page.evaluate("document.documentElement.lang") == lang
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, (path, width, overflow)
        assert page.locator("h1").count() == 1
    assert problems == []
    context.close()

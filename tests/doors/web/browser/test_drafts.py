"""What is typed is not lost, and "saved" is said only after the server's word: criteria 19, 20 and 21.

A small server of our own stands in for a screen, but for the last tests: it answers as the node does, and can be told to be late, to be gone,
to have been overtaken or to know nobody.
"""

from __future__ import annotations

import threading
import time

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from comity.doors.web import built
from tests.consortium import Body

pytestmark = pytest.mark.loop
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>note</title><link rel="icon" href="data:,">
<script type="module" src="/static/{script}"></script></head>
<body data-user="{user}" data-saving="saving" data-saved="saved" data-not-saved="not saved" data-restored="restored"><main>{notice}
<form method="post" action="/note" data-keep><input type="hidden" name="revision" value="{revision}"><textarea name="text">{text}</textarea>
<input type="password" name="secret"><button name="do" value="save">Save</button></form>
</main><p role="status" data-says hidden></p></body></html>"""
ENTRANCE = "<!doctype html><title>sign in</title><body><main><h1>Sign in</h1><form method=post><button>In</button></form></main>"


class Notes:
    """One note, its revision, and how the server behaves."""

    def __init__(self) -> None:
        self.text, self.revision, self.user, self.out = "as it was", 1, "one", False
        self.sent: list[dict[str, str]] = []
        self.wait = threading.Event()
        self.wait.set()

    def page(self, notice: str = "", text: str | None = None, status: int = 200) -> Response:
        script = built.MANIFEST.bundles["app"]
        shown = self.text if text is None else text
        return HTMLResponse(PAGE.format(script=script, user=self.user, notice=notice, revision=self.revision, text=shown), status)

    def take(self, form: dict[str, str]) -> Response:
        self.wait.wait(10)
        self.sent.append(form)
        if self.out:
            return HTMLResponse(ENTRANCE, 401)
        if form["revision"] != str(self.revision):
            return self.page(f"<div class=notice id=theirs>{self.text}</div>", form["text"], 409)
        self.text, self.revision = form["text"], self.revision + 1
        return RedirectResponse("/note", 303)


class Server:
    """Serves the note at one address, and is killed and started as told."""

    def __init__(self, notes: Notes) -> None:
        async def post(request: Request) -> Response:
            from starlette.concurrency import run_in_threadpool

            from comity.doors.web.asking import form

            sent = form(request, await request.body())
            return await run_in_threadpool(notes.take, dict(sent.fields))

        def script(request: Request) -> Response:
            return Response(built.FILES[request.path_params["name"]], media_type="text/javascript")

        routes = [Route("/note", lambda request: notes.page()), Route("/note", post, methods=["POST"]), Route("/static/{name}", script)]
        self.app, self.port = Starlette(routes=routes), 0

    def start(self) -> None:
        self.server = uvicorn.Server(
            uvicorn.Config(self.app, host="127.0.0.1", port=self.port, log_level="error", timeout_graceful_shutdown=1)
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(timeout=10)


@pytest.fixture
def note(browser):
    """The note, its server, and a tab that has it open."""
    notes = Notes()
    server = Server(notes)
    server.start()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/note")
    page.wait_for_function("() => document.documentElement.dataset.scripts === 'on'")
    yield notes, server, page
    context.close()
    server.stop()


def says(page, text: str) -> None:
    page.wait_for_function("text => document.querySelector('[data-says]').textContent === text", arg=text)


def written(page) -> str:
    return str(page.locator("textarea").input_value())


def test_saved_is_said_after_the_servers_word_and_not_before(note):
    notes, _, page = note
    notes.wait.clear()
    page.locator("textarea").fill("new text")
    page.locator("button").click()
    says(page, "saving")
    page.wait_for_timeout(200)
    assert page.locator("[data-says]").inner_text() == "saving"
    notes.wait.set()
    says(page, "saved")
    assert written(page) == "new text"
    assert notes.sent == [{"revision": "1", "text": "new text", "secret": "", "do": "save"}]
    page.reload()
    assert written(page) == "new text"
    assert page.locator("[data-says]").text_content() == ""


def test_a_killed_server_means_not_saved_and_the_text_stays_even_over_a_reload(note):
    notes, server, page = note
    page.locator("textarea").fill("new text")
    server.stop()
    page.locator("button").click()
    says(page, "not saved")
    assert written(page) == "new text"
    server.start()
    page.reload()
    says(page, "restored")
    assert written(page) == "new text"
    page.locator("button").click()
    says(page, "saved")
    assert notes.text == "new text"


def test_a_text_that_somebody_else_changed_is_shown_beside_ones_own(note):
    notes, _, page = note
    page.locator("textarea").fill("mine")
    notes.text, notes.revision = "theirs", 2
    page.locator("button").click()
    page.locator("#theirs").wait_for()
    assert page.locator("#theirs").inner_text() == "theirs"
    assert written(page) == "mine"
    page.locator("button").click()
    says(page, "saved")
    assert notes.text == "mine"


def test_a_restored_text_does_not_overwrite_what_somebody_else_wrote_meanwhile(note):
    notes, _, page = note
    page.locator("textarea").fill("mine")
    notes.text, notes.revision = "theirs", 2
    page.reload()
    says(page, "restored")
    assert written(page) == "mine"
    page.locator("button").click()
    page.locator("#theirs").wait_for()
    assert notes.text == "theirs"


def test_an_ended_session_leads_to_the_way_in_and_the_draft_survives_it(note):
    notes, _, page = note
    page.locator("textarea").fill("new text")
    notes.out = True
    page.locator("button").click()
    page.locator("h1", has_text="Sign in").wait_for()
    assert notes.sent[-1]["text"] == "new text", "the page to sign in was given what was written"
    notes.out = False
    page.goto(page.url)
    says(page, "restored")
    assert written(page) == "new text"


def test_the_next_person_at_the_browser_gets_nothing_of_it(note):
    notes, _, page = note
    page.locator("textarea").fill("new text")
    notes.user = "two"
    page.reload()
    assert written(page) == "as it was"
    notes.user = "one"
    page.reload()
    assert written(page) == "as it was"


def test_no_password_is_kept(note):
    _, _, page = note
    page.locator("[name=secret]").fill("hush")
    page.locator("textarea").fill("new text")
    assert "hush" not in page.evaluate("() => JSON.stringify(sessionStorage) + JSON.stringify(localStorage)")


def test_what_is_typed_and_taken_back_is_not_kept(note):
    _, _, page = note
    page.locator("textarea").fill("new text")
    page.locator("textarea").fill("as it was")
    assert "draft" not in page.evaluate("() => JSON.stringify(sessionStorage)")


def test_a_node_that_is_gone_means_not_saved_on_a_real_screen(serve):
    body = Body()
    body.member("KZ")
    node = serve(body)
    page = node.visit("/agreements/test@1/edit")
    text = page.locator("textarea[name=text]").input_value() + "\n# more\n"
    page.locator("textarea[name=text]").fill(text)
    node.stop()
    page.locator("button[value=save]").click()
    page.wait_for_function("() => document.querySelector('[data-state]').textContent === document.body.dataset.notSaved")
    assert page.locator("textarea[name=text]").input_value() == text
    node.start()
    page.locator("button[value=save]").click()
    says(page, page.locator("body").get_attribute("data-saved"))

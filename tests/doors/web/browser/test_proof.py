"""Proofs that are checked in the browser: a flipped byte turns red (criterion 35)."""

from __future__ import annotations

import base64
import json

import pytest

from comity.admin import logbook
from comity.doors.web import standalone
from comity.ledger.keys import LogKey, write_verifier
from tests.consortium import indicator
from tests.doors.web.visitor import body_that_reads

pytestmark = pytest.mark.loop
OUTCOME = "() => document.querySelector('[data-check]').dataset.outcome"
#: Checks files one after the other as if each were chosen; gives the outcome of each.
CHECK = """async files => {
  const input = document.querySelector('[data-check] input[type=file]');
  const place = document.querySelector('[data-check]');
  const outcomes = [];
  for (const text of files) {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(text), c => c.charCodeAt(0))], 'x.proof'));
    input.files = transfer.files;
    delete place.dataset.outcome;
    input.dispatchEvent(new Event('change'));
    while (!place.dataset.outcome) await new Promise(done => setTimeout(done, 0));
    outcomes.push(place.dataset.outcome);
  }
  return outcomes;
}"""


@pytest.fixture
def node(serve):
    """A centre whose log has some twenty entries."""
    body, kz = body_that_reads()
    for _ in range(6):
        kz.submits(indicator(), indicator(), tlp="green")
    return serve(body)


def checked(page, files: list[bytes]) -> list[str]:
    return list(page.evaluate(CHECK, [base64.b64encode(file).decode() for file in files]))


def test_every_entry_of_the_log_is_proven_on_its_page(node):
    page = node.visit("/")
    size = node.body.world.store.head().size
    assert size > 10
    for index in range(size):
        page.goto(f"{node.url}/log/{index}")
        page.wait_for_function(OUTCOME)
        assert page.evaluate(OUTCOME) == "yes", index
        assert page.locator(".disproven").count() == 0
        assert page.locator("[data-step].yes").count() == 5
    assert "this key signed" in page.locator("[data-verdict]").inner_text()
    assert page.problems == []


@pytest.mark.parametrize("what", ["leaf", "root", "salt", "entry", "path", "results", "checkpoint"])
def test_a_flipped_character_of_what_the_page_shows_turns_red(node, what):
    page = node.visit("/")

    def forge(route) -> None:
        answer = route.fetch()
        mark = f'data-proven="{what}' + ('.0">' if what in ("path", "results") else '">')
        before, found, after = answer.text().partition(mark)
        assert found
        route.fulfill(response=answer, body=before + found + ("0" if after[0] != "0" else "1") + after[1:])

    page.route("**/log/5", forge)
    page.goto(f"{node.url}/log/5")
    page.wait_for_function(OUTCOME)
    assert page.evaluate(OUTCOME) == "no"
    assert page.locator(".disproven").count() == 1
    colour = page.locator("[data-verdict]").evaluate("e => getComputedStyle(e).color")
    red, green, blue = (int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(", "))
    assert red > green + 50 and red > blue + 50
    assert "does not hold" in page.locator("[data-verdict]").inner_text()


def test_every_flipped_bit_of_a_proof_file_turns_red(node):
    page = node.visit("/log/check")
    item = node.body.world.store.by_type("indicator")
    for proof in (logbook.prove(node.body.world, "7"), logbook.prove(node.body.world, next(item).id)):
        flipped = [proof[:at] + bytes([proof[at] ^ (1 << at % 8)]) + proof[at + 1 :] for at in range(len(proof))]
        assert checked(page, [proof]) == ["yes"]
        assert set(checked(page, flipped)) == {"no"}
    assert page.problems == []


def test_what_is_no_proof_turns_red(node):
    page = node.visit("/log/check")
    proof = logbook.prove(node.body.world, "7")
    first, extra, index, *path = proof.partition(b"\n\n")[0].split(b"\n")
    assert index == b"index 7"
    opened = json.loads(base64.b64decode(extra.removeprefix(b"extra ")))
    others = [{**opened, "salt": ""}, {**opened, "more": 1}, {"entry": opened["entry"], "salt": opened["salt"]}, [], 7, None]
    wrong = [b"", b"{}", proof.rstrip(), proof + b" ", b"\xff" + proof, proof.replace(b"@v1", b"@v2"), b"\n".join([first, index, *path])]
    wrong += [proof.replace(index, b"index " + other, 1) for other in (b"8", b"-1", b"07", b"1e3", b"9" * 30)]
    wrong += [proof.replace(path[0] + b"\n", other, 1) for other in (b"", path[0] + b"\n" + path[0] + b"\n", b"AAAA\n")]
    wrong += [proof.replace(extra, b"extra " + base64.b64encode(json.dumps(other, separators=(",", ":")).encode()), 1) for other in others]
    wrong += [proof.replace(extra, b"extra " + base64.b64encode(json.dumps(opened).encode()), 1)]
    assert set(checked(page, wrong)) == {"no"}


def test_another_logs_key_did_not_sign_it(node):
    page = node.visit("/log/check")
    proof = logbook.prove(node.body.world, "7")
    assert checked(page, [proof]) == ["yes"]
    mine = page.locator("[data-log-key]").input_value()
    page.locator("[data-log-key]").fill(write_verifier(LogKey.generate("comity.example/test").verifier))
    page.wait_for_function("() => document.querySelector('[data-check]').dataset.outcome === 'no'")
    assert page.locator("[data-step=signature].no").count() == 1
    page.locator("[data-log-key]").fill(mine)
    page.wait_for_function("() => document.querySelector('[data-check]').dataset.outcome === 'yes'")


def test_a_proof_can_be_dropped_and_says_what_it_proves(node):
    page = node.visit("/log/check")
    proof = logbook.prove(node.body.world, "7")
    page.evaluate(
        """text => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([text], 'entry.proof'));
          document.querySelector('.drop').dispatchEvent(new DragEvent('drop', {dataTransfer: transfer, bubbles: true, cancelable: true}));
        }""",
        proof.decode(),
    )
    page.wait_for_function("() => document.querySelector('[data-check]').dataset.outcome === 'yes'")
    assert page.locator("[data-told=index]").inner_text() == "7"
    assert page.locator("[data-told=origin]").inner_text() == node.body.world.journal.origin


def test_a_browser_without_ed25519_says_that_it_did_not_check_the_signature(node):
    page = node.visit("/")
    page.add_init_script("crypto.subtle.importKey = () => Promise.reject(new Error('no Ed25519'))")
    page.goto(f"{node.url}/log/5")
    page.wait_for_function(OUTCOME)
    assert page.evaluate(OUTCOME) == "unknown"
    assert "cannot check the signature" in page.locator("[data-verdict]").inner_text()


def test_where_the_browser_has_no_hashes_it_says_what_to_do(node):
    page = node.visit("/")
    page.add_init_script("Object.defineProperty(crypto, 'subtle', {value: undefined})")
    page.goto(f"{node.url}/log/5")
    page.wait_for_function(OUTCOME)
    assert "comity log check" in page.locator("[data-verdict]").inner_text()


@pytest.mark.parametrize("lang", ["en", "ru", "zh"])
def test_a_page_from_a_disk_checks_without_any_server(browser, tmp_path, lang):
    """Opened as a file, with no network at all: a proof holds, each changed byte turns red, and nothing was asked of anybody."""
    body, kz = body_that_reads()
    item = indicator()
    kz.submits(item)
    (tmp_path / "check.html").write_bytes(standalone.page(write_verifier(body.world.journal.verifier), lang))
    context = browser.new_context(offline=True, viewport={"width": 360, "height": 800})
    page = context.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto((tmp_path / "check.html").as_uri())
    proof = logbook.prove(body.world, item["id"])
    assert checked(page, [proof]) == ["yes"]
    assert page.locator("[data-step].yes").count() == 5
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    flipped = [proof[:at] + bytes([proof[at] ^ (1 << at % 8)]) + proof[at + 1 :] for at in range(0, len(proof), 7)]
    assert set(checked(page, flipped)) == {"no"}
    assert page.locator("[data-step].no").count() == 1
    assert asked == [(tmp_path / "check.html").as_uri()]
    assert said == []
    context.close()

"""`comity notify`: files, relays and webhooks; who is not told; and that it is told once."""

from __future__ import annotations

import json
import shutil
from email import message_from_bytes
from email.policy import SMTP

import pytest

from comity.ledger.journal import read_entry
from comity.node import open_node
from tests.match.constituents import about
from tests.peer.owner_keys import Certified, Ring
from tests.peer.relay import Relay
from tests.peer.web import http, serving

needs_gpg = pytest.mark.skipif(shutil.which("gpg") is None, reason="no gpg: apt-get install gnupg")


@pytest.fixture
def bank(comity, tmp_path):
    """KZ's node; it answers for a bank, and holds something of TLP:AMBER about it."""
    comity("init", "--party", "KZ")
    comity("constituency", "add", "--netblock", "192.0.2.0/24", "--owner", "Bank", "--mail", "abuse@bank.example")
    holds(comity, tmp_path, "192.0.2.1", "amber")
    return comity


def holds(comity, tmp_path, value: str, tlp: str) -> None:
    path = tmp_path / "sent.json"
    path.write_text(json.dumps(about(value)))
    comity("add", str(path), "--tlp", tlp)


def rows(done) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def outcomes(done) -> list[tuple[str, str, int]]:
    return [(row["owner"], row["outcome"], row["count"]) for row in rows(done)]


def mails(folder):
    return [message_from_bytes(path.read_bytes(), policy=SMTP) for path in sorted(folder.glob("*"))]


def entries(tmp_path) -> int:
    world = open_node(tmp_path / "node")
    return sum(read_entry(leaf.entry).kind == "notify" for leaf in world.store.leaves())


def test_a_dry_run_tells_nobody(bank, tmp_path):
    done = bank("notify", "--dry-run")
    assert outcomes(done) == [("Bank", "would be told", 1)]
    assert rows(done)[0]["by"] == ["mail"]
    assert entries(tmp_path) == 0
    assert outcomes(bank("notify", "--new", "--dry-run")) == [("Bank", "would be told", 1)]


def test_a_file_for_each_owner_and_what_is_new_once(bank, tmp_path):
    out = tmp_path / "out"
    bank("constituency", "add", "--netblock", "192.0.2.0/25", "--owner", "Silent")
    holds(bank, tmp_path, "192.0.2.200", "green")
    done = bank("notify", "--new", "--out", str(out), code=9)
    assert sorted(outcomes(done)) == [("Bank", "told", 1), ("Silent", "no way to tell", 1)]
    (mail,) = mails(out)
    assert mail["To"] == "abuse@bank.example" and mail["Subject"] == "[TLP:GREEN] KZ: 1 report about Bank"
    assert "192[.]0[.]2[.]200" in mail.get_content() and "192[.]0[.]2[.]1 " not in mail.get_content()
    assert (next(out.iterdir()).stat().st_mode & 0o777) == 0o600
    assert entries(tmp_path) == 1
    assert outcomes(bank("notify", "--new", "--out", str(out), code=9)) == [("Silent", "no way to tell", 1)]
    bank("fsck")


@pytest.mark.parametrize(("tlp", "told"), [("clear", 1), ("green", 1), ("amber", 1), ("amber+strict", 0), ("red", 0)])
def test_each_level_goes_to_clients_or_does_not(comity, tmp_path, tlp, told):
    comity("init", "--party", "KZ")
    comity("constituency", "add", "--netblock", "192.0.2.0/24", "--owner", "Bank", "--mail", "abuse@bank.example")
    holds(comity, tmp_path, "192.0.2.1", tlp)
    done = comity("notify", "--out", str(tmp_path / "out"))
    assert len(list((tmp_path / "out").glob("*.eml"))) == told == entries(tmp_path)
    assert (f"1 not told of: TLP:{tlp.upper()}".encode() in done.stderr) is not told


@needs_gpg
def test_a_mail_is_sealed_with_an_openpgp_key(bank, tmp_path):
    ring = Ring(tmp_path / "ring")
    (tmp_path / "key.asc").write_text(ring.public)
    bank("constituency", "add", "--owner", "Bank", "--key", str(tmp_path / "key.asc"))
    bank("notify", "--out", str(tmp_path / "out"))
    (mail,) = mails(tmp_path / "out")
    assert mail["Subject"] == "[TLP:AMBER] KZ: 1 report about Bank"
    _, content = mail.iter_parts()
    assert b"192=5B" in ring.opens(content.get_payload(decode=True)) or b"192[.]0[.]2[.]1" in ring.opens(content.get_payload(decode=True))
    ring.close()


def test_a_mail_is_sealed_with_a_certificate(bank, tmp_path):
    office = Certified()
    (tmp_path / "office.pem").write_text(office.public)
    bank("constituency", "add", "--owner", "Bank", "--key", str(tmp_path / "office.pem"))
    bank("notify", "--out", str(tmp_path / "out"))
    (mail,) = mails(tmp_path / "out")
    assert b"192[.]0[.]2[.]1" in office.opens(mail.get_payload(decode=True))


@pytest.mark.parametrize(("tlp", "code", "written"), [("green", 0, 1), ("clear", 0, 1), ("amber", 9, 0)])
def test_what_cannot_be_sealed_goes_in_the_clear_up_to_green(comity, tmp_path, tlp, code, written):
    comity("init", "--party", "KZ")
    key = tmp_path / "old.pem"
    key.write_text(Certified(begins=-9, ends=-2).public)
    comity("constituency", "add", "--netblock", "192.0.2.0/24", "--owner", "Bank", "--mail", "abuse@bank.example", "--key", str(key))
    holds(comity, tmp_path, "192.0.2.1", tlp)
    done = comity("notify", "--new", "--out", str(tmp_path / "out"), code=code)
    assert b"the certificate is valid from" in done.stderr
    assert (b"goes in the clear" in done.stderr) is bool(written)
    assert len(list((tmp_path / "out").glob("*.eml"))) == written == entries(tmp_path)
    if not written:  # it is told as soon as it can be
        key.write_text(Certified().public)
        comity("constituency", "add", "--owner", "Bank", "--key", str(key))
        assert outcomes(comity("notify", "--new", "--out", str(tmp_path / "out"))) == [("Bank", "told", 1)]


@pytest.mark.loop
def test_a_webhook_learns_how_much_and_nothing_of_what_until_it_answers(bank, tmp_path):
    answers = ["500 Oops", "204 No Content"]
    with serving(lambda asked: http(b"", answers.pop(0))) as web:
        bank("constituency", "add", "--owner", "Bank", "--webhook", f"http://127.0.0.1:{web.port}/hook")
        call = ("notify", "--new", "--webhooks", "--allow-private")
        assert outcomes(bank(*call, code=9)) == [("Bank", "failed", 1)]
        assert outcomes(bank(*call)) == [("Bank", "told", 1)]
        assert outcomes(bank(*call)) == []
        first, second = web.asked
    assert json.loads(first.body) == {"party": "KZ", "owner": "Bank", "count": 1, "href": ""}
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


@pytest.mark.loop
def test_mails_go_through_a_relay(bank):
    with Relay() as there:
        relay = f"127.0.0.1:{there.port}"
        assert b"nobody is set as the sender" in bank("notify", "--smtp", relay, code=1).stderr
        assert outcomes(bank("notify", "--new", "--smtp", relay, "--from", "cert@kz.example")) == [("Bank", "told", 1)]
    ((sender, to, message),) = there.taken
    assert (sender, to) == ("cert@kz.example", ["abuse@bank.example"])
    assert message_from_bytes(message)["Message-ID"].endswith("@kz.example>")


@pytest.mark.parametrize("args", [(), ("--dry-run", "--out", "x"), ("--out", "x", "--smtp", "y"), ("--dry-run", "--from", "nobody")])
def test_how_is_said_once(bank, args):
    bank("notify", *args, code=2)


def test_nobody_tells_for_another_party_but_a_centre(bank):
    bank("notify", "--dry-run", "--party", "UZ", code=4)

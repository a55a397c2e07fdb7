"""Mail is handed to a relay over TLS; in the clear to this machine alone."""

from __future__ import annotations

import pytest

from comity.errors import PeerFault, SenderFault
from comity.peer import smtp
from tests.peer.relay import Relay

MESSAGE = b"Subject: x\r\n\r\ny\r\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mail.example.com:25", ("mail.example.com", 25)),
        ("mail.example.com", ("mail.example.com", 587)),
        ("[2001:db8::1]:465", ("2001:db8::1", 465)),
        ("2001:db8::1", ("2001:db8::1", 587)),
    ],
)
def test_a_relay_is_a_host_and_a_port(text, found):
    assert smtp.address(text) == found


@pytest.mark.parametrize("text", ["", ":25", "host:", "host:0", "host:70000", "host:x"])
def test_other_texts_are_none(text):
    with pytest.raises(SenderFault):
        smtp.address(text)


@pytest.mark.loop
def test_messages_are_handed_over_one_by_one_and_a_refusal_is_of_one():
    with Relay(refused=("b@b.example",)) as there, smtp.relay("127.0.0.1", there.port) as session:
        session.send("cert@kz.example", "a@a.example", MESSAGE)
        with pytest.raises(PeerFault, match="mail for b@b"):
            session.send("cert@kz.example", "b@b.example", MESSAGE)
        session.send("cert@kz.example", "c@c.example", MESSAGE)
    assert there.taken == [("cert@kz.example", ["a@a.example"], MESSAGE), ("cert@kz.example", ["c@c.example"], MESSAGE)]


@pytest.mark.loop
def test_a_relay_elsewhere_without_tls_gets_nothing(monkeypatch):
    monkeypatch.setattr(smtp, "_here", lambda host: False)
    with Relay() as there, pytest.raises(PeerFault, match="offers no TLS"), smtp.relay("127.0.0.1", there.port):
        pass
    assert there.taken == []


@pytest.mark.loop
def test_one_that_is_not_there_is_a_peers_fault():
    with Relay() as there:
        port = there.port
    with pytest.raises(PeerFault, match="cannot hand mail"), smtp.relay("127.0.0.1", port):
        pass
    assert smtp._here("localhost") and smtp._here("::1") and not smtp._here("192.0.2.1") and not smtp._here("mail.example")

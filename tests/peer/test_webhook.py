"""A webhook is told once, at its own address, with nothing but what is posted; it leads nowhere else."""

from __future__ import annotations

import pytest

from comity.errors import PeerFault, SenderFault
from comity.peer.webhook import post
from tests.peer.web import http, serving

BODY = b'{"party":"KZ","owner":"Bank","count":2,"href":""}'


@pytest.mark.loop
def test_it_is_posted_with_a_key_to_know_it_by():
    with serving(lambda asked: http(b"", "204 No Content")) as web:
        post(f"http://127.0.0.1:{web.port}/hook?k=1", BODY, "ntc-1", own=True)
    (asked,) = web.asked
    assert (asked.method, asked.target, asked.body) == ("POST", "/hook?k=1", BODY)
    assert (asked.headers["idempotency-key"], asked.headers["content-type"]) == ("ntc-1", "application/json")


@pytest.mark.loop
@pytest.mark.parametrize("status", ["302 Found", "307 Temporary Redirect", "500 Oops", "401 Unauthorized"])
def test_anything_but_a_success_is_a_fault_and_no_redirect_is_followed(status):
    with serving(lambda asked: http(b"", status, Location="/elsewhere")) as web:
        with pytest.raises(PeerFault, match=status[:3]):
            post(f"http://127.0.0.1:{web.port}/", BODY, "ntc-1", own=True)
        assert len(web.asked) == 1


def test_an_address_that_is_not_public_is_not_called():
    with pytest.raises(PeerFault, match="no public address"):
        post("https://hooks.example/", BODY, "ntc-1", resolver=lambda host, port: ["127.0.0.1"])
    with pytest.raises(PeerFault, match="no public address"):
        post("https://hooks.example/", BODY, "ntc-1", own=True, resolver=lambda host, port: ["169.254.169.254"])
    with pytest.raises(SenderFault):
        post("http://127.0.0.1:1/", BODY, "ntc-1")
    with pytest.raises(SenderFault):
        post("https://user@hooks.example/", BODY, "ntc-1")


@pytest.mark.loop
def test_one_that_is_not_there_is_a_peers_fault():
    with serving({}) as web:
        port = web.port
    with pytest.raises(PeerFault, match="cannot be called"):
        post(f"http://127.0.0.1:{port}/", BODY, "ntc-1", own=True)

from __future__ import annotations

import pytest

from comity.forms.candidates import EMAIL, HASH, HOST, TEXT, URL
from comity.forms.field_names import compact, known, role_of


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("dns.question.name", HOST),
        ("_source.dns.question.name", HOST),
        ("dns.question.registered_domain", None),
        ("dns.answers.data", HOST),
        ("winlog.event_data.QueryName", HOST),
        ("Event.EventData.DestinationHostname", HOST),
        ("cs-host", HOST),
        ("tls.client.server_name", HOST),
        ("url.full", URL),
        ("url.original", URL),
        ("cs(Referer)", URL),
        ("http.request.referrer", URL),
        ("file.hash.sha256", HASH),
        ("FileHash", HASH),
        ("Hashes", HASH),
        ("tls.client.ja3_hash", None),
        ("email.from.address", EMAIL),
        ("mailfrom", EMAIL),
        ("message", TEXT),
        ("event.original", TEXT),
        ("host.hostname", None),
        ("agent.hostname", None),
        ("host", HOST),
        ("destination.ip", None),
        ("comment", None),
        ("", None),
    ],
)
def test_what_a_name_says(name: str, want: str | None) -> None:
    assert role_of(name) == want


def test_names_are_told_whatever_their_spelling() -> None:
    assert {compact(name) for name in ("Src-IP", "src_ip", "event.SrcIp", "src ip")} == {"srcip"}
    assert known("src_ip") and known("query") and not known("colour")

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.forms.candidates import ADDRESS, HASH, HOST, URL
from comity.forms.eve import any_json
from comity.forms.json_events import JsonReader, Parts, decoded

READER = JsonReader({"name": HOST, "link": URL}, (Parts("name", "path"),))


@pytest.mark.parametrize(
    ("line", "want"),
    [
        (b'{"name":"a.example","path":"/x"}', [("name", HOST, "a.example"), ("path", URL, "http://a.example/x")]),
        (b'{"deep":[{"name":"a.example"}]}', [("deep.name", HOST, "a.example")]),
        (b'{"name":["a.example",["b.example"]]}', [("name", HOST, "a.example"), ("name", HOST, "b.example")]),
        (b'{"any":{"thing":"192.0.2.1"}}', [("any.thing", ADDRESS, "192.0.2.1")]),
        (b'{"link":"http://a.example/"}', [("link", URL, "http://a.example/")]),
        (b'{"link":"a.example:80"}', [("link", HOST, "a.example:80")]),
        (b'{"link":"/only/a/path"}', []),
        (b'{"text":"a.example"}', []),
        (b'[{"name":"a.example"}]', [("name", HOST, "a.example")]),
        (b'{"name":"a.example","cut', [("text", HOST, "a.example")]),
        (b"3", []),
    ],
)
def test_keys_decide_the_role(line: bytes, want: list[tuple[str, str, str]]) -> None:
    assert READER.candidates(line) == want


@given(st.binary(max_size=60))
def test_any_bytes_are_read(line: bytes) -> None:
    READER.candidates(line)
    READER.candidates(b'{"name":' + line)


def test_nesting_bombs_are_text() -> None:
    assert READER.candidates(b'{"name":' * 100_000) == []


@pytest.mark.parametrize(
    ("line", "want"),
    [
        (b'{"dns":{"question":{"name":"a.example","registered_domain":"x.example"}}}', [("dns.question.name", HOST, "a.example")]),
        (b'{"dns.question.name":"a.example"}', [("dns.question.name", HOST, "a.example")]),
        (b'{"_source":{"destination":{"ip":"192.0.2.1"}}}', [("_source.destination.ip", ADDRESS, "192.0.2.1")]),
        (b'{"winlog":{"event_data":{"Hashes":"MD5=' + b"a" * 32 + b',IMPHASH=0"}}}', [("winlog.event_data.Hashes", HASH, "a" * 32)]),
        (
            b'{"EventData":{"Data":[{"@Name":"QueryResults","#text":"type:  5 a.example;::ffff:192.0.2.1;"}]}}',
            [("EventData.Data.QueryResults", HOST, "a.example"), ("EventData.Data.QueryResults", HOST, "::ffff:192.0.2.1")],
        ),
        (
            b'{"url":{"domain":"a.example","path":"/x","query":"q=1","scheme":"https"}}',
            [("url.domain", HOST, "a.example"), ("url.path", URL, "https://a.example/x?q=1")],
        ),
        (b'{"message":"{\\"http\\":{\\"hostname\\":\\"a.example\\"}}"}', [("message.http.hostname", HOST, "a.example")]),
        (b'{"message":"to a.example"}', [("message", HOST, "a.example")]),
        (b'{"host":{"hostname":"sensor.example","ip":["192.0.2.9"]},"agent":{"name":"a.example"}}', [("host.ip", ADDRESS, "192.0.2.9")]),
        (b'{"src":"192.0.2.1:443","seen":[1,true,null,"192.0.2.2 was here"]}', [("src", ADDRESS, "192.0.2.1")]),
    ],
)
def test_names_decide_in_events_of_any_make(line: bytes, want: list[tuple[str, str, str]]) -> None:
    assert any_json().candidates(line) == want


@pytest.mark.parametrize("line", [b'[{"a":1},', b'{"a":1},', b'{"a":1}]', b' {"a":1} ,', b'\x1e{"a":1}'])
def test_an_event_in_a_line_of_an_array(line: bytes) -> None:
    assert decoded(line) == {"a": 1}


@pytest.mark.parametrize("line", [b"", b"[", b"]", b"a, ", b'{"a":1', b'{"a":1},{"b":2}'])
def test_what_is_no_event(line: bytes) -> None:
    assert not isinstance(decoded(line), dict)

from __future__ import annotations

from comity.forms.candidates import ADDRESS, EMAIL, HASH, HOST, URL
from comity.forms.zeek import ZeekReader, zeek_json

DNS = [
    b"#separator \\x09",
    b"#set_separator\t,",
    b"#empty_field\t(empty)",
    b"#unset_field\t-",
    b"#path\tdns",
    b"#fields\tts\tuid\tid.orig_h\tquery\tanswers\trejected",
    b"#types\ttime\tstring\taddr\tstring\tvector[string]\tbool",
]


def test_a_dns_row_by_its_header() -> None:
    reader = ZeekReader()
    assert [reader.candidates(line) for line in DNS] == [[]] * 7
    row = b"1.5\tCx\t192.0.2.1\ta.example\tb.example,192.0.2.7\tF"
    assert reader.candidates(row) == [
        ("id.orig_h", ADDRESS, "192.0.2.1"),
        ("query", HOST, "a.example"),
        ("answers", HOST, "b.example"),
        ("answers", HOST, "192.0.2.7"),
    ]
    assert reader.candidates(b"1.5\tCx\t192.0.2.1\t-\t(empty)\tF") == [("id.orig_h", ADDRESS, "192.0.2.1")]
    assert reader.candidates(b"1.5\tCx\t192.0.2.1\ta.exa") == [("id.orig_h", ADDRESS, "192.0.2.1"), ("query", HOST, "a.exa")]


def test_the_next_header_in_the_file_replaces_the_last() -> None:
    reader = ZeekReader()
    for line in DNS:
        reader.candidates(line)
    reader.candidates(b"#fields\tmd5\thost\turi\treferrer\tfrom\trx_hosts")
    reader.candidates(b"#types\tstring\tstring\tstring\tstring\tstring\tset[addr]")
    found = reader.candidates(b"d41d8cd98f00b204e9800998ecf8427e\ta.example\t/x?y\thttp://b.example/\t<m@c.example>\t192.0.2.1,192.0.2.2")
    assert found == [
        ("md5", HASH, "d41d8cd98f00b204e9800998ecf8427e"),
        ("host", HOST, "a.example"),
        ("referrer", URL, "http://b.example/"),
        ("from", EMAIL, "<m@c.example>"),
        ("rx_hosts", ADDRESS, "192.0.2.1"),
        ("rx_hosts", ADDRESS, "192.0.2.2"),
        ("uri", URL, "http://a.example/x?y"),
    ]


def test_what_a_proxy_is_asked_for_is_a_url_or_a_host() -> None:
    reader = ZeekReader()
    reader.candidates(b"#fields\tmethod\thost\turi")
    reader.candidates(b"#types\tstring\tstring\tstring")
    assert reader.candidates(b"GET\tproxy.example\thttp://a.example/x") == [
        ("host", HOST, "proxy.example"),
        ("uri", URL, "http://a.example/x"),
    ]
    assert reader.candidates(b"CONNECT\t-\ta.example:443") == [("uri", HOST, "a.example:443")]
    assert reader.candidates(b"GET\t-\t-") == []


def test_other_separators_escapes_and_missing_types() -> None:
    reader = ZeekReader()
    for line in (b"#separator ;", b"#set_separator;|", b"#unset_field;none", b"#fields;query;answers;other"):
        reader.candidates(line)
    assert reader.candidates(b"b\\xc3\\xbccher.example;a.example|c.example;192.0.2.1") == [
        ("query", HOST, "bücher.example"),
        ("answers", HOST, "a.example"),
        ("answers", HOST, "c.example"),
        ("other", ADDRESS, "192.0.2.1"),
    ]
    assert reader.candidates(b"none;none;text") == []


def test_rows_before_any_header_are_text() -> None:
    assert ZeekReader().candidates(b"1\ta.example\t2") == [("text", HOST, "a.example")]


def test_json_streams() -> None:
    found = zeek_json().candidates(
        b'{"id.orig_h":"192.0.2.1","host":"a.example","uri":"/x","answers":["b.example"],"subject":"CN=c.example"}'
    )
    assert set(found) == {
        ("id.orig_h", ADDRESS, "192.0.2.1"),
        ("host", HOST, "a.example"),
        ("answers", HOST, "b.example"),
        ("uri", URL, "http://a.example/x"),
    }


def test_names_and_hashes_of_certificates_and_columns_of_ones_own() -> None:
    reader = ZeekReader()
    reader.candidates(b"#fields\tts\tfingerprint\tcertificate.subject\tsan.dns\tsan.ip\turl\tdomain")
    reader.candidates(b"#types\ttime\tstring\tstring\tvector[string]\tvector[addr]\tstring\tstring")
    assert reader.candidates(b"1.0\t" + b"a" * 64 + b"\tCN=a.example\tb.example,*.c.example\t192.0.2.1\thttp://d.example/x\te.example") == [
        ("fingerprint", HASH, "a" * 64),
        ("san.dns", HOST, "b.example"),
        ("san.dns", HOST, "*.c.example"),
        ("san.ip", ADDRESS, "192.0.2.1"),
        ("url", URL, "http://d.example/x"),
        ("domain", HOST, "e.example"),
    ]

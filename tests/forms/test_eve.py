from __future__ import annotations

from comity.forms.candidates import ADDRESS, EMAIL, HASH, HOST, URL
from comity.forms.eve import any_json, eve_json


def test_an_event_of_each_sort() -> None:
    line = (
        b'{"event_type":"http","src_ip":"192.0.2.1","dest_ip":"2001:db8::1","dns":{"answers":[{"rrname":"a.example","rdata":"192.0.2.9"}],'
        b'"grouped":{"A":["192.0.2.9"],"CNAME":["b.example"]}},"http":{"hostname":"c.example","url":"/x","http_refer":"http://d.example/"},'
        b'"tls":{"sni":"e.example","subject":"CN=f.example"},"fileinfo":{"md5":"d41d8cd98f00b204e9800998ecf8427e"},'
        b'"smtp":{"helo":"g.example","mail_from":"<m@h.example>"},"payload_printable":"see i.example"}'
    )
    assert set(eve_json().candidates(line)) == {
        ("src_ip", ADDRESS, "192.0.2.1"),
        ("dest_ip", ADDRESS, "2001:db8::1"),
        ("dns.answers.rrname", HOST, "a.example"),
        ("dns.answers.rdata", HOST, "192.0.2.9"),
        ("dns.grouped.A", HOST, "192.0.2.9"),
        ("dns.grouped.CNAME", HOST, "b.example"),
        ("http.hostname", HOST, "c.example"),
        ("http.url", URL, "http://c.example/x"),
        ("http.http_refer", URL, "http://d.example/"),
        ("tls.sni", HOST, "e.example"),
        ("fileinfo.md5", HASH, "d41d8cd98f00b204e9800998ecf8427e"),
        ("smtp.helo", HOST, "g.example"),
        ("smtp.mail_from", EMAIL, "<m@h.example>"),
    }


def test_json_of_unknown_make_knows_the_keys_of_both() -> None:
    assert any_json().candidates(b'{"query":"a.example","domain":"b.example","sni":"c.example"}') == [
        ("query", HOST, "a.example"),
        ("domain", HOST, "b.example"),
        ("sni", HOST, "c.example"),
    ]

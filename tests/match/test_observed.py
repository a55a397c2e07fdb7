"""What is kept of a log: the outside, and nothing of one's own."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from comity.errors import SenderFault
from comity.match.observed import observed

LINE = '{"timestamp": "2021-11-01T10:00:00Z", "src_ip": "10.1.2.3", "dest_ip": "203.0.113.9", "dns": {"rrname": "WWW.bad.example."}}'


def seen(tmp_path, text: str, **more) -> set[tuple[str, str]]:
    path = tmp_path / "a.log"
    path.write_text(text)
    return {(each.kind, each.value) for each in observed(str(path), **more)}


def test_normal_forms_with_the_events_time(tmp_path):
    (tmp_path / "a.log").write_text(LINE + "\n")
    found = list(observed(str(tmp_path / "a.log")))
    assert {(each.kind, each.value) for each in found} == {("ipv4", "203.0.113.9"), ("domain", "www.bad.example")}
    assert {each.at for each in found} == {datetime(2021, 11, 1, 10, tzinfo=UTC)}


@pytest.mark.parametrize(
    "inside",
    ["10.0.0.1", "172.16.9.9", "192.168.1.1", "100.64.0.1", "127.0.0.1", "169.254.1.1", "224.0.0.251", "fe80::1", "fd00::1", "::1",
     "printer.local", "host.corp", "1.2.0.192.in-addr.arpa", "someone@bad.example"],
)  # fmt: skip
def test_nothing_of_ones_own(tmp_path, inside):
    assert seen(tmp_path, f"x {inside} y\n") == set()


def test_urls_without_a_persons_words(tmp_path):
    text = "http://bad.example/a http://u:p@other.example/b http://third.example/c?name=anna http://10.0.0.1/d "
    text += "http://third.example/u/anna@a.example http://third.example/u/anna%40a.example\n"
    found = seen(tmp_path, text)
    assert {value for kind, value in found if kind == "url"} == {"http://bad.example/a"}
    assert {value for kind, value in found if kind == "domain"} == {"bad.example", "other.example", "third.example"}
    assert not [value for _, value in found if "anna" in value or "u:p" in value]


def test_hashes_once_a_line(tmp_path):
    (tmp_path / "a.log").write_text(f"{'A' * 64} {'a' * 64}\n" * 2)
    assert [(each.kind, each.value) for each in observed(str(tmp_path / "a.log"))] == [("sha256", "a" * 64)] * 2


def test_what_is_damaged_is_said_after_what_stands_before(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"GET http://bad.example/ x\n" * 100_000)[:-400])
    reading = observed(str(tmp_path / "a.gz"))
    assert next(reading).value in ("bad.example", "http://bad.example/")
    with pytest.raises(SenderFault, match="damaged"):
        list(reading)

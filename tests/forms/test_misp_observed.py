from __future__ import annotations

from typing import Any

import pytest

from comity.forms.misp_observed import looked_for, observed, place
from comity.terms.pattern_check import check_pattern
from comity.terms.simple_pattern import pattern_value
from comity.terms.stix import check
from tests.forms.misp_events import related

MD5, SHA1 = "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709"
SEED = "00000001-1234-5234-8234-123456789012"


def seen(template: str, *attributes: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = observed(template, attributes, SEED)
    for obj in found:
        assert check(obj) is None, obj
    return {obj["type"]: obj for obj in found}


def test_a_file() -> None:
    found = seen(
        "file",
        related(1, "filename", "filename", "x.exe"),
        related(2, "filename", "filename", "y.exe"),
        related(3, "md5", "md5", MD5.upper()),
        related(4, "sha1", "sha1", "not a hash"),
        related(5, "size-in-bytes", "size-in-bytes", "12"),
        related(6, "path", "text", "/opt/x"),
        related(7, "malware-sample", "malware-sample", f"x.exe|{MD5}"),
        related(8, "entropy", "float", "1.5"),
    )
    assert set(found) == {"file", "directory"}
    file = found["file"]
    assert (file["name"], file["hashes"], file["size"]) == ("x.exe", {"MD5": MD5}, 12)
    assert file["parent_directory_ref"] == found["directory"]["id"]


def test_a_connection() -> None:
    found = seen(
        "network-connection",
        related(1, "ip-src", "ip-src", "192.0.2.1"),
        related(2, "hostname-dst", "hostname", "a.example"),
        related(3, "dst-port", "port", "443"),
        related(4, "src-port", "port", "high"),
        related(5, "layer4-protocol", "text", "TCP"),
        related(6, "layer7-protocol", "text", "HTTPS"),
    )
    traffic = found["network-traffic"]
    assert (traffic["src_ref"], traffic["dst_ref"]) == (found["ipv4-addr"]["id"], found["domain-name"]["id"])
    assert (traffic["dst_port"], traffic["protocols"]) == (443, ["tcp", "https"])
    assert "src_port" not in traffic


@pytest.mark.parametrize(("address", "want"), [("192.0.2.1", ["ipv4"]), ("2001:db8::1", ["ipv6"])])
def test_traffic_of_which_no_protocol_is_said_is_ip(address: str, want: list[str]) -> None:
    assert seen("ip-port", related(1, "ip", "ip-dst", address))["network-traffic"]["protocols"] == want
    assert "network-traffic" not in seen("ip-port", related(1, "dst-port", "port", "443"), related(2, "domain", "domain", "a.example"))


def test_a_message() -> None:
    found = seen(
        "email",
        related(1, "from", "email-src", "x@a.example"),
        related(2, "to", "email-dst", "y@a.example"),
        related(3, "to", "email-dst", "z@a.example"),
        related(4, "subject", "email-subject", "Hi"),
        related(5, "attachment", "email-attachment", "x.zip"),
    )
    message = found["email-message"]
    assert (message["subject"], message["is_multipart"], len(message["to_refs"])) == ("Hi", False, 2)
    assert found["file"]["name"] == "x.zip"


def test_a_process_has_an_id_of_version_4() -> None:
    found = seen("process", related(1, "pid", "text", "4"), related(2, "image", "filename", "x.exe"), related(3, "hidden", "boolean", "0"))
    assert found["process"]["id"] == f"process--{SEED[:14]}4{SEED[15:]}"
    assert (found["process"]["pid"], found["process"]["is_hidden"], found["process"]["image_ref"]) == (4, False, found["file"]["id"])


def test_a_registry_key_a_certificate_an_account() -> None:
    key = seen(
        "registry-key", related(1, "key", "regkey", "HKLM\\x"), related(2, "name", "text", "n"), related(3, "data-type", "text", "REG_SZ")
    )
    assert key["windows-registry-key"]["values"] == [{"name": "n", "data_type": "REG_SZ"}]
    assert seen("x509", related(1, "x509-fingerprint-sha1", "x509-fingerprint-sha1", SHA1))["x509-certificate"]["hashes"] == {"SHA-1": SHA1}
    account = seen("credential", related(1, "username", "text", "x"), related(2, "password", "text", "secret"))
    assert account == {"user-account": {**account["user-account"], "account_login": "x"}}
    assert "secret" not in str(account)


def test_nothing_is_described_by_what_has_no_place() -> None:
    assert observed("file", [related(1, "md5", "md5", "x"), related(2, "entropy", "float", "1")], SEED) == []
    assert observed("made-up", [related(1, "md5", "md5", MD5)], SEED) == []
    assert (place("file", related(1, "md5", "md5", MD5)), place("made-up", related(1, "md5", "md5", MD5))) == ("file:hashes.MD5", "")


FLAGGED: list[tuple[str, list[tuple[str, str, str]], str]] = [
    ("file", [("filename", "filename", "x"), ("md5", "md5", MD5), ("sha1", "sha1", SHA1)], f"[file:hashes.MD5 = '{MD5}' OR file:hashes.'SHA-1' = '{SHA1}']"),
    ("file", [("filename", "filename", "x"), ("size-in-bytes", "size-in-bytes", "12")], "[file:name = 'x' AND file:size = 12]"),
    ("domain-ip", [("domain", "domain", "a.example"), ("ip", "ip-dst", "192.0.2.1")], "[domain-name:value = 'a.example' OR ipv4-addr:value = '192.0.2.1']"),
    ("ip-port", [("ip", "ip-dst", "192.0.2.1"), ("dst-port", "port", "443")], "[network-traffic:dst_ref.value = '192.0.2.1' AND network-traffic:dst_port = 443]"),
    ("email", [("from", "email-src", "x@a.example"), ("subject", "email-subject", "Hi")], "[email-addr:value = 'x@a.example']"),
    ("registry-key", [("key", "regkey", "K"), ("data", "text", "d")], "[windows-registry-key:key = 'K' AND windows-registry-key:values[*].data = 'd']"),
    ("file", [("md5", "md5", "not one")], ""),
    ("file", [], ""),
]  # fmt: skip


@pytest.mark.parametrize(("template", "flagged", "want"), FLAGGED)
def test_what_is_looked_for(template: str, flagged: list[tuple[str, str, str]], want: str) -> None:
    attributes = [related(n, *said, flagged=True) for n, said in enumerate(flagged, 1)]
    quiet = related(20, "filename", "filename", "not flagged")
    assert looked_for(template, [*attributes, quiet]) == want
    assert not want or not [finding for finding in check_pattern(want) if finding.wrong]
    assert (" OR " in want) <= bool(pattern_value(want) or not want)

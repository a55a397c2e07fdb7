"""`comity constituency`."""

from __future__ import annotations

import json

KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END PGP PUBLIC KEY BLOCK-----\n"


def listed(comity, *more: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in comity("constituency", "list", *more).stdout.splitlines()]


def test_what_is_answered_for_is_added_listed_and_removed(comity, tmp_path):
    comity("init", "--party", "KZ")
    (tmp_path / "key.asc").write_text(KEY)
    bank = ("--owner", "Example Bank", "--mail", "abuse@example.com", "--key", str(tmp_path / "key.asc"))
    comity("constituency", "add", "--party", "KZ", "--netblock", "192.0.2.9/24", "--asn", "as64496", "--domain", "EXAMPLE.com", *bank)
    comity("constituency", "add", "--netblock", "2001:DB8::/32")
    assert [(each["owner"], each["kind"], each["value"]) for each in listed(comity)] == [
        ("Example Bank", "asn", "AS64496"),
        ("Example Bank", "domain", "example.com"),
        ("Example Bank", "netblock", "192.0.2.0/24"),
        ("KZ", "netblock", "2001:db8::/32"),
    ]
    assert {(each["mail"], each["key"]) for each in listed(comity, "--owner", "Example Bank")} == {("abuse@example.com", "openpgp")}
    assert b"nothing of it is new" in comity("constituency", "add", "--netblock", "2001:db8::/32").stderr
    comity("constituency", "remove", "--domain", "example.com")
    comity("constituency", "remove", "--domain", "example.com", code=3)
    comity("constituency", "remove", "--owner", "Example Bank")
    assert [each["owner"] for each in listed(comity)] == ["KZ"]
    assert b"sound" in comity("fsck").stderr


def test_what_makes_no_sense_is_refused(comity, tmp_path):
    comity("init", "--party", "KZ")
    comity("constituency", "add", code=2)
    comity("constituency", "add", "--netblock", "nonsense", code=2)
    comity("constituency", "add", "--netblock", "192.0.2.0/24", "--webhook", "http://hooks.example/", code=2)
    comity("constituency", "add", "--netblock", "192.0.2.0/24", "--key", str(tmp_path / "none"), code=3)
    comity("constituency", "remove", code=2)
    assert b"this node is KZ's" in comity("constituency", "add", "--party", "UZ", "--netblock", "192.0.2.0/24", code=4).stderr
    assert listed(comity) == []


def test_a_table_is_imported_but_for_its_bad_lines_and_a_list_is_a_table(comity, tmp_path):
    comity("init", "--party", "KZ")
    table = tmp_path / "t.csv"
    table.write_text("kind,value,owner,party\nnetblock,192.0.2.0/24,A,KZ\nnetblock,x,A,KZ\nasn,64496,B,UZ\ndomain,example.com,B,KZ\n")
    said = comity("constituency", "import", str(table), code=9).stderr
    assert b"line 3" in said and b"no constituency of UZ" in said and b"2 lines taken, 2 not; 2 owners changed" in said
    before = listed(comity)
    assert [each["value"] for each in before] == ["192.0.2.0/24", "example.com"]
    table.write_bytes(comity("constituency", "list", "-o", "csv").stdout)
    comity("constituency", "remove", "--owner", "A")
    comity("constituency", "import", str(table))
    assert listed(comity) == before

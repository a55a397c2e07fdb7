"""`comity party contact`: set, shown, listed."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def kz(comity):
    comity("init", "--party", "KZ")
    return comity


def test_set_shown_and_listed(kz, tmp_path):
    (tmp_path / "key").write_text("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc\n-----END PGP PUBLIC KEY BLOCK-----\n", "utf-8")
    kz("party", "contact", "set", "--team", "KZ-CERT", "--mail", "cert@example.com", "--key", str(tmp_path / "key"))
    kz("party", "contact", "set", "--out-of-hours", "by telephone", "--emergency", "+7 700 000 00 01")
    found = json.loads(kz("party", "contact", "show", "kz").stdout)
    assert (found["team"], found["out_of_hours"]) == ("KZ-CERT", "by telephone")
    table = kz("party", "contact", "show", "KZ", "-o", "table").stdout.decode()
    assert "out of hours" in table
    assert "openpgp" in table
    (row,) = [json.loads(line) for line in kz("party", "contact", "list").stdout.splitlines()]
    assert (row["emergency"], row["key"]) == ("+7 700 000 00 01", "openpgp")


def test_what_is_not_there_or_not_allowed(kz):
    kz("party", "contact", "show", "UZ", code=3)
    kz("party", "contact", "set", "--party", "UZ", "--team", "UZ-CERT", code=4)
    assert b"person" in kz("party", "contact", "set", "--mail", "anna.bekova@example.com", code=2).stderr

"""Codes: the vectors of the RFCs, clocks that differ, and nothing else is taken."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from hypothesis import given
from hypothesis import strategies as st

from comity.admin import totp

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"), (2000000000, "69279037")],
)
def test_vectors_of_rfc_6238(seconds, code):
    at = datetime.fromtimestamp(seconds, UTC)
    assert totp.code(SECRET, seconds // 30) == code[-6:]
    assert totp.step_of(SECRET, code[-6:], at) == seconds // 30


@given(st.binary(min_size=16, max_size=20), st.integers(0, 2**33))
def test_another_implementation_agrees(secret, seconds):
    assert totp.code(secret, seconds // 30) == TOTP(secret, 6, SHA1(), 30, enforce_key_length=False).generate(seconds).decode()


@pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_clocks_may_differ_by_a_step(steps, taken):
    at = datetime(2021, 11, 1, 9, 0, 15, tzinfo=UTC)
    step = int(at.timestamp()) // 30 + steps
    assert totp.step_of(SECRET, totp.code(SECRET, step), at) == (step if taken else None)


@pytest.mark.parametrize("typed", ["", "x", "12345", "1234567", "\udcff", "१२३४५६", "000000" * 1000])
def test_anything_else_is_no_code(typed):
    assert totp.step_of(SECRET, typed, datetime(2021, 11, 1, tzinfo=UTC)) is None


def test_spaces_are_nothing():
    at = datetime(2021, 11, 1, tzinfo=UTC)
    code = totp.code(SECRET, int(at.timestamp()) // 30)
    assert totp.step_of(SECRET, f" {code[:3]} {code[3:]}\n", at) is not None


def test_what_a_generator_reads_is_the_secret():
    secret = totp.new_secret()
    assert len(secret) == 20 and secret != totp.new_secret()
    parts = urlsplit(totp.uri(secret, "ann", "KZ"))
    query = parse_qs(parts.query)
    assert (parts.scheme, parts.netloc, parts.path) == ("otpauth", "totp", "/Comity%20KZ:ann")
    assert base64.b32decode(query["secret"][0]) == secret == base64.b32decode(totp.text(secret).replace(" ", ""))
    assert query["issuer"] == ["Comity KZ"]
    assert timedelta(seconds=totp.STEP) == timedelta(seconds=30)

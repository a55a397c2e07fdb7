"""What an owner answers for, in one form each; who is no owner; what is no way to tell one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import SenderFault
from comity.terms.constituency import Contact, Holding, addition, contact, holding, key_kind, owner_name

PGP = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END PGP PUBLIC KEY BLOCK-----"


@pytest.mark.parametrize(
    ("kind", "text", "form"),
    [
        ("netblock", "192.0.2.77/24", "192.0.2.0/24"),
        ("netblock", " 192.0.2.1 ", "192.0.2.1/32"),
        ("netblock", "2001:DB8:0::/32", "2001:db8::/32"),
        ("netblock", "2001:db8::1", "2001:db8::1/128"),
        ("asn", "as64496", "AS64496"),
        ("asn", "64496", "AS64496"),
        ("asn", "AS 64496", "AS64496"),
        ("asn", "ASN64496", "AS64496"),
        ("asn", "AS1.10", "AS65546"),
        ("asn", "4294967295", "AS4294967295"),
        ("domain", "*.Example.COM.", "example.com"),
        ("domain", ".example.com", "example.com"),
        ("domain", "bücher.example", "xn--bcher-kva.example"),
        ("domain", "рф", "xn--p1ai"),
        ("domain", "example", "example"),
    ],
)
def test_each_kind_has_one_form(kind, text, form):
    assert holding(kind, text) == Holding(kind, form)
    assert holding(kind, form) == Holding(kind, form)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("netblock", "192.0.2.0/33"), ("netblock", "example.com"), ("netblock", ""), ("netblock", "192.0.2.0-192.0.2.9"), ("asn", "0"),
        ("asn", "AS4294967296"), ("asn", "AS70000.1"), ("asn", "AS1.70000"), ("asn", "AS"), ("asn", "-5"), ("domain", "192.0.2.1"),
        ("domain", ""), ("domain", "*"), ("domain", "a b.example"), ("person", "somebody"),
    ],
)  # fmt: skip
def test_what_is_none_of_its_kind_is_refused(kind, text):
    with pytest.raises(SenderFault):
        holding(kind, text)


@given(st.integers(1, (1 << 32) - 1))
def test_both_ways_to_write_a_system_are_the_same(number):
    assert holding("asn", f"AS{number >> 16}.{number & 0xFFFF}") == holding("asn", str(number)) == Holding("asn", f"AS{number}")


def test_an_owner_is_an_organisation_by_its_name():
    assert owner_name("  Example \t Bank ") == "Example Bank"
    for wrong in ("", "   ", "x" * 201, "a.person@example.com", "two\x00"):
        with pytest.raises(SenderFault):
            owner_name(wrong)


def test_an_owner_without_a_name_is_the_party_itself():
    made = addition("kz", " ", [("asn", "64496")])
    assert (made.party, made.owner) == ("KZ", "KZ")


def test_a_contact_is_a_plain_address_an_https_url_and_a_public_key():
    assert contact("Abuse@Example.com", "https://Hooks.example/x", PGP) == Contact(
        mail="Abuse@example.com", webhook="https://hooks.example/x", key=PGP
    )
    assert contact() == Contact()
    assert contact(webhook="http://127.0.0.1:8080/x").webhook == "http://127.0.0.1:8080/x"


@pytest.mark.parametrize(
    "given",
    [
        {"mail": "abuse"}, {"mail": "a@example.com, b@example.com"}, {"mail": "a\r\nBcc: b@example.com"}, {"mail": "<a@example.com>"},
        {"webhook": "http://hooks.example/"}, {"webhook": "ftp://hooks.example/"}, {"webhook": "hooks.example"}, {"key": "a key"}, {"key": PGP + "x" * 65_536},
        {"webhook": "http://localhost.example:80/"},
        {"key": "-----BEGIN PGP PRIVATE KEY BLOCK-----\n"}, {"key": "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----"},
    ],
)  # fmt: skip
def test_other_ways_are_refused(given):
    with pytest.raises(SenderFault):
        contact(**given)


def test_kinds_of_keys_are_told_by_their_first_line():
    assert key_kind(PGP) == "openpgp"
    assert key_kind("\n-----BEGIN CERTIFICATE-----\n") == "x509"
    assert key_kind("") == key_kind("-----BEGIN PUBLIC KEY-----") == ""


@pytest.mark.parametrize("network", ["0.0.0.0/0", "::/0", "32.0.0.0/7", "2000::/3"])
def test_a_network_of_everybody_is_no_owners(network: str) -> None:
    with pytest.raises(SenderFault, match="no owner's network"):
        holding("netblock", network)


def test_a_certificate_that_no_mail_can_be_sealed_to_is_refused_at_once() -> None:
    with pytest.raises(SenderFault, match="no RSA key"):
        contact("a@b.example", key=certificate(ec.generate_private_key(ec.SECP256R1())))
    assert contact("a@b.example", key=certificate(rsa.generate_private_key(65537, 2048))).key
    with pytest.raises(SenderFault, match="cannot be read"):
        contact("a@b.example", key="-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")


def certificate(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "b.example")])
    at = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, at, at + timedelta(days=9))
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()

"""TLS between nodes without an authority: each node makes its own certificate, and each pins the other's key.

A certificate says who holds a key to nobody but those who pinned it, so it names no host and has no end (RFC 5280 section 4.1.2.5): a link
ends when it is revoked, and a clock that is wrong ends none. TLS 1.3 only.
"""

from __future__ import annotations

import hashlib
import os
import ssl
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.x509.oid import NameOID

from comity.errors import SenderFault

_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def make() -> bytes:
    """A new key and its certificate, PEM."""
    key = Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "comity node")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FIRST)
        .not_valid_after(_LAST)
        .sign(key, None)
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private + made.public_bytes(serialization.Encoding.PEM)


def keep(path: Path, pem: bytes) -> None:
    """Write a file for its owner alone, durably. Raises FileExistsError."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())


def certificate(pem: bytes) -> bytes:
    """The certificate (DER) in a key's file. Raises SenderFault."""
    try:
        return x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)
    except ValueError:
        raise SenderFault("the file of the TLS key holds no certificate", next="restore keys/ from a backup") from None


def pin(der: bytes) -> str:
    """SHA-256 of a certificate's public key (SubjectPublicKeyInfo, DER), hex. Raises SenderFault unless it is an Ed25519 certificate."""
    try:
        key = x509.load_der_x509_certificate(der).public_key()
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise SenderFault("this is no certificate of a node")
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(spki).hexdigest()


def label(pin: str) -> str:
    """The server name by which a caller asks for a certificate (RFC 6066 section 3): no name of a host, but the beginning of the pin."""
    return f"{pin[:40]}.comity"


def calling(own: Path | None, server: Iterable[bytes]) -> ssl.SSLContext:
    """For a node that calls: it shows its certificate (none before it is known there), and only these certificates (DER) will do."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # the pinned key says who it is
    return _pinned(context, own, server)


def answering(own: Path, callers: Iterable[bytes]) -> ssl.SSLContext:
    """For a node that is called: of callers that show a certificate, it has to be one of these (DER)."""
    context = _pinned(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), own, callers)
    context.verify_mode = ssl.CERT_OPTIONAL
    context.num_tickets = 0  # a resumed session would bring a certificate that is not checked again
    return context


def _pinned(context: ssl.SSLContext, own: Path | None, others: Iterable[bytes]) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    # A pinned certificate stands for itself, as there is no authority that it could have from.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if own is not None:
        context.load_cert_chain(own)
    anchors = b"".join(others)
    if anchors:
        context.load_verify_locations(cadata=anchors)
    return context

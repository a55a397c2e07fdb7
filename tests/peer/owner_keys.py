"""An owner's keys, made for a test: an OpenPGP pair in a ring of its own, and a certificate; and what their holder reads."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID


class Ring:
    """A GnuPG key ring with one key that can encrypt."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir(mode=0o700)
        self._gpg("--passphrase", "", "--quick-generate-key", "office@bank.example", "future-default", "default", "never")
        self.public = self._gpg("--armor", "--export", "office@bank.example").decode()

    def opens(self, armored: bytes) -> bytes:
        """What a message to the key says."""
        return self._gpg("--decrypt", sent=armored)

    def close(self) -> None:
        """End the agent that GnuPG started for this ring."""
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "all"], check=False, capture_output=True)

    def _gpg(self, *words: str, sent: bytes = b"") -> bytes:
        command = ["gpg", "--homedir", str(self.home), "--batch", "--quiet", "--no-tty", *words]
        return subprocess.run(command, input=sent, check=True, capture_output=True).stdout


class Certified:
    """A certificate of an office, from some days before now to some days after, with its private key."""

    def __init__(self, begins: int = -1, ends: int = 30, curve: bool = False, now: datetime | None = None) -> None:
        self._key: Any = ec.generate_private_key(ec.SECP256R1()) if curve else rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "office.bank.example")])
        at = now or datetime.now(UTC)
        self._certificate = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self._key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(at + timedelta(days=begins))
            .not_valid_after(at + timedelta(days=ends)).sign(self._key, hashes.SHA256())
        )  # fmt: skip
        self.public = self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    def opens(self, der: bytes) -> bytes:
        """What a message to the certificate says."""
        return pkcs7.pkcs7_decrypt_der(der, self._certificate, self._key, [])

"""Sealing a notice with its owner's key: OpenPGP by GnuPG, with a key ring of its own that is gone afterwards; S/MIME by `cryptography`."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from comity.errors import OperatorFault, SenderFault
from comity.forms.notice import Sealed
from comity.terms.constituency import key_kind

#: Seconds that GnuPG may take for one notice.
PATIENCE = 60.0


def seal(entity: bytes, key: str, now: datetime) -> Sealed:
    """A MIME entity that only the holder of a key can read.

    Raises SenderFault for a key that cannot be used (expired, damaged), OperatorFault when the means are missing here.
    """
    kind = key_kind(key)
    if kind == "openpgp":
        return Sealed(kind=kind, content=_openpgp(entity, key))
    if kind == "x509":
        return Sealed(kind=kind, content=_smime(entity, key, now))
    raise SenderFault("the key is neither an OpenPGP public key nor an X.509 certificate", next="register another: comity constituency add")


def _openpgp(entity: bytes, key: str) -> bytes:
    program = shutil.which("gpg")
    if program is None:
        raise OperatorFault("gpg is not installed: nothing can be sealed with an OpenPGP key", next="install GnuPG 2.2 or later")
    with tempfile.TemporaryDirectory(prefix="comity-") as home:
        file = Path(home) / "key.asc"
        file.write_text(key + "\n", "utf-8")
        command = [
            program, "--homedir", home, "--batch", "--no-tty", "--quiet", "--no-autostart", "--no-options", "--trust-model", "always",
            "--armor", "--recipient-file", str(file), "--encrypt",
        ]  # fmt: skip
        try:
            done = subprocess.run(command, input=entity, capture_output=True, timeout=PATIENCE, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise OperatorFault(f"gpg cannot be run: {error}", next="check the installation of GnuPG") from None
    if done.returncode != 0 or not done.stdout.startswith(b"-----BEGIN PGP MESSAGE-----"):
        said = " ".join(done.stderr.decode("utf-8", "replace").replace(home, "").split())[:300]
        raise SenderFault(f"gpg cannot use the key: {said}", next="ask the owner for one that is valid and can encrypt")
    return done.stdout


def _smime(entity: bytes, key: str, now: datetime) -> bytes:
    next_ = "ask the owner for a certificate that is valid, with an RSA key"
    try:
        certificate = x509.load_pem_x509_certificate(key.encode())
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise SenderFault(f"the certificate is valid from {certificate.not_valid_before_utc:%Y-%m-%d} to "
                              f"{certificate.not_valid_after_utc:%Y-%m-%d} only", next=next_)  # fmt: skip
        builder = pkcs7.PKCS7EnvelopeBuilder().set_data(entity).add_recipient(certificate)
        return builder.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SenderFault(f"the certificate cannot be used: {error}", next=next_) from None

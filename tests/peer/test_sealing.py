"""Sealing: only the holder reads it; a key that cannot be used is refused with the reason; no ring is left behind."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from comity.errors import OperatorFault, SenderFault
from comity.peer.sealing import seal
from tests.peer.owner_keys import Certified, Ring

NOW = datetime.now(UTC)
ENTITY = b'Content-Type: text/plain; charset="utf-8"\r\n\r\n192[.]0[.]2[.]1\r\n'
needs_gpg = pytest.mark.skipif(shutil.which("gpg") is None, reason="no gpg: apt-get install gnupg")


@pytest.fixture
def ring(tmp_path):
    made = Ring(tmp_path / "ring")
    yield made
    made.close()


@needs_gpg
def test_openpgp_is_read_by_its_holder_and_leaves_no_ring(ring, tmp_path, monkeypatch):
    (tmp_path / "t").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "t"))
    sealed = seal(ENTITY, ring.public, NOW)
    assert sealed.kind == "openpgp"
    assert b"192[.]0" not in sealed.content
    assert ring.opens(sealed.content) == ENTITY
    assert list((tmp_path / "t").iterdir()) == []


def test_smime_is_read_by_its_holder():
    office = Certified()
    sealed = seal(ENTITY, office.public, NOW)
    assert sealed.kind == "x509"
    assert office.opens(sealed.content) == ENTITY


@needs_gpg
def test_a_damaged_openpgp_key_is_refused_with_what_gpg_says():
    with pytest.raises(SenderFault, match="gpg cannot use the key"):
        seal(ENTITY, "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----", NOW)


def test_without_gpg_it_is_said_whose_business_that_is(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OperatorFault, match="gpg is not installed"):
        seal(ENTITY, "-----BEGIN PGP PUBLIC KEY BLOCK-----\n", NOW)


@pytest.mark.parametrize(
    "key",
    [
        lambda: Certified(begins=-9, ends=-2).public,
        lambda: Certified(begins=2, ends=9).public,
        lambda: Certified(curve=True).public,
        lambda: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        lambda: "no key",
    ],
    ids=["expired", "not yet valid", "without RSA", "damaged", "none"],
)
def test_a_certificate_that_cannot_be_used_is_refused(key):
    with pytest.raises(SenderFault) as refused:
        seal(ENTITY, key(), NOW)
    assert refused.value.next


def test_the_tests_keys_are_nowhere_else():
    assert not any(Path(tempfile.gettempdir()).glob("comity-*/key.asc"))

"""The page that checks proofs without a server: one file, which allows nothing but itself."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest

from comity.doors.web import built, standalone
from comity.errors import OperatorFault
from comity.ledger.keys import LogKey, write_verifier

KEY = write_verifier(LogKey("log.kz.example/sample", bytes(32)).verifier)


@pytest.mark.parametrize("lang", ["en", "ru", "zh", "fa"])
def test_it_allows_its_own_script_and_style_and_asks_nobody(lang: str) -> None:
    text = standalone.page(KEY, lang).decode()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    for tag in ("script", "style"):
        (inside,) = re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", text, re.S)
        said = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{said}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "connect-src" not in policy
    assert not re.search(r"""\b(src|href)=|url\(|@import|\bimport\s*["'{(]""", text.partition("<style>")[0] + text.partition("</style>")[2])
    assert f'value="{KEY}"' in text


def test_without_scripts_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(built, "MANIFEST", built.Manifest())
    with pytest.raises(OperatorFault, match="without the scripts"):
        standalone.page(KEY, "en")

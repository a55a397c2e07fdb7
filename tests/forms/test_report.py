from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest

from comity.errors import SenderFault
from comity.forms.report import clean, extract, read
from comity.terms.item import Draft, Refused
from comity.terms.stix import check, sco_id

AT = datetime(2024, 3, 1, tzinfo=UTC)
TEXT = """date 2024-02-03 Example News
Home >
An actor phishes customs brokers again

2024-02-03T04:05+0000

The actor sent mail from hxxps://lures[.]example/a.php and used 192.0.2[.]7, also bad(dot)example.
The file has MD5 d41d8cd98f00b204e9800998ecf8427e and lies at https://news.example/0cc175b9c0f1b6a831c399e269772661.jpg today.
Plain names such as www.example.com are not indicators in running text.
Example News office@news.example +7 495 645 66 01

Popular
Ten things that somebody did somewhere else yesterday
"""


def drafts(raw: bytes) -> list[Draft]:
    found = [item for item in read(raw, at=AT) if isinstance(item, Draft)]
    assert all(check(item.obj) is None and item.derived for item in found)
    return found


def test_a_text_report() -> None:
    artifact, *indicators, report = drafts(TEXT.encode())
    text = base64.b64decode(artifact.obj["payload_bin"]).decode()
    assert artifact.obj["id"] == sco_id(artifact.obj)
    assert [item.obj["name"] for item in indicators] == [
        "https://lures.example/a.php",
        "192.0.2.7",
        "bad.example",
        "d41d8cd98f00b204e9800998ecf8427e",
    ]
    assert report.obj["name"] == "An actor phishes customs brokers again"
    assert report.obj["published"] == "2024-02-03T04:05:00.000Z"
    assert report.obj["object_refs"] == [item.obj["id"] for item in (artifact, *indicators)]
    for gone in ("office@", "+7 495", "Ten things", "Home >", "date 2024"):
        assert gone not in text
    assert drafts(TEXT.encode())[-1].raw == report.raw


def test_an_html_report_and_its_date() -> None:
    html = b"<html><head><title>T</title><script>x</script></head><body><p>Seen hxxp://a[.]example/ in four places today.</p></body></html>"
    _, indicator, report = drafts(html)
    assert report.obj["name"] == "T"
    assert report.obj["published"] == "2024-03-01T00:00:00.000Z"
    assert indicator.obj["pattern"] == "[url:value = 'http://a.example/']"


def test_nothing_to_read() -> None:
    assert [type(item) for item in read(b"<html></html>", at=AT)] == [Refused]
    with pytest.raises(SenderFault, match="PDF"):
        list(read(b"%PDF-1.7", at=AT))


def test_what_is_no_indicator() -> None:
    assert extract("me[at]office[.]example https://a.example/ 192.0.2.1 " + "1" * 32 + " version[.] (.)") == []


def test_clean_drops_repeats_and_lists_of_other_pages() -> None:
    line = "A sentence of five words."
    assert clean([line, line, "Read also", "Another sentence of five words."]) == [line]


def test_the_seed_pages(shared_seeds: list[Path]) -> None:
    found = {path.name[:3]: drafts(path.read_bytes()) for path in shared_seeds}
    assert all([item.obj["type"] for item in items] == ["artifact", "report"] for items in found.values())
    first, second = (found[key][-1].obj for key in sorted(found))
    assert first["published"] == "2021-11-01T13:27:00.000Z"
    assert first["name"] == "Shanghai Bloc, Asia Interaction Conference Set to Boost Cooperation in Counter-Terrorism"
    assert second["published"] == "2021-09-17T00:00:00.000Z"
    assert second["name"] == "Tokayev calls on SCO to establish information security center"
    assert "sputniknews.com" not in first["description"]
    assert "+7495" not in first["description"]
    assert "SCAT Airlines" not in second["description"]
    assert "illicit drug trafficking" in second["description"]


@pytest.mark.parametrize("raw", [b"\x7fELF\x02\0\0", "Ein langer Satz mit vielen Worten".encode("utf-16"), bytes(range(128, 256)) * 9])
def test_what_is_no_text_is_refused(raw):
    with pytest.raises(SenderFault, match="no UTF-8 text"):
        list(read(raw, at=datetime(2021, 1, 1, tzinfo=UTC)))

"""The terminal form: fits its width, needs no colour, says everything once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from comity.doors.cli.preview_look import Preview
from comity.doors.cli.preview_text import BANNER, Paper, text

BUNDLE, EVENT = "kz-threat-report.stix.json", "kz-phishing.misp.json"


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_no_line_is_wider_than_the_terminal(previewed: Callable[..., Preview], changed: str, width: int) -> None:
    named = {f"M{number}": "member" for number in range(9)}
    for found in (previewed(BUNDLE, EVENT, change=changed), previewed(BUNDLE, named=named)):
        for each in (False, True):
            lines = text(found, Paper(width, False), each=each).splitlines()
            assert max(map(len, lines)) <= width, max(lines, key=len)


def test_colour_adds_nothing_but_colour(previewed: Callable[..., Preview], changed: str) -> None:
    found = previewed(BUNDLE, EVENT, change=changed)
    plain, inked = text(found, Paper(100, False)), text(found, Paper(100, True))
    assert "\x1b" not in plain
    bare = re.sub(r"\x1b\[[0-9;]*m", "", inked)
    assert [line.strip() for line in bare.splitlines()] == [line.strip() for line in plain.splitlines()]


def test_what_it_says(previewed: Callable[..., Preview], changed: str) -> None:
    said = text(previewed(BUNDLE, EVENT, change=changed), Paper(100, False))
    flat = " ".join(said.split())
    for words in (
        "Sample agreement on the exchange of technical threat information",
        f"sco-ict-sample@2 · tried instead of sco-ict-sample@1 · {BANNER}",
        "Why not – TLP: SCO-CENTRE,",
        "KZ would send",
        "for network-defence, as of 2021-11-01 00:00 UTC.",
        "✓ art-2.2 Δ",
        "✗ art-5.1 Nothing is exchanged that classifies",
        "distribution 3 (All communities): MISP would send it further than its marking says",
        "Sharing group “Banking group (being set up)” reaches nobody: it has no organisations",
        "it gives 1 observer (IR) 62 objects (60 indicators, 1 email-message, 1 file) up to TLP:AMBER.",
    ):
        assert words in flat
    for value in ("steppe-post.example", "203.0.113.233"):
        assert value not in said  # defanged


def test_a_row_per_item(previewed: Callable[..., Preview]) -> None:
    found = previewed(BUNDLE)
    said = text(found, Paper(120, False), each=True)
    assert sum("✓ art-2.1" in line or "– " in line[:80] or "✗ " in line[:80] for line in said.splitlines()) >= len(found.items)
    assert "steppe-post[.]example" in said


def test_nothing_to_say_is_said(previewed: Callable[..., Preview]) -> None:
    said = text(previewed(files={"x.json": "{}"}), Paper(80, False))
    assert "Nothing in the files could be taken." in said
    alone = '[agreement]\nid = "a"\nversion = 1\ntitle = "T"\nbody = "sco"\npurposes = ["training"]\n[party.KZ]\n'
    assert "There is no other party" in text(previewed(files={"l.txt": "198.51.100.7\n"}, agreement=alone), Paper(80, False))


def test_two_agreements_name_their_clauses_in_full(previewed: Callable[..., Preview]) -> None:
    found = previewed(BUNDLE)
    twice = type(found)(**{name: getattr(found, name) for name in found.__struct_fields__} | {"agreements": found.agreements * 2})
    assert "sco-ict-sample/art" in text(twice, Paper(140, False))

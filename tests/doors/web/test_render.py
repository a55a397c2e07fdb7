"""Templates and the style sheet."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

import comity.doors.web as web
from comity.doors.web.render import ASSETS, _changed
from tests.consortium import Body
from tests.doors.web.visitor import Visitor, told

CSS = ASSETS["comity.css"][1].decode()
TLP = {"clear": "#fff", "red": "#ff2b2b", "amber": "#ffc000", "green": "#33ff00"}


def test_the_style_sheet_is_served_under_its_hash_for_ever():
    hashed, data = ASSETS["comity.css"]
    assert hashlib.sha256(data).hexdigest()[:16] in hashed
    answer = Visitor(Body(), signed_in=False).get(f"/static/{hashed}")
    assert (answer.content, answer.headers["content-type"]) == (data, "text/css; charset=utf-8")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("name", ["comity.css", "comity-0000000000000000.css", "..%2fapp.py", "%2e%2e/app.py"])
def test_nothing_else_is_served(name):
    visitor = Visitor(Body(), signed_in=False)
    assert told(visitor.get(f"/static/{name}")) == told(visitor.get("/no/such"))


def test_nothing_is_fetched_from_elsewhere():
    assert not re.search(r"url\(|@import|https?:", CSS)
    for file in (Path(web.__file__).parent / "templates").rglob("*.html"):
        text = file.read_text("utf-8")
        assert not re.search(r"""https?:|<script|<style| style=| on[a-z]+=["']|\|\s*safe""", text), file.name


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_contrast_in_both_themes(theme):
    both = re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", CSS)
    tokens = {name: light if theme == "light" else dark for name, light, dark in both}
    assert all(contrast(tokens["edge"], tokens[ground]) >= 3 for ground in ("paper", "sheet"))
    assert all(contrast(tokens[f"series-{n}"], tokens["sheet"]) >= 3 for n in range(1, 7))
    pairs = [(ink, ground) for ink in ("ink", "soft", "accent", "warn") for ground in ("paper", "sheet", "faint")]
    pairs += [("yes", "yes-wash"), ("no", "no-wash"), ("warn", "warn-wash"), ("ink", "accent-wash"), ("soft", "accent-wash")]
    pairs += [
        ("shell-ink", "shell"),
        ("on-accent", "accent"),
        ("part", "part-wash"),
        ("real-ink", "real"),
        ("exercise-ink", "exercise"),
        ("accent", "accent-wash"),
    ]
    for ink, ground in pairs:
        assert contrast(tokens[ink], tokens[ground]) >= 4.5, (ink, ground)


def test_tlp_has_the_colours_that_first_gives_on_black():
    assert re.search(r"\.tlp \{[^}]*background: #000; color: #fff;", CSS)
    for level in ("red", "amber", "green"):
        assert f".tlp-{level} {{ color: {TLP[level]}; }}" in CSS
        assert contrast(TLP[level], "#000000") >= 4.5


def test_an_address_with_some_parameters_changed():
    kept = [("type", "a b"), ("id", "1"), ("id", "2")]
    assert _changed(kept) == "?type=a+b&id=1&id=2"
    assert _changed(kept, id=None, before=3) == "?type=a+b&before=3"
    assert _changed(kept, id=["x", "&"]) == "?type=a+b&id=x&id=%26"
    assert _changed([("a", "b")], a=None) == "?"

"""The style sheet: tokens first, every component in it, and nothing that a right-to-left page would have to undo."""

from __future__ import annotations

import re
from pathlib import Path

import comity.doors.web as web
from comity.doors.web.sheets import whole

STATIC = Path(web.__file__).parent / "static"
FILES = sorted(STATIC.rglob("*.css"))
TEXT = whole().decode()


def test_every_sheet_is_in_it_once_and_the_tokens_come_first():
    assert len(FILES) > 15
    for file in FILES:
        assert TEXT.count(file.read_text("utf-8")) == 1, file.name
    assert TEXT.startswith((STATIC / "tokens.css").read_text("utf-8"))


def test_it_is_the_same_every_time():
    assert whole() == whole()


def test_colours_are_tokens():
    for file in FILES:
        if file.name not in ("tokens.css", "tlp.css"):
            colours = set(re.findall(r"#[0-9a-f]{3,8}\b", file.read_text("utf-8")))
            assert colours <= {"#000"}, file.name


def test_directions_are_logical():
    for file in FILES:
        rules = re.sub(r"/\*.*?\*/", "", file.read_text("utf-8"), flags=re.DOTALL)
        # Where a rule is for one direction alone, it may name a side: texts with a direction of their own have no other way to the page's.
        rules = re.sub(r'\[dir="rtl"\][^{}]*\{[^}]*\}', "", rules)
        found = re.findall(r"(?:margin|padding|border)-(?:left|right)|text-align: (?:left|right)|float:|[{;]\s*(?:left|right):", rules)
        assert found == [], file.name


def test_every_token_that_is_named_is_there():
    tokens = set(re.findall(r"(--[a-z0-9-]+):", TEXT))
    assert set(re.findall(r"var\((--[a-z0-9-]+)\)", TEXT)) <= tokens


def test_every_component_has_its_sheet():
    templates = {file.stem for file in (STATIC.parent / "templates" / "components").glob("*.html")}
    assert templates <= {file.stem for file in (STATIC / "components").glob("*.css")}

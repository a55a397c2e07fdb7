"""Texts of a page that are not in its language, where that language is written from right to left: said to be so, and kept in order.

A template prints one between two marks, for only the whole page shows where it stands: among other text it becomes an element of its own
(HTML Living Standard section 4.5.24, WCAG 3.1.2); in an attribute or an element that holds no others, it gets characters that isolate it.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from comity.doors.web.show import BEGIN, END, clean
from comity.doors.web.words import Foreign

#: What a page is looked through for: elements that hold nothing but text, pictures, tags, and the marks.
_PART = re.compile(rf"<(title|option|textarea|svg)\b.*?</\1>|<[^>]*>|{BEGIN}|{END}", re.DOTALL)
_AROUND = {BEGIN: '<bdi lang="en" dir="ltr">', END: "</bdi>"}


def marked(text: Foreign) -> Markup:
    """A text between its marks."""
    return Markup(BEGIN) + escape(clean(text)) + Markup(END)


def isolated(page: str) -> str:
    """A page with its marks made elements or characters."""
    return _PART.sub(_put, page) if BEGIN in page else page


def _put(found: re.Match[str]) -> str:
    part = found[0]
    return _AROUND.get(part) or part.replace(BEGIN, "\N{LEFT-TO-RIGHT ISOLATE}").replace(END, "\N{POP DIRECTIONAL ISOLATE}")

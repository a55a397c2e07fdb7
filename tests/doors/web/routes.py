"""Every address of the pages, with its parts filled in: for what has to hold on each of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import product
from urllib.parse import quote

from comity.doors.web.page import Page
from comity.doors.web.screens import PAGES
from comity.doors.web.twins import ENDINGS

_PART = re.compile(r"\{([a-z]+)(?::path)?\}")
#: What can stand for a part of a path, beside the object ids that the caller gives: whoever adds a part, adds it here.
PARTS: dict[str, Callable[[], Iterable[str]]] = {
    "list": lambda: ("none",),
    "handover": lambda: ("none",),
    "index": lambda: ("0", "1", "999999"),
    "ref": lambda: ("test@1", "test", "absent@1"),
    "party": lambda: ("KZ", "SCO-CENTRE", "XX"),
    "accession": lambda: ("acc_0123456789ab",),
    "request": lambda: ("apr_0123456789ab",),
    "item": lambda: ("indicator--00000000-0000-4000-8000-000000000000",),
    "ticket": lambda: ("rdr_0123456789ab",),
    "n": lambda: ("0",),
    "draft": lambda: ("0123456789ab",),
    "job": lambda: ("0123456789abcdef",),
}


def paths(page: Page, ids: Iterable[str], parts: Mapping[str, Iterable[str]] | None = None) -> list[str]:
    """The addresses of a page, `ids` (objects held, hidden or absent) and `parts`, or else `PARTS`, standing for its parts."""
    names, given = _PART.findall(page.path), {**(parts or {}), "id": ids}
    chosen = [list(given[name] if name in given else PARTS[name]()) for name in names]
    found = []
    for parts in product(*chosen):
        filled = page.path
        for part in parts:
            filled = _PART.sub(lambda _, part=part: quote(part, safe=""), filled, count=1)  # type: ignore[misc]
        found.append(filled)
    return found


def addresses(ids: Iterable[str], *, twins: bool = True) -> list[str]:
    """Every page of the site with its twins."""
    ids, found = list(ids), []
    for page in PAGES:
        for path in paths(page, ids):
            endings = (ENDINGS if page.rows else ("json",)) if twins else ()
            found += [path, *(f"{'/index' if path == '/' else path}.{ending}" for ending in endings)]
    return found

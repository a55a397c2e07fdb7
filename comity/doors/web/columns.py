"""Columns of a table: which are shown, and how it is sorted. Both are in the address (`columns=`, `sort=`), so a link keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request

from comity.doors.web.query import one_of
from comity.doors.web.render import language


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column: its key, and the catalogue's key of its heading.

    `sorts` if the screen can sort by it, `number` for figures, `lone` for the cell that names the row (always shown), `extra` for a column
    that is shown only when it is asked for, `fixed` for one that is always there and is not asked about.
    """

    key: str
    label: str
    sorts: bool = False
    number: bool = False
    lone: bool = False
    extra: bool = False
    fixed: bool = False


def sorting(request: Request, columns: Sequence[Column], default: str = "") -> str:
    """What to sort by: a column's key, with `-` before it for descending; `default` where the address says nothing.

    Raises SenderFault for anything else.
    """
    asked = request.query_params.get("sort", "")
    known = [column.key for column in columns if column.sorts]
    return one_of(language(request), "sort", asked, (*known, *(f"-{key}" for key in known))) if asked else default


def of(request: Request, columns: Sequence[Column], default: str = "") -> list[dict[str, Any]]:
    """The columns as the component `table` draws them; `sorted` is as `aria-sort` has it, `href` sorts by a column."""
    asked = set(request.query_params.getlist("columns"))
    sort = sorting(request, columns, default)
    kept = [(key, text) for key, text in request.query_params.multi_items() if key not in ("sort", "before", "at", "lang", "theme")]
    found = []
    for column in columns:
        by = sort.removeprefix("-") == column.key
        turned = f"-{column.key}" if by and not sort.startswith("-") else column.key
        found.append(
            {
                "key": column.key,
                "label": column.label,
                "number": column.number,
                "lone": column.lone,
                "fixed": column.fixed,
                "shown": column.lone or column.fixed or (column.key in asked if asked else not column.extra),
                "sorted": ("descending" if sort.startswith("-") else "ascending") if by else "",
                "href": "?" + urlencode([*kept, ("sort", turned)]) if column.sorts else "",
            }
        )
    return found

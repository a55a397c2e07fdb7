"""Cells of tables for people: no spreadsheet computes what others said (CSV injection, OWASP)."""

from __future__ import annotations

import unicodedata

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
#: Characters before a sign that may not be seen, and may be dropped.
_LOOKED = 8


def neutral(cell: str) -> str:
    """A cell that is shown as it is: with `'` before it if it begins as a formula, in signs of any width, or with `'`."""
    if cell.startswith(_FORMULA) or (cell and not cell[0].isalnum() and not cell[0].isascii() and _hides(cell)):
        return "'" + cell
    return cell


def plain(cell: str) -> str:
    """The inverse of `neutral`."""
    return cell[1:] if cell.startswith("'") else cell


def _hides(cell: str) -> bool:
    """Whether a formula begins behind characters that are not seen, or with signs of East Asian width."""
    seen = "".join(each for each in cell[:_LOOKED] if unicodedata.category(each) not in ("Cf", "Zs"))
    return unicodedata.normalize("NFKC", seen[:1]).startswith(_FORMULA)

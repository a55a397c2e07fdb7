"""The pseudo-locale: a text that reads as English, is 40 % longer, and cannot be mistaken for one that is not in the catalogue."""

from __future__ import annotations

import math
import re

_ACCENTED = str.maketrans("AEIOUYaeiouycnsz", "ÅÊÎÖÛÝåéîöûýçñšž")
_FIELD = re.compile(r"(\{[^{}]*\})")
#: How much longer texts get: Russian and German need that much beside English.
_LONGER = 0.4


def stretched(text: str) -> str:
    """A text with accents, in brackets and longer by 40 %, its `{fields}` as they are."""
    accented = "".join(part if _FIELD.fullmatch(part) else part.translate(_ACCENTED) for part in _FIELD.split(text))
    more = max(0, math.ceil(len(text) * _LONGER) - 2)
    return f"[{accented}{'~' * more}]"

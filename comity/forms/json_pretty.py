"""JSON over several lines, as exports and editors write it, read line by line: every URL, address, hash and e-mail address.

Under which key a line stands, other lines say; so bare names are left out, most of which are no hosts there. What JSON escapes in a text is
read as it is meant.
"""

from __future__ import annotations

import re

import msgspec

from comity.forms.candidates import Candidate
from comity.forms.textlogs import TextReader

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')


class PrettyReader:
    """Reads single lines of a JSON document."""

    def __init__(self) -> None:
        self._text = TextReader(bare=False)

    def candidates(self, line: bytes) -> list[Candidate]:
        """The candidates of one line."""
        found = self._text.candidates(line)
        if b"\\" in line:
            for token in _STRING.findall(line):
                if b"\\" in token:
                    found += self._text.candidates(_meant(token))
        return found


def _meant(token: bytes) -> bytes:
    """A text in JSON without its quotes and escapes; empty where it is none."""
    try:
        return msgspec.json.decode(token, type=str).encode("utf-8", "replace")
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return b""

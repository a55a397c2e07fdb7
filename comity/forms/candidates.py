"""What a log line offers for matching: pieces of text, the field each stands in, and the role that field gives it.

A reader turns one physical line into candidates; it keeps what the format needs to remember between lines (a header), and
never refuses a line: what cannot be read as the format says is read as free text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

#: A host name or an address, with or without a port.
HOST = "host"
#: An address only; a name in this place means nothing.
ADDRESS = "address"
#: A whole URL: looked up as it is, and its host as a host.
URL = "url"
#: A file hash in hexadecimal.
HASH = "hash"
#: An e-mail address, perhaps with a display name and angle brackets. Its domain alone is not a candidate.
EMAIL = "email"

#: What a field of free text is, before a reader takes it apart; no candidate has this role.
TEXT = "text"

ROLES = (HOST, ADDRESS, URL, HASH, EMAIL)

#: (field, role, text)
Candidate = tuple[str, str, str]


class Reader(Protocol):
    """One log format: a line in, its candidates out, in the order of the line."""

    def candidates(self, line: bytes) -> list[Candidate]:
        """The candidates of one physical line (without its line end)."""
        ...


#: What a reader knows of the headers before a line, to be compared and handed to another reader of the format.
State = tuple[Any, ...] | None


@runtime_checkable
class Remembers(Protocol):
    """A reader whose lines are read by the headers before them."""

    state: State


@runtime_checkable
class Records(Protocol):
    """A reader whose lines have named fields besides those that are candidates."""

    def record(self, line: bytes) -> Mapping[str, Any]:
        """The fields of one line, read before by `candidates`; none where it is no record."""
        ...


def text_of(line: bytes) -> str:
    """A line as text; bytes that are not UTF-8 become U+FFFD, which no indicator contains."""
    return line.decode("utf-8", "replace")


def looks_like_address(text: str) -> bool:
    """Whether a whole value may be an IP address, cheaply; the index decides."""
    if text[:1] in "0123456789":
        return "." in text or ":" in text
    return text[:1] in "abcdefABCDEF:" and text.count(":") > 1

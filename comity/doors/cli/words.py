"""Domain words given on the command line."""

from __future__ import annotations

from comity.errors import SenderFault
from comity.terms import tlp


def tlp_level(text: str) -> str:
    """A TLP level. Raises SenderFault."""
    try:
        return tlp.level(text)
    except ValueError as error:
        raise SenderFault(str(error)) from None


def listed(text: str) -> tuple[str, ...]:
    """The parts of a comma list."""
    return tuple(part.strip() for part in text.split(",") if part.strip())

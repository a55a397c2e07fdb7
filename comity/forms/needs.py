"""What a reader has to know of what a later release wrote: parcels, answers, bundles and identities say so themselves (`needs`).

Fields that a reader does not know it passes over; signatures are over the bytes as they came. Whatever must not be passed over has a name,
which whoever writes it puts into `needs`; a release that does not know the name takes nothing in, and loses nothing: it comes again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from comity.errors import SenderFault

#: The names that this release knows: there are none so far.
KNOWN: frozenset[str] = frozenset()


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What is read of a text before the rest of it."""

    version: int
    needs: tuple[str, ...] = ()


def check(what: str, version: int, needs: Iterable[str]) -> None:
    """Raises SenderFault for a version other than 1, and for needs that this release does not know; `what` it is, in words."""
    strange = [f"version {version}"] if version != 1 else sorted(map(repr, set(needs) - KNOWN))
    if strange:
        raise SenderFault(
            f"{what} was made by a later release, and needs its reader to know {', '.join(strange)[:200]}",
            next="update this node, or have the other node write with the release that this one has",
        )


def contains(said: Any, known: Any) -> bool:
    """Whether JSON says what is known of it, to the letter, and perhaps more: further fields, anywhere."""
    if isinstance(known, dict):
        return isinstance(said, dict) and all(key in said and contains(said[key], value) for key, value in known.items())
    if isinstance(known, list):
        return isinstance(said, list) and len(said) == len(known) and all(map(contains, said, known))
    return bool(said == known)

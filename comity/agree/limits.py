"""Limits that an agreement declares beside its clauses: how far a role may share, and how often a party may ask privately."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from comity.terms import tlp

#: What private matching may ask about: values too many to be tried one by one, and of no person (product.md, private matching; G6).
KINDS = ("domain-name", "file", "url", "x509-certificate")


class Cap(msgspec.Struct, frozen=True, kw_only=True):
    """A person of this role shares items up to this TLP on its own; what is stricter takes somebody of another role."""

    role: str
    tlp_max: str
    line: int = 0


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """A party may ask for so many values of these kinds per period (ISO 8601 duration)."""

    number: int
    per: str
    kinds: tuple[str, ...]
    line: int = 0


def over_cap(role: str, level: str, caps: Iterable[tuple[str, Cap]]) -> tuple[str, str] | None:
    """(agreement, its ceiling) of the strictest of some agreements' caps that keeps this role from sharing at this TLP; None if none does.

    An agreement without a cap for the role leaves the role free: a cap is said, never guessed.
    """
    met = [(tlp.RANK[cap.tlp_max], ref, cap.tlp_max) for ref, cap in caps if cap.role == role and not tlp.within(level, cap.tlp_max)]
    if not met:
        return None
    _, ref, ceiling = min(met)
    return ref, ceiling

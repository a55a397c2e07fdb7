"""The Permissible Actions Protocol (MISP taxonomy `PAP`): what a recipient may *do*, where TLP says whom it may tell."""

from __future__ import annotations

#: From the widest to the strictest: no limit, active measures allowed, passive look-ups only, offline use only.
LEVELS = ("clear", "green", "amber", "red")
RANK = {level: rank for rank, level in enumerate(LEVELS)}


def within(subject: str | None, ceiling: str) -> bool:
    """Whether a level is at most the ceiling. An item that says nothing about PAP limits no action, so it is within any."""
    return subject is None or RANK[subject] <= RANK[ceiling]

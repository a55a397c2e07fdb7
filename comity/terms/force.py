"""Whether an indicator is in force by its own words (STIX 2.1 section 4.7): from `valid_from` to before `valid_until`, and not revoked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from comity.terms.stix import version_moment


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """An indicator's value that is not used, and why; without a value its name."""

    id: str
    value: str
    why: str


def not_in_force(obj: Mapping[str, Any], now: datetime) -> str:
    """Why an indicator is not in force; "" if it is."""
    if obj.get("revoked") is True:
        return "revoked"
    since, until = obj.get("valid_from"), obj.get("valid_until")
    if isinstance(until, str) and version_moment(until) <= now:
        return "expired"
    return "not yet valid" if isinstance(since, str) and version_moment(since) > now else ""


def changes_of_force(obj: Mapping[str, Any], now: datetime) -> Iterator[datetime]:
    """The moments from now on at which `not_in_force` says something else of an indicator that is not revoked."""
    for name in ("valid_from", "valid_until"):
        if isinstance(obj.get(name), str) and (moment := version_moment(obj[name])) > now:
            yield moment

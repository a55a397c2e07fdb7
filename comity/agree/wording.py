"""How lists, moments and the names of things are written for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime


def words(names: Iterable[str]) -> str:
    """`a, b`, or `none`."""
    return ", ".join(names) or "none"


def day(moment: datetime) -> str:
    """`2021-09-17` for a midnight (UTC), else the whole moment."""
    text = moment.isoformat().replace("+00:00", "Z")
    return text.removesuffix("T00:00:00Z")


def moment(at: datetime) -> str:
    """`2021-09-17` for a midnight (UTC), else to the second, as people write it: `2021-09-17 13:27:05 UTC`. `at` is in UTC."""
    return day(at) if at == at.replace(hour=0, minute=0, second=0, microsecond=0) else f"{at:%Y-%m-%d %H:%M:%S} UTC"


def plural(name: str) -> str:
    """The plural of a STIX type or standing."""
    if name in ("malware", "infrastructure", "observed-data", "malware-analysis", "software"):
        return name
    if name == "course-of-action":
        return "courses-of-action"
    if name.endswith("y") and name[-2:] not in ("ay", "ey", "oy"):
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x")) else f"{name}s"


def listed(names: Iterable[str], most: int = 6) -> str:
    """`UZ, IN and IR`; beyond `most`, how many more; `nobody` for none."""
    found = list(names)
    return joined(found) if len(found) <= most else ", ".join(found[:most]) + f" and {len(found) - most} more"


def joined(parts: Sequence[str]) -> str:
    """All of them: `UZ, IN and IR`; `nobody` for none."""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1] if parts else "nobody"

"""A schematic map: the node in the middle, parties around it on rings by standing. It says nothing of where anybody lies."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

#: Standings from the innermost ring outward; all others, and none, share the last.
RINGS = (("member",), ("observer",))
#: Room between two rings, and for one party on its ring; the radius of a party.
_APART, _ROOM, _ROUND = 105.0, 62.0, 20.0
#: Places beside the even one that are tried, and how far beside a way another party stands well: clear of both lines at their thickest.
_STEPS, _CLEAR = 40, 36.0


def placed(standings: Mapping[str, str | None]) -> tuple[list[dict[str, Any]], float]:
    """Party -> standing as points (`party`, `ring`, `x`, `y` from the middle), and how far the picture reaches from it."""
    rings: list[list[str]] = [[] for _ in range(len(RINGS) + 1)]
    for party in sorted(standings):
        rings[next((n for n, names in enumerate(RINGS) if standings[party] in names), len(RINGS))].append(party)
    points: list[dict[str, Any]] = []
    radius = 40.0
    for ring, parties in enumerate(each for each in rings if each):
        radius = max(radius + _APART, len(parties) * _ROOM / math.tau)
        inner, room = list(points), max(0.0, math.tau / len(parties) - 2.2 * _ROUND / radius) / 2
        for n, party in enumerate(parties):
            angle = _angle(math.tau * (n + 0.5 * (ring % 2)) / len(parties) - math.tau / 4, room, inner)
            points.append({"party": party, "ring": ring, "x": round(radius * math.cos(angle), 1), "y": round(radius * math.sin(angle), 1)})
    return points, round(radius + 2 * _ROUND, 1)


def _angle(even: float, room: float, inner: list[dict[str, Any]]) -> float:
    """The angle of a party: where it would stand evenly, or so far beside, at most `room`, that its line passes between inner parties."""
    ways = sorted((room * step / _STEPS for step in range(-_STEPS, _STEPS + 1)), key=abs)
    return even + max(ways, key=lambda way: min((min(_beside(each, even + way), _CLEAR) for each in inner), default=0.0))


def _beside(point: Mapping[str, Any], ray: float) -> float:
    """How far a point lies beside a ray from the middle; beyond reach if it lies behind."""
    along = point["x"] * math.cos(ray) + point["y"] * math.sin(ray)
    return abs(point["y"] * math.cos(ray) - point["x"] * math.sin(ray)) if along > 0 else math.inf


def line(point: Mapping[str, Any], way: str) -> dict[str, float]:
    """From the middle's edge to a party's: what goes out runs beside what comes in, to its left as seen from the middle."""
    length = math.hypot(point["x"], point["y"]) or 1.0
    ux, uy = point["x"] / length, point["y"] / length
    aside = 6.0 if way == "out" else -6.0
    near, far = 44.0, length - _ROUND - 4
    return {
        "x1": round(ux * near - uy * aside, 1), "y1": round(uy * near + ux * aside, 1),
        "x2": round(ux * far - uy * aside, 1), "y2": round(uy * far + ux * aside, 1),
    }  # fmt: skip


def width(per_day: float, most: float) -> float:
    """How thick a line is: its area, not its width alone, would mislead, so it grows by the root. 1.5 to 10."""
    return round(1.5 + 8.5 * math.sqrt(per_day / most), 2) if most else 1.5

"""ATT&CK: how many of the objects in view stand around each technique, as a heat map, as a table and as a layer of the Navigator."""

from __future__ import annotations

from typing import Any

import msgspec

from comity.doors.web.page import File, Given, Page, Visit
from comity.release.techniques import Atlas, Technique

#: The tactics in the order of an attack; those of mobile and ICS matrices stand where they belong among them. Others follow by name.
TACTICS = (
    "reconnaissance", "resource-development", "initial-access", "execution", "persistence", "privilege-escalation", "stealth",
    "defense-evasion", "defense-impairment", "evasion", "credential-access", "discovery", "lateral-movement", "collection",
    "command-and-control", "exfiltration", "network-effects", "remote-service-effects", "inhibit-response-function",
    "impair-process-control", "impact",
)  # fmt: skip
#: Techniques on one page of the table.
SIZE = 150
#: Shades of a cell beside the empty one; the count stands in it besides.
SHADES = 4
#: The Navigator's own format (version 4.5) and the least version of it that reads that.
LAYER, NAVIGATOR = "4.5", "5.0.0"


def build(visit: Visit) -> dict[str, Any]:
    """`techniques` with their counts, `tactics` with the ids in each, `gaps`: the ids around which nothing stands."""
    found = visit.atlases.of(visit.desk, visit.reader)
    visit.one_of("view", ("table",))
    type_, domain = visit.text("type"), _domain(visit, found)
    chosen = [each for each in found.techniques if each.domain == domain]
    rows = [_row(each, type_) for each in chosen]
    most = max((row["count"] for row in rows), default=0)
    for row in rows:
        row["shade"] = _shade(row["count"], most)
    return {
        "version": found.version,
        "bounded": found.more,
        "domain": domain,
        "domains": sorted({each.domain for each in found.techniques}),
        "type": type_,
        "types": _types(chosen),
        "show": "all" if visit.one_of("show", ("all", "seen")) == "all" or not most else "seen",
        "most": most,
        "start": visit.number("from") or 0,
        "size": SIZE,
        "techniques": rows,
        "tactics": _tactics(rows),
        "gaps": [row["id"] for row in rows if not row["count"]],
    }


def _domain(visit: Visit, found: Atlas) -> str:
    """The matrix that is asked for, else the one with the most techniques in view."""
    held = [each.domain for each in found.techniques]
    return visit.one_of("domain", sorted(set(held))) or max(sorted(set(held)), key=held.count, default="enterprise-attack")


def _row(each: Technique, type_: str | None) -> dict[str, Any]:
    count = each.by_type.get(type_, 0) if type_ else each.count
    return {
        "id": each.id, "name": each.name, "tactics": list(each.tactics), "count": count, "more": each.more and count > 0,
        "by_type": each.by_type, "patterns": list(each.patterns), "shade": 0,
    }  # fmt: skip


def _shade(count: int, most: int) -> int:
    """From 1 (few) to `SHADES` (the most), 0 for none."""
    return 0 if not count else max(1, -(-count * SHADES // most))


def _types(chosen: list[Technique]) -> dict[str, int]:
    """Type -> in how many techniques' counts it is."""
    found: dict[str, int] = {}
    for each in chosen:
        for type_ in each.by_type:
            found[type_] = found.get(type_, 0) + 1
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def _tactics(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The columns: each tactic with the ids of its techniques, in order; techniques without one stand in the last, which has no name."""
    names = {name for row in rows for name in row["tactics"]}
    order = [name for name in TACTICS if name in names] + sorted(names - set(TACTICS))
    found = [{"name": name, "ids": [row["id"] for row in rows if name in row["tactics"]]} for name in order]
    rest = [row["id"] for row in rows if not row["tactics"]]
    return found + ([{"name": "", "ids": rest}] if rest else [])


def layer(visit: Visit) -> Given:
    """What the page shows, for the Navigator."""
    data = build(visit)
    told = {
        "name": f"{visit.user.party} {visit.world.clock():%Y-%m-%d}",
        "versions": {"navigator": NAVIGATOR, "layer": LAYER},
        "domain": data["domain"],
        "description": f"{data['version'] or 'ATT&CK, version not stated'}; counts of objects that {visit.user.party} sees",
        "sorting": 3,
        "hideDisabled": False,
        "techniques": [
            {"techniqueID": row["id"], "tactic": tactic, "score": row["count"], "enabled": True, "comment": _comment(row)}
            for row in data["techniques"]
            for tactic in row["tactics"]
        ],
        "gradient": {"colors": ["#ffffff", "#0b5d63"], "minValue": 0, "maxValue": max(1, data["most"])},
    }
    body = msgspec.json.format(msgspec.json.encode(told), indent=1)
    return Given(name="attack-layer.json", media="application/json", body=body)


def _comment(row: dict[str, Any]) -> str:
    return ", ".join(f"{type_}: {count}" for type_, count in row["by_type"].items())


PAGES = (Page(path="/attack", template="screens/attack.html", build=build, rows="techniques", nav="attack"),)
FILES = (File(path="/attack/layer.json", give=layer),)

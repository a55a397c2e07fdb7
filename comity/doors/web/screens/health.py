"""How the node is: its store, its log's head, its links, what waits; and a bundle for whoever helps, which names nobody."""

from __future__ import annotations

import platform
import sqlite3
from datetime import timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec

from comity.admin import publishing, upkeep
from comity.admin.health import Health, health
from comity.admin.warninglists import index_path
from comity.clock import micros
from comity.doors.gating import LOOKING
from comity.doors.redressing import READING
from comity.doors.web.page import File, Given, Page, Visit
from comity.doors.web.screens import gate, redress
from comity.doors.web.show import stamped
from comity.errors import OperatorFault
from comity.intake import purge
from comity.match.history import days
from comity.peer import restoring, unconfirmed
from comity.peer.standing import COUNTED, Standing, standings
from comity.release.approvals import standing

#: Packages whose versions matter to whoever helps.
_PACKAGES = ("starlette", "uvicorn", "msgspec", "jinja2", "cryptography", "numpy", "numba", "duckdb")

#: How old the last backup may be.
BACKED_UP = timedelta(days=7)
#: What is told of a link to whoever helps.
_OF_A_LINK = ("kind", "pulls", "pushes", "tried", "good", "waiting", "failures")


def build(visit: Visit) -> dict[str, Any]:
    """`checks` with their state (good, warn, bad, unknown), and `links`."""
    now, links = health(visit.world), standings(visit.desk)
    return {"version": now.version, "checks": _checks(visit, now, links), "links": [_link(each) for each in links], "counted": COUNTED}


def _check(name: str, state: str, note: str, **more: Any) -> dict[str, Any]:
    """One line: `note` is what is said (`ops.note.…`), with a number, bytes, a moment (RFC 3339), words of the program, or a command."""
    return {
        "name": name,
        "state": state,
        "note": note,
        "number": None,
        "bytes": None,
        "at": None,
        "detail": "",
        "command": "",
        "href": "",
        **more,
    }


def _checks(visit: Visit, now: Health, links: list[Standing]) -> list[dict[str, Any]]:
    failing = sum(not each.good for each in links)
    waiting = len(standing(visit.desk, None, "requested"))
    return [
        _check("store", "good", "store", bytes=now.used, number=now.taken),
        _check("disk", "unknown", "nowhere") if now.left is None else _check("disk", "bad" if now.full else "good", "left", bytes=now.left),
        _check("log", "bad", "broken", detail=now.problem) if now.problem else _check("log", "good", "entries", number=now.size),
        _check("checkpoint", "good", "signed", at=stamped(micros(now.logged))) if now.logged else _check("checkpoint", "unknown", "empty"),
        _witnesses(visit),
        _check("links", "bad", "failing", number=failing)
        if failing
        else _check("links", "good", "links" if links else "alone", number=len(links)),
        _unheard(visit),
        _unconfirmed(visit),
        _check("approvals", "warn", "waiting", number=waiting) if waiting else _check("approvals", "good", "none"),
        _warninglists(),
        _history(visit),
        _table(visit),
        _check("people", "good", "people", number=sum(now.people.values())),
        _check("integrity", "unknown", "unchecked", command="comity fsck"),
        _retention(visit),
        _gate(visit),
        _redress(visit),
        _backup(visit),
    ]


def _witnesses(visit: Visit) -> dict[str, Any]:
    shown = publishing.witnessed(visit.world)
    note = "witnessed" if shown.enough else "one_witness" if shown.independent else "unwitnessed"
    return _check("witnesses", "good" if shown.enough else "warn", note, number=shown.independent if shown.enough else None)


def _unheard(visit: Visit) -> dict[str, Any]:
    """What waits for other nodes since this one was restored from a backup."""
    count = len(restoring.unheard(visit.world))
    return _check("unheard", "warn", "unheard", number=count, command="comity doctor") if count else _check("unheard", "good", "none")


def _unconfirmed(visit: Visit) -> dict[str, Any]:
    """How many parties had not confirmed something when it was looked for last."""
    found = unconfirmed.last(visit.world)
    if found is None:
        return _check("unconfirmed", "unknown", "unlooked", command="comity peer unconfirmed")
    at = stamped(micros(found.at))
    if found.passed:
        return _check("unconfirmed", "bad", "passed", number=found.passed, at=at, command="comity peer unconfirmed")
    return _check("unconfirmed", "good", "unconfirmed" if found.parties else "none", number=found.parties or None, at=at)


def _warninglists() -> dict[str, Any]:
    try:
        return _check("warninglists", "good", "built" if index_path().exists() else "unbuilt")
    except OperatorFault:
        return _check("warninglists", "warn", "missing")


def _history(visit: Visit) -> dict[str, Any]:
    chosen = visit.world.settings.history
    if not chosen.keep:
        return _check("history", "unknown", "unkept")
    return _check("history", "good", "kept", number=len(days(Path(chosen.folder))))


def _table(visit: Visit) -> dict[str, Any]:
    """The table that logs are matched with: how large it is, and since when it is kept."""
    kept = upkeep.kept_table(visit.world)
    if kept is None:
        return _check("table", "unknown", "uncompiled", command="comity match LOG")
    return _check("table", "good", "compiled", number=kept.count, bytes=kept.bytes, at=stamped(micros(kept.at)))


def _backup(visit: Visit) -> dict[str, Any]:
    """The last backup, and whether it is too old to count on."""
    made = upkeep.last_backup(visit.world)
    if made is None:
        return _check("backup", "unknown", "unrecorded", command="comity backup FILE")
    old = visit.world.clock() - made.at > BACKED_UP
    note = "backup_old" if old else "backed_up" if made.keys else "backed_up_bare"
    return _check("backup", "warn" if old else "good", note, bytes=made.bytes, at=stamped(micros(made.at)))


def _gate(visit: Visit) -> dict[str, Any]:
    """How much of the person's own party's business waits for a review."""
    found = gate.waits(visit)
    if not found["count"]:
        return _check("gate", "good", "none")
    note = "waiting_more" if found["more"] else "waiting"
    return _check("gate", "warn", note, number=found["count"], href="/gate" if visit.user.role in LOOKING else "")


def _redress(visit: Visit) -> dict[str, Any]:
    found, href = redress.waits(visit), "/redress" if visit.user.role in READING else ""
    if late := found["late"]:
        return _check("redress", "bad", "late", number=late, href=href)
    return _check("redress", "warn", "waiting", number=found["count"], href=href) if found["count"] else _check("redress", "good", "none")


def _retention(visit: Visit) -> dict[str, Any]:
    last = purge.last(visit.world)
    if last is None:
        return _check("retention", "unknown", "unpurged", command="comity purge")
    if last.overdue:
        return _check("retention", "bad", "overdue", number=last.overdue, command="comity purge")
    return _check("retention", "good", "purged", at=stamped(micros(last.at)))


def _link(each: Standing) -> dict[str, Any]:
    tried = stamped(micros(each.tried)) if each.tried else None
    return {**msgspec.structs.asdict(each), "tried": tried}


def support(visit: Visit) -> Given:
    """What somebody who helps needs to know: states, numbers and versions; no name, party, address, value, result text or key."""
    data, settings = build(visit), visit.world.settings
    told = {
        "comity": data["version"],
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "sqlite": sqlite3.sqlite_version,
        "packages": {name: _version(name) for name in _PACKAGES},
        "checks": [{key: value for key, value in each.items() if key not in ("detail", "command", "href")} for each in data["checks"]],
        "links": [{key: each[key] for key in _OF_A_LINK} for each in data["links"]],
        "people": health(visit.world).people,
        "settings": {
            "limits": msgspec.to_builtins(settings.limits),
            "sightings": msgspec.to_builtins(settings.sightings),
            "history": {"keep": settings.history.keep, "days": settings.history.days},
        },
    }
    return Given(name="comity-support.json", media="application/json", body=msgspec.json.format(msgspec.json.encode(told), indent=2))


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


PAGES = (Page(path="/ops", template="screens/health.html", build=build, rows="checks", nav="ops", own=True),)
FILES = (File(path="/ops/support.json", give=support, own=True),)

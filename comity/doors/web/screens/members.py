"""The register: who has which standing in which body, over time, by whose word, and where sources differ; what else is held of a party."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

import msgspec

from comity.admin import users
from comity.agree.accession import FINAL
from comity.agree.accord import current
from comity.clock import parse
from comity.doors.web import articles
from comity.doors.web.articles import moment
from comity.doors.web.lanes import axis, lanes
from comity.doors.web.page import Page, Visit
from comity.errors import NotFound
from comity.forms.sealing_key import is_sealing
from comity.ledger.keys import read_verifier
from comity.release import accessions, account
from comity.terms.contact import FIELDS, key_name
from comity.terms.party import Register, Standing
from comity.terms.registry import Dispute

#: Roles of the node's own people who see everybody that may sign in here; others see the people of their own party.
_OVERSEERS = ("administrator", "auditor")


def build(visit: Visit) -> dict[str, Any]:
    """Every party that the register names, with its standing at a moment (`on`, by default now) and its claims over time."""
    on, wrong = asked_moment(visit)
    readable = account.claims(visit.desk, visit.user.party)
    bodies = sorted({each.body for each in readable})
    body = visit.one_of("body", bodies)
    claims = [each for each in readable if body in (None, each.body)]
    register, now = register_of(visit), visit.world.clock()
    over = axis(claims, on or now)
    keys = keys_of(visit)
    disputes = [each for each in account.disputes(visit.desk, visit.user.party) if body is None or each.body in ("", body)]
    found = [
        {**_member(register, list(own), on or now, over, disputes), "keys": len(keys.get(party, []))}
        for (_, party), own in groupby(claims, key=lambda each: (each.body, each.party))
    ]
    return {
        "on": moment(on),
        "wrong": wrong,
        "view": visit.one_of("view", ("table", "lanes")) or "lanes",
        "body": body,
        "bodies": bodies,
        "axis": {"marks": over.marks(), "now": over.at(now), "on": over.at(on) if on else None},
        "days": {"first": over.since.date().isoformat(), "last": (over.until - over.since).days - 1, "at": ((on or now) - over.since).days},
        "members": found,
        "counted": _counted(found),
        "claims": [claim(register, each) for each in claims],
        "disputes": [dispute(each) for each in disputes],
        "accessions": sum(each.stage not in FINAL for each in accessions.accessions(visit.desk, visit.user.party, body)),
    }


def _counted(found: list[dict[str, Any]]) -> dict[str, list[tuple[str, int]]]:
    """Body -> how many parties have each status, the most first."""
    counts: dict[str, Counter[str]] = {}
    for each in found:
        if each["status"]:
            counts.setdefault(each["body"], Counter())[each["status"]] += 1
    return {body: own.most_common() for body, own in counts.items()}


def dispute(each: Dispute) -> dict[str, Any]:
    """What sources say that differ, and what the register goes by."""
    positions = [{"source": one.source, "says": one.says} for one in each.positions]
    return {"about": each.about, "body": each.body, "parties": list(each.parties), "positions": positions, "held": each.held}


def _member(register: Register, claims: list[Standing], at: datetime, over: Any, disputes: list[Dispute]) -> dict[str, Any]:
    party, body = claims[0].party, claims[0].body
    standing = register.standing(party, body, at)
    counting = [each for each in claims if each.holds(at) and each.standing == standing and not each.status_only]
    return {
        "party": party,
        "body": body,
        "name": next((each.name for each in reversed(claims) if each.name), ""),
        "standing": standing,
        "status": register.status(party, body, at),
        "since": moment(max((each.since for each in counting), default=None)),
        "conflict": bool(register.conflicts(party, body)) or any(party in each.parties and each.body in ("", body) for each in disputes),
        "lanes": lanes(claims, register, over),
    }


def claim(register: Register, one: Standing) -> dict[str, Any]:
    """One claim of the register; `conflict` if another says otherwise."""
    differs = any(one in pair for pair in register.conflicts(one.party, one.body))
    return {
        "party": one.party, "body": one.body, "standing": one.standing, "since": moment(one.since), "until": moment(one.until),
        "source": one.source, "name": one.name, "known": moment(one.known), "conflict": differs, "status_only": one.status_only,
        "confidence": one.confidence, "note": one.note,
    }  # fmt: skip


def build_one(visit: Visit) -> dict[str, Any]:
    """What is held of one party. Raises NotFound for one that the person's party may not know of, and for one that is not there."""
    party = visit.part("party")
    claims, agreements = _claims(visit, party), _agreements(visit, party)
    if not claims and not agreements:
        raise NotFound("there is no such party for you")
    register, now = register_of(visit), visit.world.clock()
    over = axis(claims, now)
    disputes = [each for each in account.disputes(visit.desk, visit.user.party) if party in each.parties]
    return {
        "party": party,
        "name": next((each.name for each in reversed(claims) if each.name), ""),
        "axis": {"marks": over.marks(), "now": over.at(now), "on": None},
        "standings": [_member(register, list(own), now, over, disputes) for _, own in groupby(claims, key=lambda each: each.body)],
        "claims": [claim(register, each) for each in claims],
        "disputes": [dispute(each) for each in disputes],
        "accessions": [msgspec.to_builtins(each) for each in accessions.accessions(visit.desk, visit.user.party) if each.party == party],
        "contact": _contact(visit, party),
        "sets_contact": sets_contact(visit, party),
        "keys": keys_of(visit).get(party, []),
        "agreements_of": agreements,
        "people": _people(visit, party),
    }


def _claims(visit: Visit, party: str) -> list[Standing]:
    return [each for each in account.claims(visit.desk, visit.user.party) if each.party == party]


def known_party(visit: Visit, party: str) -> bool:
    """Whether the person's party may know of a party, and there is one."""
    return bool(_claims(visit, party) or _agreements(visit, party))


def sets_contact(visit: Visit, party: str) -> bool:
    """Whether the person may write how a party is reached: an administrator, of the node's own party and, at a centre's, of others."""
    own, body = visit.world.settings.party, visit.world.settings.body
    _, rules = visit.world.rulebook.current()
    keeps = party == own or rules.custody(own, body, visit.at)
    return visit.own and visit.user.role == "administrator" and keeps


def _contact(visit: Visit, party: str) -> dict[str, str]:
    """How a party is reached: field -> text, in the order of RFC 2350; of a key what it is."""
    found = next((each for each in account.contacts(visit.desk, visit.user.party) if each.party == party), None)
    if found is None:
        return {}
    told = {name: getattr(found, name) for name in FIELDS} | {"key": key_name(found)}
    return {name: text for name, text in told.items() if text}


def _agreements(visit: Visit, party: str) -> list[dict[str, Any]]:
    """Where a party stands under each agreement that the viewer may read: the newest in force, and drafts."""
    texts = account.agreements(visit.desk, visit.user.party)
    newest = {each.ref for each in current(texts, visit.world.clock())}
    found = []
    for text in texts:
        if text.ref in newest or text.in_force is None:
            life = [articles.life(each) for each in account.statuses(visit.desk, visit.user.party, text) if each.party == party]
            found += [{"agreement": text.ref, "title": text.title, **each} for each in life]
    return found


def _people(visit: Visit, party: str) -> list[Mapping[str, str]] | None:
    """Who of a party may sign in here; None for those whose business that is not."""
    overseer = visit.user.party == visit.world.settings.party and visit.user.role in _OVERSEERS
    if party != visit.user.party and not overseer:
        return None
    return [{"name": each.name, "role": each.role} for each in users.users(visit.world) if each.party == party]


def keys_of(visit: Visit) -> dict[str, list[dict[str, str]]]:
    """Party -> the keys by which its signatures are known here, of parties that the viewer may know of."""
    known = {each.party for each in account.claims(visit.desk, visit.user.party)}
    found: dict[str, list[dict[str, str]]] = {}
    for party, text in visit.world.rulebook.party_keys():
        if is_sealing(text):
            continue
        if party in known or visit.user.party == visit.world.settings.party:
            verifier = read_verifier(text)
            found.setdefault(party, []).append({"id": verifier.key_id.hex(), "name": verifier.name, "key": text})
    return found


def register_of(visit: Visit) -> Register:
    """The register, as far as the viewer may read it."""
    return Register(account.claims(visit.desk, visit.user.party))


def asked_moment(visit: Visit) -> tuple[datetime | None, str]:
    """The moment that the address asks for (`on`), and what of it is no moment."""
    text = visit.text("on")
    if text is None:
        return None, ""
    try:
        return parse(text), ""
    except ValueError:
        return None, text


PAGES = (
    Page(path="/members", template="screens/members.html", build=build, rows="members", nav="members"),
    Page(path="/members/{party}", template="screens/member.html", build=build_one, rows="claims"),
)

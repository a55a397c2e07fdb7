"""Bodies, parties and their standing over time (model.md, Who)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from comity.errors import SenderFault

_PARTY = re.compile(r"[A-Z0-9-]{2,32}\Z")
_BODY = re.compile(r"[a-z0-9][a-z0-9-]{0,31}\Z")

#: The standings a party can have in a body, from which its rights follow.
STANDINGS = ("member", "observer", "dialogue-partner", "partner", "guest", "suspended", "withdrawn")
#: A political status that is no standing: a procedure adds no rights of its own.
ACCEDING = "acceding"
#: What a party without a standing has, in lists that say so.
NO_STANDING = "none"
#: Standings that end every right in a body.
ENDED = frozenset({"suspended", "withdrawn"})
#: Roles an agreement can give a party, and `producer`: whoever holds the item that a sighting is about.
ROLES = ("centre", "party", "producer")
#: Roles of persons, closed: what an agreement's [cap.XX] may name besides `TOOL`.
PEOPLE = ("analyst", "duty-officer", "point-of-contact", "agreement-officer", "auditor", "administrator")
#: The role of what is no person: programs, other nodes.
TOOL = "robot"
#: Who works at the node itself, as the log calls them.
ADMINISTRATOR = "administrator"


def party_code(text: str) -> str:
    """A party code as in the register (`KZ`, `IO-UN`), upper-cased. Raises SenderFault."""
    code = text.strip().upper()
    if not _PARTY.match(code):
        raise SenderFault(f"{text!r} is not a party code", next="use 2 to 32 of A-Z, 0-9 and '-', like KZ or IO-UN")
    return code


def body_slug(text: str) -> str:
    """A body's slug (`sco`), lower-cased. Raises SenderFault."""
    slug = text.strip().lower()
    if not _BODY.match(slug):
        raise SenderFault(f"{text!r} is not a body name", next="use up to 32 of a-z, 0-9 and '-', like sco")
    return slug


def standing_name(text: str) -> str:
    """A standing's name, with `_` read as `-`. Raises SenderFault for one outside `STANDINGS`."""
    name = text.strip().lower().replace("_", "-")
    if name not in STANDINGS:
        raise SenderFault(f"{text!r} is not a standing", next="one of " + ", ".join(STANDINGS))
    return name


def status_name(text: str) -> str:
    """A political status: a standing's name, or `acceding`. Raises SenderFault for any other."""
    return ACCEDING if text.strip().lower() == ACCEDING else standing_name(text)


def role_name(text: str) -> str:
    """The name of a person's role, with `_` read as `-`. Raises SenderFault for one outside `PEOPLE`."""
    name = text.strip().lower().replace("_", "-")
    if name not in PEOPLE:
        raise SenderFault(f"{text!r} is not a role of a person", next="one of " + ", ".join(PEOPLE))
    return name


#: A beginning before this says no more than "always", as `comity init` does of the node's own party.
DATED = datetime(1970, 1, 2, tzinfo=UTC)
#: How the source of a claim ends that only says that a notice has no effect: it disputes nothing.
TAKEN_BACK = " taken back"
_ALWAYS = datetime.min.replace(tzinfo=UTC)


class Standing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One party's standing in one body over the half-open interval [since, until).

    `known` is when this node learnt it (the second time axis). `source` says where the claim comes from, `confidence` how sure that is,
    `precision` how exactly its beginning is known, `note` what else was said. A `status_only` claim is about the status (`status_name`):
    no right follows from it, none is lost by it.
    """

    party: str
    body: str
    standing: str
    since: datetime
    until: datetime | None = None
    name: str = ""
    source: str = ""
    known: datetime | None = None
    status_only: bool = False
    confidence: str = ""
    precision: str = ""
    note: str = ""

    def holds(self, valid_at: datetime) -> bool:
        """Whether the standing is in effect at a moment."""
        return self.since <= valid_at and (self.until is None or valid_at < self.until)


class Register:
    """The membership register: which standing a party has in a body at a moment, as known at a moment."""

    def __init__(self, standings: Iterable[Standing] = ()) -> None:
        self.standings = tuple(standings)
        # Decisions ask for one party in one body at a time; the register as a whole may be long.
        self._held: dict[tuple[str, str], list[Standing]] = {}
        for standing in self.standings:
            self._held.setdefault((standing.party, standing.body), []).append(standing)

    def standing(self, party: str, body: str, valid_at: datetime, known_at: datetime | None = None) -> str | None:
        """The party's standing, None if it has none. Where claims overlap, the one that begins last wins, then the one learnt last.

        A claim without `known` was always known. Between equal claims the later one in the register wins.
        """
        found = self._last(party, body, valid_at, known_at, status_only=False)
        return found.standing if found else None

    def has(self, standing: str, body: str, party: str, valid_at: datetime) -> bool:
        """Whether a party has a standing in a body at a moment."""
        return self.standing(party, body, valid_at) == standing

    def status(self, party: str, body: str, valid_at: datetime, known_at: datetime | None = None) -> str | None:
        """The party's political status, None if it has none: its standing, or what a claim of status alone says that begins no
        earlier.

        Nothing is decided by it.
        """
        rights = self._last(party, body, valid_at, known_at, status_only=False)
        said = self._last(party, body, valid_at, known_at, status_only=True)
        if said is not None and (rights is None or rights.since <= said.since):
            return said.standing
        return rights.standing if rights else None

    def _last(self, party: str, body: str, valid_at: datetime, known_at: datetime | None, *, status_only: bool) -> Standing | None:
        found = [
            (s.since, s.known or _ALWAYS, at, s)
            for at, s in enumerate(self._held.get((party, body), ()))
            if s.status_only == status_only and s.holds(valid_at) and (known_at is None or s.known is None or s.known <= known_at)
        ]
        return max(found, key=lambda each: each[:3])[3] if found else None

    def conflicts(self, party: str, body: str) -> list[tuple[Standing, Standing]]:
        """Pairs of claims that cannot both be right: one standing with different dates that meet, or two standings from the same day.

        A standing that begins while an earlier one goes on takes its place: that is no conflict. Nor is a claim of status alone
        beside a standing, a beginning that says no more than "always", or one standing before and after a suspension.
        """
        held = self._held.get((party, body), [])
        ends = [each.since for each in held if each.standing in ENDED and not each.status_only and not each.source.endswith(TAKEN_BACK)]

        def over(one: Standing, other: Standing) -> bool:
            """Whether the party lost it in between: what it has since is another time, not another claim."""
            first, last = sorted((one.since, other.since))
            return any(first < end < last for end in ends)

        pairs = ((one, other) for at, one in enumerate(held) for other in held[at + 1 :])
        return [(one, other) for one, other in pairs if _differ(one, other) and not over(one, other)]

    def parties(self, body: str | None = None) -> list[str]:
        """Every party the register has ever named (in one body, or in any), sorted."""
        return sorted({s.party for s in self.standings if body is None or s.body == body})

    def names(self) -> dict[str, str]:
        """Party code -> the name last given for it."""
        return {s.party: s.name for s in self.standings if s.name}


def _differ(one: Standing, other: Standing) -> bool:
    if one.status_only != other.status_only or one.source.endswith(TAKEN_BACK) or other.source.endswith(TAKEN_BACK):
        return False
    if one.standing != other.standing:
        return one.since == other.since
    if min(one.since, other.since) < DATED:
        return False
    meet = (one.until is None or other.since <= one.until) and (other.until is None or one.since <= other.until)
    return meet and (one.since, one.until) != (other.since, other.until)

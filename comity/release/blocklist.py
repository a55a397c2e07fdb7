"""What of this node's indicators its own tools may block or look for: guardrail G8 (product.md), entry by entry.

    1. held      an indicator the node's own party may see for network defence; in force, real, not in quarantine, not revoked
    2. passing   TLP, PAP, confidence and score within what was chosen
    3. motive    no type or label about content, opinion or motive; no `anonymization`, `attribution` or `benign` (G7, G8)
    4. technical a word for what it does, its own or of what it indicates
    5. evidence  a reference to what it rests on: its own, what it is based on or indicates, a report it stands in, or a sighting
    6. value     of a simple pattern, and none that no list may hold (`forms.unblockable`) or that is known to be good
    7. one each  of several claims of a value the one with the best score stands for all

The producer is named by the item's origin; the expiry is the earlier of what the indicator and its envelope say, or `LIFE` after it came
where neither says one, so that no entry is without either. Protected names (top sites, media, VPN...) wait for a second approver, which no
command gives yet: they stay out. Nothing leaves to another party here, so there is no disclosure; the use is recorded as an access entry
that commits to what was used, before the list is given out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from comity.agree.guard import THREATS, refused
from comity.clock import from_micros
from comity.forms.blocklist import Entry
from comity.forms.unblockable import Unblockable
from comity.ledger.journal import MAX_OBJECTS
from comity.ledger.journal import Entry as LogEntry
from comity.release.desk import Desk
from comity.release.matchable import Held, held, reader
from comity.release.surroundings import About, facts, surroundings, words
from comity.terms import tlp
from comity.terms.decay import Facts, score
from comity.terms.force import Passed
from comity.terms.item import Envelope
from comity.terms.values import observables

#: How long after it came an indicator is listed that states no end.
LIFE = timedelta(days=90)
#: Words of the STIX vocabularies that say nothing of a technical effect, or say that there is none.
_OTHER_WORDS = """
anomalous-activity anonymization attack-pattern attribution benign campaign domain-registration firewall identity indicator
information-gathering intrusion-set mobile-tool network-capture observed-data routers-switches threat-actor threat-report tool undefined
unknown workstation
"""
#: What else labels and taxonomies call technical effects.
_LABEL_WORDS = """
brute-force bruteforce c2 c2-server cnc coinminer credential-theft cryptominer drive-by fraud infostealer intrusion
intrusion-attempts loader malicious malicious-code malware-distribution scanner scanning skimmer spoofing stealer
"""
TECHNICAL = frozenset((*THREATS, *_LABEL_WORDS.split())) - frozenset(_OTHER_WORDS.split())
#: Words that keep a value off every list whatever else is said of it.
NEVER = frozenset({"anonymization", "attribution", "benign"})
#: Motive and content in the words of taxonomies that `agree.guard` does not know; drug markets are evidence in a case only.
_CONTENT = re.compile(r"harmful-speech|abusive-content|fake-?news|drug|narcotic")
#: STIX types whose objects are technical: what an indicator of one indicates is a technical effect.
_EFFECTS = frozenset({"malware", "attack-pattern", "infrastructure", "tool"})
#: PAP levels under which nothing active may be done (a block is active).
_PASSIVE = frozenset({"red", "amber"})
#: MISP's categories of what attackers and malware do, as tags and as kept by `forms.misp`.
_MISP = re.compile(r"^(?:misp:category=\")?(?:network activity|payload delivery|payload installation|artifacts dropped)\"?$", re.IGNORECASE)
_CERTIFICATE = re.compile(r"\[x509-certificate:hashes\.'?SHA-?1'? = '([0-9a-fA-F]{40})'\]")


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Which indicators are wanted. `max_age` counts from when the producer last said it.

    `known_good` names the lists of harmless values that a (kind, value) is on.
    """

    unblockable: Unblockable
    min_confidence: int = 0
    min_score: int = 0
    max_age: timedelta | None = None
    tlp_max: str = "amber+strict"
    known_good: Callable[[str, str], Sequence[str]] | None = None


class Picked(msgspec.Struct, frozen=True, kw_only=True):
    """The entries, one per value, and what was passed over. `shas` are the hashes of the objects behind each entry, in their order."""

    entries: tuple[Entry, ...]
    shas: tuple[bytes, ...]
    passed: tuple[Passed, ...]


def pick(desk: Desk, choice: Choice) -> Picked:
    """Steps 1 to 7 over all this node holds."""
    now = desk.world.clock()
    best: dict[tuple[str, str], tuple[Entry, bytes]] = {}
    passed: list[Passed] = []
    for each in held(desk, surroundings(desk, reader(desk))):
        for found in _entries(each, choice, now):
            if isinstance(found, Passed):
                passed.append(found)
                continue
            # 7.
            other = best.get((found.kind, found.value))
            ranked = sorted([(found, each.row.sha), *([other] if other else [])], key=lambda one: (-one[0].score, one[0].origin, one[0].id))
            claims = found.also + (other[0].also + 1 if other else 0)
            best[found.kind, found.value] = (msgspec.structs.replace(ranked[0][0], also=claims), ranked[0][1])
    chosen = [best[key] for key in sorted(best)]
    return Picked(entries=tuple(entry for entry, _ in chosen), shas=tuple(sha for _, sha in chosen), passed=tuple(passed))


def record(desk: Desk, shas: Sequence[bytes], use: str) -> None:
    """Write down that the node's own party uses these objects, before it does."""
    at = desk.world.clock()
    with desk.world.store.write() as tx:
        for start in range(0, len(shas), MAX_OBJECTS):
            part = shas[start : start + MAX_OBJECTS]
            entry = LogEntry(kind="access", at=at, party=desk.world.settings.party, count=len(part), detail={"use": use})
            desk.world.journal.append(tx, entry, part)


def _entries(each: Held, choice: Choice, now: datetime) -> Iterator[Entry | Passed]:
    """Steps 1 to 6 for one indicator: an entry for each of its values, or why not."""
    row, obj, envelope = each.row, each.obj, each.envelope
    basis = facts("", obj, envelope.expires, each.about)
    expires = basis.valid_until or from_micros(row.added) + LIFE
    said = _said(each)
    threat = tuple(sorted(_parts(said) & TECHNICAL | _kinds(each.about) & _EFFECTS))
    evidence = _evidence(obj, each.about)
    why = _over(each, basis, expires, choice, now) or _outside(envelope, basis.confidence, choice) or _untechnical(said)
    why = why or _unfounded(threat, evidence)
    values = observables(obj) or _certificate(obj)
    if not values:
        yield Passed(id=row.id, value=str(obj.get("name", "")), why=why or "its pattern is not about single values")
    for kind, value in values:
        worth = score(msgspec.structs.replace(basis, kind=kind), now)
        reason = why or (f"its score is below {choice.min_score}" if worth < choice.min_score else "") or _value(kind, value, choice)
        if reason:
            yield Passed(id=row.id, value=value, why=reason)
        else:
            yield Entry(
                kind=kind, value=value, id=row.id, origin=row.origin, tlp=envelope.tlp, threat=threat, evidence=evidence, said=basis.said,
                expires=expires, score=worth, confidence=basis.confidence,
            )  # fmt: skip


def _over(each: Held, basis: Facts, expires: datetime, choice: Choice, now: datetime) -> str:
    """Step 1, but for what the reader may see."""
    envelope = each.envelope
    if basis.revoked:
        return "revoked"
    if expires <= now:
        return "expired"
    if choice.max_age is not None and basis.said + choice.max_age <= now:
        return "said longer ago than the greatest age"
    if envelope.realm != "real" or envelope.gate != "open":
        return "in quarantine or of an exercise"
    return "" if each.fits else "not for network defence"


def _outside(envelope: Envelope, confidence: int | None, choice: Choice) -> str:
    """Step 2, but for the score."""
    if not tlp.within(envelope.tlp, choice.tlp_max):
        return f"TLP:{envelope.tlp.upper()} is above TLP:{choice.tlp_max.upper()}"
    if envelope.pap in _PASSIVE:
        return f"PAP:{envelope.pap.upper()} allows no active use"
    if choice.min_confidence and (confidence is None or confidence < choice.min_confidence):
        return f"its confidence is not {choice.min_confidence} or more"
    return ""


def _untechnical(said: list[str]) -> str:
    """Step 3."""
    never = sorted(_parts(said) & NEVER)
    if never:
        return f"{never[0]} is no reason to block (G8)"
    for label in said:
        # An RSIT class about data that leaked, not about what somebody says.
        text = label.lower().replace("information-content-security", "")
        why = refused(text) or ("G8: no control of content" if _CONTENT.search(text) else None)
        if why:
            return f"{label[:60]!r} is no technical word ({why})"
    return ""


def _unfounded(threat: tuple[str, ...], evidence: str) -> str:
    """Steps 4 and 5."""
    if not threat:
        return "no technical threat type (indicator_types, a label, or what it indicates) (G8)"
    return "" if evidence else "no evidence reference (external_references, a report, or what it is based on) (G8)"


def _value(kind: str, value: str, choice: Choice) -> str:
    """Step 6."""
    why = choice.unblockable.why(kind, value)
    if why or choice.known_good is None:
        return why
    lists = choice.known_good(kind, value)
    return f"known to be good, and without a second approver: {', '.join(lists[:3])} (G8)" if lists else ""


def _said(each: Held) -> list[str]:
    """The words that an indicator and the reports it stands in are classified by."""
    parts = each.obj.get("x_misp_attributes")
    records = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    categories = [each.obj.get("x_misp_category"), *(part.get("category") for part in records)]
    return [*words(each.obj), *each.about.words, *(text for text in categories if isinstance(text, str))]


def _parts(said: list[str]) -> frozenset[str]:
    """The single words in what is said, machine tags (`rsit:malicious-code="c2-server"`) by their parts."""
    parts = {part for word in said for part in re.split(r"[^a-z0-9-]+", word.lower())} - {""}
    return frozenset(parts | {"malicious-activity" for word in said if _MISP.search(word)})


def _kinds(about: About) -> set[str]:
    """The STIX types of what an indicator indicates."""
    return {id_.partition("--")[0] for id_ in about.indicates}


def _evidence(obj: dict[str, Any], about: About) -> str:
    """What an indicator rests on: the address or name of its first external reference, else the id of an object around it."""
    for reference in obj.get("external_references") or ():
        if isinstance(reference, dict):
            said = reference.get("url") or reference.get("external_id") or reference.get("source_name")
            if isinstance(said, str) and said:
                return said
    if about.evidence:
        return min(about.evidence)
    return f"seen by {min(one.party for one in about.seen)}" if about.seen else ""


def _certificate(obj: dict[str, Any]) -> list[tuple[str, str]]:
    """The SHA-1 of the certificate that a pattern looks for, which is no observable with a kind of its own."""
    found = _CERTIFICATE.fullmatch(str(obj.get("pattern", "")))
    return [("cert-sha1", found[1].lower())] if found else []

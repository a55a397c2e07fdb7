"""What stops an object at the door, or keeps it from leaving until people have looked: guardrails G3, G5 and the quarantine reasons.

Values that lead to a person (`terms.persons`) wait in quarantine, unless they are an attacker's by the producer's word and technical; what
passes so is listed for people by a fixed share. Properties about belief or origin are refused outright.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from comity.errors import SenderFault
from comity.forms.markings import clash
from comity.terms.item import Draft
from comity.terms.pattern import parse
from comity.terms.persons import findings, held, told
from comity.terms.simple_pattern import is_plain
from comity.terms.stix import spec_version

#: G5: no field for these, custom extensions with them are refused. Property names only; free text is not judged.
_FORBIDDEN = re.compile(
    "(?:[a-z0-9_]*_)?(?:ethnicity|ethnic_origin|race|religion|religious_belief|belief|political_opinion|sexual_orientation|"
    "trade_union|union_membership|health_status)",
    re.IGNORECASE | re.ASCII,
)


def refusal(draft: Draft) -> str:
    """Why the object may not be taken at all; empty if it may."""
    said = clash(draft.obj)
    if said:
        return f"{said}: only the standard's own definition has that id"
    name = _forbidden_in(draft.obj)
    if name:
        return f"property {name!r}: Comity holds no data on ethnicity, religion, belief, opinion, orientation, union or health (G5)"
    return ""


def _forbidden_in(node: Any) -> str:
    """The first forbidden property name in an object or list, however deep; empty if there is none."""
    if type(node) is dict:
        for name in node:
            if _is_forbidden(name):
                return str(name)
    for value in node.values() if type(node) is dict else node:
        if type(value) is dict or type(value) is list:
            found = _forbidden_in(value)
            if found:
                return found
    return ""


@lru_cache(maxsize=10_000)
def _is_forbidden(name: str) -> bool:
    return _FORBIDDEN.fullmatch(name) is not None


#: The private space of what passed by its producer's word and should be looked at: item numbers, as 20 digits.
SAMPLED = "gate-sample"


class Gated(NamedTuple):
    """What the gate says of the persons in an object: why it waits ("": it does not), and whether people should look at what passed."""

    why: str = ""
    sampled: bool = False


_PASSES = Gated()


def gated(draft: Draft, person: str, sample: int) -> Gated:
    """The gate for persons. `person` is the producer's word (`item.PERSONS`); of `sample` objects that pass by it, one is looked at."""
    found = findings(draft.obj, draft.raw, person)
    if not found:
        return _PASSES
    if waiting := held(found, person):
        return Gated(why=f"it leads to persons ({told(waiting)}), so it waits for a category, a legal basis and a second person (G3)")
    return Gated(sampled=int.from_bytes(sha256(draft.raw).digest()[:4], "big") % sample == 0)


def held_back(draft: Draft) -> str:
    """Why the object is kept in quarantine, seen by its origin only, whoever is in it; empty if it need not be."""
    if draft.why_held:
        return draft.why_held
    obj: Any = draft.obj
    if obj.get("type") == "indicator" and obj.get("pattern_type", "stix") == "stix":
        return _unreadable(obj)
    return ""


def _unreadable(obj: Any) -> str:
    """Why an indicator's STIX pattern is none: nobody's tool could use it."""
    pattern = obj["pattern"]
    if not is_plain(pattern):
        try:
            parse(pattern, spec_version(obj))
        except SenderFault as fault:
            return f"pattern: {fault} (STIX 2.1 section 9)"
    return ""

"""What stops an object at the door, or keeps it from leaving until a person has looked: guardrails G3, G5 and the quarantine reasons.

This is the first, small gate: an individual's identity waits for a person; properties about belief or origin are refused outright.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from comity.terms.item import Draft

#: G5: no field for these, custom extensions with them are refused. Property names only; free text is not judged.
_FORBIDDEN = re.compile(
    rb'"(?:[a-z0-9_]*_)?(?:ethnicity|ethnic_origin|race|religion|religious_belief|belief|political_opinion|sexual_orientation|'
    rb'trade_union|union_membership|health_status)"\s*:',
    re.IGNORECASE,
)


def refusal(draft: Draft) -> str:
    """Why the object may not be taken at all; empty if it may."""
    # Escapes may spell a name so that its bytes do not show it.
    found = _FORBIDDEN.search(msgspec.json.encode(draft.obj) if b"\\u" in draft.raw else draft.raw)
    if found:
        name = found.group().split(b'"')[1].decode()
        return f"property {name!r}: Comity holds no data on ethnicity, religion, belief, opinion, orientation, union or health (G5)"
    return ""


def held_back(draft: Draft) -> str:
    """Why the object is kept in quarantine, seen by its origin only; empty if it need not be."""
    if draft.why_held:
        return draft.why_held
    obj: Any = draft.obj
    if obj.get("type") == "identity" and obj.get("identity_class") == "individual":
        return "an individual's identity waits for a category, a legal basis and a second person (G3)"
    return ""

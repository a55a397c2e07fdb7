"""A node's guardrail profile: what it says of itself that it keeps to (G17). Its hash stands in each checkpoint of its log.

Self-declared: a hash shows that the node said so, to everybody the same, and when it changed; not that it is so. In it stand closed lists
of this program and the settings that widen or narrow a guardrail, so that two nodes of one release and the same settings agree.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import rfc8785

from comity.config import Settings
from comity.terms.item import HANDLING, PURPOSES
from comity.terms.party import PEOPLE

#: What stands before the hash in a checkpoint's extension line (C2SP tlog-checkpoint).
LINE = "comity-guardrails/v1 sha256:"


def profile(settings: Settings) -> dict[str, Any]:
    """The profile as plain JSON, by guardrail (product.md)."""
    return {
        "version": 2,
        "G1": {"default": "deny"},
        "G2": {"purposes": sorted(PURPOSES)},
        "G3": {"persons": "two people review", "of-an-attackers-looked-at-one-in": settings.gate.sample},
        "G4": {"quarantine-days": settings.gate.quarantine_days},
        "G5": {"special-categories": "refused"},
        "G7": {"motives": "refused"},
        "G10": {
            "onward-without-approval": {"tlp-at-most": "green", "handling-none-of": sorted(set(HANDLING) - {"H0"})},
            "approvers": sorted(PEOPLE),
        },
        "G11": {"days-at-most": settings.retention.days, "names-in-the-log-days": settings.retention.persons},
        "G13": {"answer-days": settings.gate.redress_days},
        "G16": {"sighters-at-least": settings.sightings.parties},
    }


def profile_hash(settings: Settings) -> str:
    """SHA-256 of the profile as canonical JSON (RFC 8785), in hex."""
    return sha256(rfc8785.dumps(profile(settings))).hexdigest()


def checkpoint_line(settings: Settings) -> str:
    """The extension line of each checkpoint."""
    return LINE + profile_hash(settings)

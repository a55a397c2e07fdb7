"""How far a role may share on its own, or consent that others share: the caps of the agreements that bind the party.

What is here once may be released in any body, so a cap of an agreement of any body counts. Public vocabulary is under no TLP, and under no
cap.
"""

from __future__ import annotations

from collections.abc import Callable

from comity.agree.limits import over_cap
from comity.terms.stix import PUBLIC_TYPES
from comity.terms.traits import Traits
from comity.world import World


def ceiling(world: World, party: str, role: str) -> Callable[[Traits], str]:
    """For what somebody of this role shares now, a function that says why an object is beyond the role; empty if it is not."""
    _, rules = world.rulebook.current()
    at = world.clock()
    bodies = sorted({body for agreement in rules.agreements for body in agreement.spans}) if role else []
    caps = [each for body in bodies for each in rules.caps(party, body, at) if each[1].role == role]

    def beyond(traits: Traits) -> str:
        level = traits.tlp
        met = over_cap(role, level, caps) if caps and traits.type not in PUBLIC_TYPES else None
        if met is None:
            return ""
        agreement, most = met
        limit = f"whose ceiling by {agreement} is TLP:{most.upper()}"
        return f"TLP:{level.upper()} is beyond the role {role}, {limit}; another role may share it"

    return beyond

"""How parties are reached: a record each, entered by the administrator for the node's own party, and by a centre's for all.

Crash story: a record is one governance item, entered as `govern` enters all of them; the record before it stays, and the last one counts.
"""

from __future__ import annotations

import msgspec

from comity import registry
from comity.errors import Denied
from comity.intake.govern import enter
from comity.terms.contact import Contact, checked
from comity.terms.party import party_code
from comity.terms.stix import CONTACT_TYPE, derived_id, timestamp
from comity.world import World


def set_contact(world: World, party: str, given: dict[str, str], by: str) -> Contact:
    """Change what is known of how a party is reached: what is given takes the place of what was, "" takes it away.

    What is so already is not recorded again. Raises SenderFault, Denied for a party that this node keeps no records of.
    """
    code, settings = party_code(party), world.settings
    _, rules = world.rulebook.current()
    if code != settings.party and not rules.custody(settings.party, settings.body, world.clock()):
        raise Denied(f"this node is {settings.party}'s: it keeps no contacts of {code}", next="only a centre keeps them for others")
    before = registry.contacts(world.store).get(code)
    after = checked(msgspec.structs.replace(before or Contact(party=code), **given))
    if after != before:
        id_ = derived_id(CONTACT_TYPE, code, timestamp(world.clock()))
        enter(world, CONTACT_TYPE, id_, {"name": after.team or code, **msgspec.to_builtins(after)}, by)
    return after

"""Whether those whom an item is addressed to are known here. An unknown one is told, never refused: its standing may come later."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from comity.world import World


def addressed(world: World) -> Callable[[tuple[str, ...] | None], str]:
    """For one submission: what to tell of an addressed set; "" when all in it are known. The rules are read when first needed.

    Known is the node's own party, and whoever has a standing in the register or a section in an agreement that is held.
    """

    @cache
    def known() -> frozenset[str]:
        _, rules = world.rulebook.current()
        sections = (section.party for agreement in rules.agreements for section in agreement.parties)
        return frozenset((world.settings.party, *rules.register.parties(), *sections))

    @cache
    def told(to: tuple[str, ...] | None) -> str:
        strangers = [party for party in to if party not in known()] if to else []
        return f"it is addressed to {', '.join(strangers)}: no register and no agreement here knows such a party" if strangers else ""

    return told

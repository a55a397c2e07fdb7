"""What would become of one object if it were marked otherwise, or another agreement's text governed. Nothing is written.

A text is tried as `agree.trial` does it: in place of every version of its agreement, with the dates that nobody can know before it is
signed. Other parties' people try it beside the agreements that they may read.
"""

from __future__ import annotations

import msgspec

from comity.agree.accord import Agreement
from comity.agree.trial import trial
from comity.errors import NotFound, SenderFault
from comity.release.account import agreements
from comity.release.desk import Desk
from comity.release.explain import NOTHING, Moments, Supposed
from comity.release.sight import Reader
from comity.terms.tlp import RANK


class Supposition(msgspec.Struct, frozen=True, kw_only=True):
    """What to ask with: the moments, what is supposed, parties that only the text names, and what was taken to be so (in words)."""

    when: Moments
    supposed: Supposed = NOTHING
    others: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()


def suppose(desk: Desk, asker: Reader, when: Moments, *, tlp: str = "", text: Agreement | None = None) -> Supposition:
    """A marking (empty: its own) and a text (None: those held) as suppositions. Raises SenderFault for an unknown marking."""
    if tlp and tlp not in RANK:
        raise SenderFault(f"{tlp!r} is not a TLP level", next="one of " + ", ".join(RANK))
    if text is None:
        return Supposition(when=when, supposed=Supposed(tlp=tlp or None))
    world = desk.world
    readable = None if asker.party == world.settings.party else {each.id for each in agreements(desk, asker.party)}
    tried = trial(world.rulebook.current()[1], text, world.clock(), when.on, readable)
    return Supposition(
        when=Moments(on=tried.at, known=when.known),
        supposed=Supposed(tlp=tlp or None, rules=tried.after),
        others=tuple(section.party for section in tried.agreement.parties if asker.body in text.spans),
        assumed=tried.assumed,
    )


def held(desk: Desk, asker: Reader, ref: str) -> Agreement:
    """The text of `id@version` as it is held, for an asker who may read it. Raises NotFound."""
    for agreement in agreements(desk, asker.party):
        if agreement.ref == ref:
            return agreement
    raise NotFound(f"there is no agreement {ref} for you")

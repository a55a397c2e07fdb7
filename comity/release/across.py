"""What the hub of another body may be sent, and for which of its parties: the sight of all of them together (ADR 18).

To the streams, cursors and log entries of a link this is a reader like any other. It sees what at least one party of the other body may
have by a protocol between the two bodies, through a hub that holds and forwards there; `to` names them. Redacted copies do not cross.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from comity.agree.crossing import maps, parties, protocols
from comity.agree.decide import Rules
from comity.agree.mapping import Words, read
from comity.agree.redact import Profile
from comity.release.sight import Conditions, Reader, Sight
from comity.terms.item import Envelope


class Across(Sight):
    """A hub's view into which goes what its body's parties may have; `reader.across` is that body, `reader.party` the hub."""

    def __init__(
        self, conditions: Conditions, reader: Reader, holder: str, rules: Rules, at: datetime, known: datetime | None = None
    ) -> None:
        super().__init__(conditions, reader, holder, rules, at, known)
        between = protocols(rules, reader.body, reader.across, reader.party, at)
        self._maps = maps(between, reader.body)
        served = [party for party in parties(rules.register, reader.across, at) if between and party != reader.party]
        self._sights = {
            party: Sight(conditions, msgspec.structs.replace(reader, party=party), holder, rules, at, known) for party in served
        }
        self._to: dict[int, tuple[str, ...]] = {}

    def to(self, row: int) -> tuple[str, ...]:
        """The parties for which items of a trait row go across, by code; nobody for copies, and for what came from that very hub."""
        known = self._to.get(row)
        if known is None:
            base = self._conditions[row].base
            goes = base.profile is None and base.received_from != self.reader.party
            served = (party for party, sight in self._sights.items() if goes and party != base.origin and sight.sees(row))
            known = self._to[row] = tuple(served)
        return known

    def sees(self, row: int) -> bool:
        """Whether items of a trait row go across for anybody."""
        return bool(self.to(row)) or self.direct(row)

    def copy(self, row: int) -> Profile | None:
        """None: copies do not cross."""
        return None

    def grounds(self, base: int) -> tuple[str, ...]:
        """`agreement@version/clause` of what lets items of a base row go across for some party."""
        known = self._grounds.get(base)
        if known is None:
            each = (self._sights[party].grounds(base) for party in self.to(base))
            known = self._grounds[base] = tuple(dict.fromkeys(ground for grounds in each for ground in grounds))
        return known

    def words(self, envelope: Envelope) -> Words:
        """What is said of an item, as the other body reads it. Where no purpose is left, it does not go."""
        return read(Words(tlp=envelope.tlp, pap=envelope.pap, handling=envelope.handling, purposes=envelope.purposes), self._maps)

    def envelope(self, row: int, envelope: Envelope) -> Envelope:
        """What is said of an item of a trait row there: for whom it goes, in words as the other body reads them."""
        words = self.words(envelope)
        return msgspec.structs.replace(
            envelope, to=self.to(row), tlp=words.tlp, pap=words.pap, handling=words.handling, purposes=words.purposes
        )

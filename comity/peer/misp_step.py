"""Own items that are written into a MISP together: those that are due, and those that they cannot be written without."""

from __future__ import annotations

from typing import Any

import msgspec

from comity.forms.misp_out import Held
from comity.forms.misp_record import record_of
from comity.peer.book import Peer
from comity.peer.report import Report
from comity.release.holdings import Outlet
from comity.store.protocol import Row
from comity.terms.item import Envelope, inward
from comity.terms.stix import version_moment


class Step:
    """One step of a push. `rows` are what goes, by id; `fresh` the ids of them that are due.

    `waits` is true when something stayed for want of a clause.
    """

    def __init__(self, link: Peer, outlet: Outlet, report: Report) -> None:
        self._link, self._outlet, self._report = link, outlet, report
        self._held: dict[str, Held] = {}
        self.rows: dict[str, Row] = {}
        self.fresh: set[str] = set()
        self.waits = False

    @property
    def held(self) -> list[Held]:
        """What is to be written: of each object the latest version that was taken."""
        return list(self._held.values())

    def take(self, row: Row, obj: dict[str, Any], envelope: Envelope) -> None:
        """Take an item that is due, or say why it stays."""
        reason = self._stays(row, obj, envelope)
        if reason is None:
            self.fresh.add(row.id)
            self._enter(row, obj, envelope)
        elif reason:
            self.keep(row.id, reason)

    def beside(self, row: Row, obj: dict[str, Any], envelope: Envelope) -> None:
        """Take an item that others are written with, if it may go."""
        if self._stays(row, obj, envelope) is None:
            self._enter(row, obj, envelope)

    def keep(self, id_: str, reason: str) -> None:
        """Say that an item stays here."""
        self._report.problems.append(f"{id_}: {reason}")
        self._report.pushed["kept here"] = self._report.pushed.get("kept here", 0) + 1

    def _stays(self, row: Row, obj: dict[str, Any], envelope: Envelope) -> str | None:
        reason = stays(envelope)
        if reason is None and "sighting" in record_of(obj):
            reason = "MISP takes a sighting only from whoever made it"
        if reason is None and not self._outlet.grounds(row):
            self.waits = True
            reason = f"no agreement held here lets it go to {self._link.party}"
        return reason

    def _enter(self, row: Row, obj: dict[str, Any], envelope: Envelope) -> None:
        before = self.rows.get(row.id)
        if before is None or version_moment(before.version) <= version_moment(row.version):
            self.rows[row.id] = row
            self._held[row.id] = Held(obj=obj, envelope=envelope)


def stays(envelope: Envelope) -> str | None:
    """None to push to a MISP, which keeps TLP and PAP as tags and an audience as distribution; else why an own item stays here ("" for
    what is never meant to leave)."""
    if inward(envelope):
        return ""
    if envelope.tlp == "red":
        return "TLP:RED names its recipients, which MISP would not keep"
    kept = Envelope(origin=envelope.origin, tlp=envelope.tlp, pap=envelope.pap, to=envelope.to)
    if msgspec.structs.replace(envelope, handling=(), named=False) != kept or set(envelope.handling) - {"H2"}:
        return "its handling, purposes or end are said in Comity's envelope only, which MISP would not keep"
    return None

"""What a story may touch. No logic here, and at most five fields: whoever needs a sixth is telling two stories."""

from __future__ import annotations

from dataclasses import dataclass

from comity.clock import Clock
from comity.config import Settings
from comity.ledger.journal import Journal
from comity.rulebook import Rulebook
from comity.store import Store


@dataclass(frozen=True, kw_only=True)
class World:
    """One node's store, log, rules, clock and settings. Built by `node.py` only (and by tests)."""

    store: Store
    journal: Journal
    rulebook: Rulebook
    clock: Clock
    settings: Settings

"""What one exchange with a peer did."""

from __future__ import annotations

from typing import Any

import msgspec


class Report(msgspec.Struct, kw_only=True):
    """Outcomes of pulled objects, results of pushed ones, and what did not go, stayed here or cannot be known, and why."""

    peer: str
    pulled: dict[str, int]
    pushed: dict[str, int]
    problems: list[str]

    def row(self) -> dict[str, Any]:
        """The report in numbers."""
        return {"peer": self.peer, "pulled": self.pulled, "pushed": self.pushed, "problems": len(self.problems)}

"""What a command passes over, told on stderr: counted by reason, with examples or every one."""

from __future__ import annotations

from comity.doors.cli.output import note
from comity.terms.force import Passed
from comity.terms.observable import defang

#: How many of the values that are passed over for one reason are named.
_NAMED = 3


class PassedOver:
    """Counts what is passed over for each reason; keeps some of it to be named, or `every` one."""

    def __init__(self, *, every: bool = False) -> None:
        self._most = None if every else _NAMED
        self._counts: dict[str, int] = {}
        self._named: dict[str, list[Passed]] = {}

    def add(self, one: Passed) -> None:
        """Take one."""
        self._counts[one.why] = self._counts.get(one.why, 0) + 1
        some = self._named.setdefault(one.why, [])
        if self._most is None or len(some) < self._most:
            some.append(one)

    def tell(self) -> None:
        """Say for each reason how many were left out, the most frequent first."""
        for why, count in sorted(self._counts.items(), key=lambda pair: (-pair[1], pair[0])):
            named = [f"{defang(one.value)[:80]} ({one.id})" for one in self._named[why]]
            note(f"left out {count:,}: {why}: {', '.join(named)}{', ...' if count > len(named) else ''}")

"""Hits of values that are known to be good (`terms.warninglists`): told, or left out and told. Nothing is left out silently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

import msgspec

from comity.terms.warninglists import KnownGood, is_example


class _Hit(Protocol):
    """A hit: of a log, or of what is kept of one."""

    @property
    def kind(self) -> str: ...
    @property
    def value(self) -> str: ...


H = TypeVar("H", bound=_Hit)


class Suppressed(msgspec.Struct, kw_only=True):
    """An indicator's value that is known to be good, by which lists, and how many hits it had."""

    kind: str
    value: str
    lists: tuple[str, ...]
    hits: int = 0


class Suppression:
    """Looks the values of hits up, each once. `keep` lets such hits pass; `found` has them either way, in the order they were met.

    Of hits, not of indicators: few indicators are ever hit, so that millions of them cost nothing. Examples (RFC 2606, 5737) are surely
    meant, though lists have them.
    """

    def __init__(self, known_good: KnownGood, *, keep: bool = False) -> None:
        self._known_good = known_good
        self._keep = keep
        self._seen: dict[tuple[str, str], Suppressed | None] = {}

    def of(self, hits: Iterable[H]) -> Iterator[H]:
        """The hits that pass."""
        for hit in hits:
            found = self._about(hit.kind, hit.value)
            if found is not None:
                found.hits += 1
            if found is None or self._keep:
                yield hit

    @property
    def found(self) -> list[Suppressed]:
        """What was met that is known to be good."""
        return [one for one in self._seen.values() if one is not None]

    def _about(self, kind: str, value: str) -> Suppressed | None:
        if (kind, value) not in self._seen:
            lists = () if is_example(kind, value) else self._known_good(kind, value)
            self._seen[kind, value] = Suppressed(kind=kind, value=value, lists=lists) if lists else None
        return self._seen[kind, value]

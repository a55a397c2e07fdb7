"""`--known-good` of `comity match`: what is done with hits of values on MISP's warninglists, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, TypeVar

import click

from comity.admin.warninglists import open_warninglists
from comity.doors.cli.output import amount, note
from comity.errors import OperatorFault
from comity.match.suppression import Suppressed, Suppression
from comity.terms.observable import defang
from comity.terms.warninglists import KnownGood, Warninglists

F = TypeVar("F", bound=Callable[..., Any])
_NAMED = 3


def known_good_option(command: F) -> F:
    """`--known-good skip|tell|off`."""
    text = "Hits of values on MISP's warninglists: leave them out, say so, or do not look. [default: skip; with --indicators: tell]"
    return click.option("--known-good", type=click.Choice(["skip", "tell", "off"]), help=text)(command)


def suppression(choice: str) -> Suppression | None:
    """What the option asks for; the warninglists are opened with the first hit. None for `off`."""
    return None if choice == "off" else Suppression(_opened(strict=choice == "skip"), keep=choice == "tell")


def _opened(*, strict: bool) -> KnownGood:
    """The warninglists, opened when first asked. Without them a `strict` user stops, others are told."""

    @cache
    def lists() -> Warninglists | None:
        try:
            return open_warninglists(lambda: note("building the index of warninglists, once for this version: some seconds"))
        except OperatorFault as fault:
            if strict:
                raise
            note(f"warninglists are not looked at: {fault}")
            return None

    def known_good(kind: str, value: str) -> tuple[str, ...]:
        found = lists()
        return () if found is None else found.known_good(kind, value)

    return known_good


def tell_suppressed(found: Iterable[Suppressed], choice: str, *, every: bool = False) -> None:
    """Say which values were hit that are known to be good, most hits first: some, or `every` one."""
    ordered = sorted(found, key=lambda one: (-one.hits, one.kind, one.value))
    if not ordered:
        return
    hits = sum(one.hits for one in ordered)
    did, other = ("left out", "tell keeps them") if choice == "skip" else ("note:", "skip leaves them out")
    note(f"{did} {amount(hits, 'hit')} of {amount(len(ordered), 'value')} on warninglists (--known-good {other}):")
    for one in ordered if every else ordered[:_NAMED]:
        more = f" and {len(one.lists) - 1} more" if len(one.lists) > 1 else ""
        note(f"  {defang(one.value)[:80]}: {amount(one.hits, 'hit')}, on '{one.lists[0]}'{more}")
    if not every and len(ordered) > _NAMED:
        note(f"  and {len(ordered) - _NAMED:,} more: --explain names every one")

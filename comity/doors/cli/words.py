"""Domain words given on the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from comity.doors.cli.output import note
from comity.errors import SenderFault
from comity.terms import tlp
from comity.terms.item import PERSONS, PURPOSES
from comity.world import World

F = TypeVar("F", bound=Callable[..., Any])


def tlp_level(text: str) -> str:
    """A TLP level. Raises SenderFault."""
    try:
        return tlp.level(text)
    except ValueError as error:
        raise SenderFault(str(error)) from None


def warn_unknown(world: World, party: str) -> None:
    """Say, as no more than a note, that the membership register does not know a party: nothing permits it anything yet."""
    _, rules = world.rulebook.current()
    if party not in rules.register.parties():
        note(f"note: the register does not know the party {party}: comity party add gives it a standing")


def listed(text: str) -> tuple[str, ...]:
    """The parts of a comma list."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def purposes(text: str) -> tuple[str, ...]:
    """The purposes of a comma list. Raises SenderFault for a word that is none."""
    names = listed(text)
    for name in names:
        if name not in PURPOSES:
            raise SenderFault(f"{name!r} is not a purpose", next="one of " + ", ".join(PURPOSES))
    return names


def purpose_option(command: F) -> F:
    """`--purpose P`: what the objects are for."""
    return click.option("--purpose", metavar="P", help="What it is for (comma list): objects shared for something else are refused.")(
        command
    )


def person_option(command: F) -> F:
    """`--person`: the producer's assertion on persons."""
    return click.option(
        "--person", type=click.Choice(PERSONS), default="unknown", show_default=True,
        help="Whose the values are that lead to persons (mail addresses, accounts, telephones): unless the attacker's, they wait "
        "in quarantine for comity gate.",
    )(command)  # fmt: skip


def declared(text: str | None) -> tuple[str, ...]:
    """The purposes that `--purpose` declares; without it all of them. Raises SenderFault."""
    return purposes(text) if text else PURPOSES

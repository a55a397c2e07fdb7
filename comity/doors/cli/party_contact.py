"""`comity party contact`: how parties are reached."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec

from comity.doors.cli.context import node_option, opened
from comity.doors.cli.files import text_of
from comity.doors.cli.output import document, note, output_option, write
from comity.errors import NotFound
from comity.intake.contacting import set_contact
from comity.release import account
from comity.release.desk import Desk
from comity.terms.contact import FIELDS, Contact, key_name
from comity.terms.party import ADMINISTRATOR, party_code

_HELP = {
    "team": "The team's name.",
    "address": "Its postal address.",
    "timezone": "Its time zone, like UTC+5.",
    "telephone": "Its telephone, like +7 700 000 00 00.",
    "fax": "Its fax.",
    "mail": "The office's mail address, never a person's.",
    "website": "Where it says more about itself (https).",
    "hours": "When it can be reached.",
    "emergency": "The telephone that is answered out of these hours.",
    "out_of_hours": "How it is reached out of these hours.",
    "languages": "Which languages it speaks.",
    "mission": "Its mission.",
    "constituency": "Whom it serves.",
    "sponsorship": "Which organisation it belongs to.",
    "authority": "By which authority it acts.",
    "policies": "What it does with what it is told.",
    "services": "What it does for its constituency.",
    "form": "Where incidents are reported (https).",
}


@click.group("contact")
def contact() -> None:
    """How the parties' teams are reached, as RFC 2350 describes them: offices, out-of-hours numbers and keys; no persons."""


def _fields(command: Callable[..., Any]) -> Callable[..., Any]:
    """An option for each field."""
    for name in reversed([name for name in FIELDS if name in _HELP]):
        command = click.option(f"--{name.replace('_', '-')}", name, metavar="TEXT", help=_HELP[name])(command)
    return command


@contact.command("set")
@click.option("--party", metavar="CODE", help="Whose. [default: the node's own; a centre keeps them for others too]")
@_fields
@click.option("--key", type=click.Path(path_type=Path), metavar="FILE", help="Its key for mail: OpenPGP (armored), or X.509 (PEM).")
@output_option
@node_option
@click.pass_context
def set_command(
    ctx: click.Context, /, party: str | None, key: Path | None, output: str | None, node: str | None, **given: str | None
) -> None:  # fmt: skip
    """Say how a party's team is reached. What is given takes the place of what was; an empty text takes it away.

    \b
    Example:
      comity party contact set --team KZ-CERT --mail cert@example.com --telephone "+7 700 000 00 00" --emergency "+7 700 000 00 01"
    """
    world = opened(ctx, node)
    texts = {name: text for name, text in given.items() if text is not None}
    made = set_contact(world, party or world.settings.party, texts | ({"key": text_of(key)} if key else {}), by=ADMINISTRATOR)
    _tell(made, output)
    note(f"{made.party}: {made.team or 'its team'} is on record")


@contact.command("show")
@click.argument("code")
@output_option
@node_option
@click.pass_context
def show_command(ctx: click.Context, code: str, output: str | None, node: str | None) -> None:
    """How a party's team is reached, also out of hours.

    \b
    Example:
      comity party contact show KZ
    """
    world = opened(ctx, node)
    found = {each.party: each for each in account.contacts(Desk(world), world.settings.party)}
    if party_code(code) not in found:
        raise NotFound(f"nothing is known here of how {code.upper()} is reached", next="comity party contact set enters it")
    _tell(found[party_code(code)], output)


def _tell(found: Contact, output: str | None) -> None:
    lines = [f"{found.party}  {found.team}"]
    lines += [f"  {name.replace('_', ' '):<13} {text}" for name in FIELDS if name not in ("team", "key") and (text := getattr(found, name))]
    row: dict[str, Any] = msgspec.to_builtins(found)
    document(row, output, "\n".join([*lines, *([f"  key           {key_name(found)}"] if found.key else [])]))


@contact.command("list")
@output_option
@node_option
@click.pass_context
def list_command(ctx: click.Context, output: str | None, node: str | None) -> None:
    """The teams on record, with what matters at night.

    \b
    Example:
      comity party contact list
    """
    world = opened(ctx, node)
    found = account.contacts(Desk(world), world.settings.party)
    columns = ("party", "team", "mail", "telephone", "hours", "emergency", "key")
    write(({**{name: getattr(each, name) for name in columns[:-1]}, "key": key_name(each)} for each in found), output, columns)

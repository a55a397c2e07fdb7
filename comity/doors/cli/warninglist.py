"""`comity warninglist`: what is known to be good, by MISP's warninglists."""

from __future__ import annotations

import click

from comity.admin.warninglists import open_warninglists
from comity.doors.cli.output import note, output_option, write
from comity.errors import SenderFault
from comity.terms.observable import guess


@click.group()
def warninglist() -> None:
    """Values that are more often false positives than indicators, by MISP's warninglists. Needs no node."""


@warninglist.command()
@click.argument("values", nargs=-1, required=True, metavar="VALUE...")
@output_option
def check(values: tuple[str, ...], output: str | None) -> None:
    """Say which lists have a domain, address, network, URL, mail address or hash, defanged or not.

    \b
    Example:
      comity warninglist check dns.example 192.0.2.1
    """
    asked = [(value, guess(value)) for value in values]
    odd = [value for value, found in asked if found is None]
    if odd:
        raise SenderFault(f"{odd[0]!r} is no domain, address, network, URL, mail address or hash", next="check how it is written")
    lists = open_warninglists(_building)
    rows = ({"value": found[1], "kind": found[0], "lists": list(lists.known_good(*found))} for _, found in asked if found)
    write(rows, output, ("value", "kind", "lists"))


@warninglist.command("list")
@output_option
def list_command(output: str | None) -> None:
    """The lists: how they compare, for what kinds of values, how many entries, and how many of those are not looked up.

    \b
    Example:
      comity warninglist list -o table
    """
    columns = ("name", "type", "kinds", "entries", "version", "refused")
    lists = sorted(open_warninglists(_building).lists, key=lambda each: each.name)
    write(({**{name: getattr(each, name) for name in columns[:-1]}, "refused": len(each.refused)} for each in lists), output, columns)
    for each in lists:
        for entry in each.refused[:5]:
            note(f"{each.name}: not looked up: {entry[:100]}")


def _building() -> None:
    note("building the index of warninglists, once for this version: some seconds")

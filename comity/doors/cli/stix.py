"""`comity stix check`: files of STIX against the standard. Needs no node."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from comity.doors.cli.files import bytes_of
from comity.doors.cli.output import note, output_option, write
from comity.doors.cli.words import listed
from comity.errors import SenderFault
from comity.forms.json_text import loads
from comity.terms.stix_check import check as first_fault
from comity.terms.stix_strict import NAMES, Finding, Options, findings, objects_of

_COLUMNS = ("file", "level", "id", "path", "message", "rule")


@click.group()
def stix() -> None:
    """STIX objects: check them against the standard."""


def _names(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> frozenset[str]:
    names = frozenset(name for each in value for name in listed(each))
    unknown = sorted(names - NAMES)
    if unknown:
        raise click.BadParameter(f"{unknown[0]} is none of {', '.join(sorted(NAMES))}", ctx, parameter)
    return names


@stix.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--strict", is_flag=True, help="All findings: everything that must be and everything that should be.")
@click.option(
    "--version", type=click.Choice(["2.0", "2.1"]), help="The version of what does not say its own; with --strict [default: 2.1]."
)
@click.option("--musts-only", is_flag=True, help="With --strict: recommendations are shown and do not count.")
@click.option("--disable", "disabled", multiple=True, metavar="NAME", callback=_names, help="With --strict: leave out a recommendation.")
@click.option("--enable", "enabled", multiple=True, metavar="NAME", callback=_names, help="With --strict: only these recommendations.")
@click.option("--strict-types", is_flag=True, help="With --strict: no custom types.")
@click.option("--strict-properties", is_flag=True, help="With --strict: no custom properties.")
@click.option("--enforce-refs", is_flag=True, help="With --strict: what relationships of a bundle join is in it.")
@click.option("--interop", is_flag=True, help="With --strict: what the interoperability profile asks of a bundle.")
@output_option
@click.pass_context
def check(ctx: click.Context, /, files: tuple[str, ...], strict: bool, musts_only: bool, output: str | None, **flags: Any) -> None:
    """Check STIX objects and bundles. FILE holds one, a list of them, or one on each line; - is standard input.

    Without --strict this is what a node asks of what it takes in: the first rule that an object breaks. Exits 2 if anything counts against
    one of them. A note counts for nothing. --disable and --enable take the names that a finding shows, also several with commas.

    \b
    Example:
      comity stix check bundle.json
      comity stix check --strict --disable extref-hashes bundle.json
    """
    options = Options(should=not musts_only, **flags)
    checked = counted = 0

    def rows() -> Iterator[dict[str, str]]:
        nonlocal checked, counted
        for name in files:
            for value in _values(name):
                checked += len(objects_of(value)) or 1
                for found in findings(value, options) if strict else _first(value):
                    counted += found.level == "must" or (found.level == "should" and options.should)
                    texts = (name, found.level, found.id, found.path, found.why, found.rule)
                    yield dict(zip(_COLUMNS, texts, strict=True))

    write(rows(), output, _COLUMNS)
    note(f"objects checked: {checked}, findings that count: {counted}")
    ctx.exit(2 if counted else 0)


def _values(name: str) -> Iterator[dict[str, Any]]:
    """The objects and bundles in a file. Raises SenderFault for what is not JSON, or not objects."""
    raw = sys.stdin.buffer.read() if name == "-" else bytes_of(Path(name))
    try:
        whole = loads(raw)
        values = whole if isinstance(whole, list) else [whole]
    except SenderFault:
        lines = [line for line in raw.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        values = [loads(line) for line in lines]
    for value in values:
        if not isinstance(value, dict):
            raise SenderFault(f"{name}: not a STIX object but {type(value).__name__}", next="give objects, bundles, or a list of them")
        yield value


def _first(value: dict[str, Any]) -> Iterator[Finding]:
    """What `check` says of an object, or of each object in a bundle."""
    for obj in objects_of(value) if value.get("type") == "bundle" else [value]:
        path, colon, why = (first_fault(obj) or "").partition(": ")
        if colon:
            yield Finding(level="must", path=path, why=why, id=str(obj.get("id", "")))

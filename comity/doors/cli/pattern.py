"""`comity pattern`: STIX patterning."""

from __future__ import annotations

from typing import IO, Any

import click
import msgspec

from comity.doors.cli.output import document, line, output_option
from comity.errors import SenderFault
from comity.match.patterns import Pattern, read_observations
from comity.terms.pattern_check import check_pattern


@click.group()
def pattern() -> None:
    """STIX patterns: check them, and match them against observations (STIX 2.1 section 9)."""


@pattern.command()
@click.argument("text", metavar="PATTERN")
@click.option("--version", type=click.Choice(["2.0", "2.1"]), default="2.1", show_default=True, help="By the rules of this STIX version.")
@output_option
@click.pass_context
def check(ctx: click.Context, text: str, version: str, output: str | None) -> None:
    """Say whether PATTERN is a STIX pattern, and what is wrong with it. Exits 2 if something is.

    What is allowed but can never match (an empty set, a STOP before its START) is a warning.

    \b
    Example:
      comity pattern check "[domain-name:value = 'bad.example' OR ipv4-addr:value ISSUBSET '192.0.2.0/24']"
    """
    found = check_pattern(text, version)
    errors = [f"{each.text} (section {each.section})" for each in found if each.wrong]
    warnings = [f"{each.text} (section {each.section})" for each in found if not each.wrong]
    lines = [*(f"wrong    {text}" for text in errors), *(f"warning  {text}" for text in warnings)]
    document({"valid": not errors, "errors": errors, "warnings": warnings}, output, "\n".join(lines or ["valid"]))
    ctx.exit(2 if errors else 0)


class _Case(msgspec.Struct):
    pattern: str
    observations: list[dict[str, Any]]
    version: str = "2.1"


@pattern.command()
@click.argument("cases", type=click.File("rb"), metavar="FILE")
@click.option("--inclusive-within", is_flag=True, help="Read WITHIN x as the reference implementation does: x seconds apart is within x.")
@click.pass_context
def match(ctx: click.Context, cases: IO[bytes], inclusive_within: bool) -> None:
    """Match patterns against observations: FILE (or - for standard input) has a JSON object on each line, with `pattern`,
    `observations` (a list of bundles with observed-data and observables, or of STIX 2.0 observed-data) and `version` (2.1 if not given).

    Prints {"match": true|false} or {"error": "..."} for each line. Exits 9 if there was an error.

    \b
    Example:
      comity pattern match cases.ndjson
    """
    failed = False
    for text in cases:
        if not text.strip():
            continue
        try:
            case = msgspec.json.decode(text, type=_Case)
            compiled = Pattern(case.pattern, case.version, inclusive=inclusive_within)
            line({"match": compiled.matches(read_observations(case.observations))})
        except (SenderFault, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
            failed = True
            line({"error": str(fault)})
    ctx.exit(9 if failed else 0)

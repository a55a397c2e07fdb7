"""`comity preview`: who would receive what of one's own export, under an agreement, without a node or an account."""

from __future__ import annotations

import shutil
import sys
from datetime import datetime
from pathlib import Path

import click
import msgspec

from comity.clock import now, parse
from comity.doors.cli.context import Nodes
from comity.doors.cli.files import text_of
from comity.doors.cli.moments import MOMENT
from comity.doors.cli.output import chosen, coloured, note, output_option, put, write
from comity.doors.cli.preview_look import Asked, Preview, carry_out
from comity.doors.cli.preview_stage import Given, given
from comity.doors.cli.words import purposes, tlp_level
from comity.errors import OperatorFault
from comity.release.preview_findings import known_good
from comity.terms.party import party_code, standing_name


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--agreement", "agreements", multiple=True, required=True, metavar="A.toml", type=click.Path(path_type=Path),
              help="The agreement that decides; more than one may be given.")  # fmt: skip
@click.option("--change", metavar="B.toml", type=click.Path(path_type=Path),
              help="A changed version of one of them: decides in its place, and the difference is shown.")  # fmt: skip
@click.option("--as", "submitter", metavar="CODE", help="Who sends. [default: the first party of the agreement]")
@click.option("--party", "parties", multiple=True, metavar="CODE[=STANDING]",
              help="Also this party, or this standing for it; may be repeated. [default: member]")  # fmt: skip
@click.option("--tlp", default="amber", show_default=True, help="TLP of items without a marking.")
@click.option("--purpose", help="Comma list. [default: network-defence, or else what the agreement is for]")
@click.option("--on", type=MOMENT, metavar="DATE", help="As of this moment. [default: now]")
@click.option("--known-good", "good", is_flag=True, help="Also say which indicators are on one of MISP's warninglists.")
@click.option("--all", "each", is_flag=True, help="Table: a row for every item.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar="OUT.html", help="Also write a page to pass around.")
@output_option
@click.pass_context
def preview(
    ctx: click.Context, files: tuple[str, ...], agreements: tuple[Path, ...], change: Path | None, submitter: str | None,
    parties: tuple[str, ...], tlp: str, purpose: str | None, on: str | None, good: bool, each: bool, html: Path | None, output: str | None,
) -> None:  # fmt: skip
    """Show, item by party, who would receive what of FILE (MISP export, STIX, CSV, list), by which clause, or why not.

    Needs no node and no account, sends and keeps nothing. It says what would break its TLP and what reaches nobody; with --change,
    what another wording changes. Exits 0 whatever the answers, 1 when nothing in the files could be read.

    \b
    Examples:
      comity preview event.json --agreement agreement.toml
      comity preview bundle.json --agreement agreement.toml --change next.toml --html preview.html
    """
    texts = tuple(given(str(path), text_of(path)) for path in agreements)
    changed = given(str(change), text_of(change)) if change else None
    asked = Asked(
        files=files,
        agreements=texts,
        change=changed,
        submitter=party_code(submitter) if submitter else None,
        named=dict(_named(party) for party in parties),
        tlp=tlp_level(tlp),
        purposes=_purposes(purpose, texts),
        on=_moment(on),
    )
    nodes: Nodes = ctx.obj
    found = carry_out(nodes, asked)
    _show(found, output, each=each)
    sys.stdout.flush()
    for said in found.notes:
        note(f"note: {said}")
    if good:
        _known_good(found)
    if html:
        _page(found, html)
    ctx.exit(0 if found.items or found.duplicates or any(piece.outcome == "quarantined" for piece in found.not_taken) else 1)


def _known_good(found: Preview) -> None:
    from comity.admin.warninglists import open_warninglists

    lists = open_warninglists(lambda: note("building the index of warninglists, once for this version: some seconds"))
    told = known_good(found.items, lists.known_good)
    for each in told:
        note(f"known good: {each.text}")
    if not told:
        note("known good: no indicator is on a warninglist")


def _named(text: str) -> tuple[str, str]:
    code, equals, standing = text.partition("=")
    return party_code(code), standing_name(standing) if equals else "member"


def _purposes(text: str | None, agreements: tuple[Given, ...]) -> tuple[str, ...]:
    if text is not None:
        return purposes(text)
    stated = dict.fromkeys(name for each in agreements for name in each.agreement.purposes)
    return tuple(stated) if stated and "network-defence" not in stated else ("network-defence",)


def _moment(text: str | None) -> datetime:
    return parse(text) if text else now()


def _show(found: Preview, output: str | None, *, each: bool) -> None:
    form = chosen(output)
    if form == "table":
        from comity.doors.cli.preview_text import Paper, text

        print(text(found, Paper(shutil.get_terminal_size((100, 24)).columns, coloured()), each=each))
        return
    from comity.doors.cli.preview_data import COLUMNS, document, records, rows

    if form == "json":
        put(msgspec.json.format(msgspec.json.encode(document(found)), indent=2))
    elif form == "csv":
        write(rows(found), "csv", COLUMNS)
    else:
        write(records(found), "ndjson")


def _page(found: Preview, path: Path) -> None:
    from comity.doors.cli.preview_page import page

    try:
        path.write_text(page(found), encoding="utf-8")
    except OSError as error:
        raise OperatorFault(f"cannot write {path}: {error.strerror}", next="give --html another file") from error
    note(f"wrote {path}")

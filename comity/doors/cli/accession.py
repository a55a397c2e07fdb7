"""`comity accession`: parties that come and go, as checklists."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click
import msgspec

from comity.agree.accession import Kind, Step
from comity.clock import parse
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.files import text_of
from comity.doors.cli.moments import MOMENT
from comity.doors.cli.output import chosen, document, note, output_option, write
from comity.doors.cli.remote import remotely
from comity.doors.documents import listed
from comity.errors import SenderFault
from comity.intake import acceding
from comity.release import accessions
from comity.release.desk import Desk
from comity.terms.party import ADMINISTRATOR, STANDINGS
from comity.wire_register import Accession, TakeStep

if TYPE_CHECKING:
    from comity.client import Client

_COLUMNS = ("accession", "party", "body", "target", "stage", "standing", "late", "next", "deadline", "effect")
_ON = click.option("--on", type=MOMENT, metavar="DATE", help="When it was done. [default: now]")
_NOTE = click.option("--note", default="", help="What else is to be said of it.")


@click.group()
def accession() -> None:
    """Parties that come and go: accession by consensus or by sponsors, suspension and withdrawal by notice.

    No step gives a right. By the agreements rights follow from the standing in the register, which an admission or a notice enters.
    """


@accession.command("start")
@click.option("--party", required=True, metavar="CODE", help="Who accedes, or leaves.")
@click.option("--to", "target", type=click.Choice(STANDINGS), default="member", show_default=True, help="Towards which standing.")
@click.option("--body", default="", metavar="SLUG", help="In which body. [default: the node's own]")
@click.option("--sponsors", is_flag=True, help="Members speak for it, and others may object for a time. [default: by consensus]")
@click.option("--document", "documents", multiple=True, metavar="TITLE[=DATE]", help="A document to accede to, and by when. Repeatable.")
@click.option("--documents", "file", type=click.Path(path_type=Path), help="A file with a TITLE or TITLE=DATE on each line.")
@_ON
@_NOTE
@output_option
@node_option
@click.pass_context
def start_command(
    ctx: click.Context, party: str, target: str, body: str, sponsors: bool, documents: tuple[str, ...], file: Path | None, on: str | None,
    note: str, output: str | None, node: str | None,
) -> None:  # fmt: skip
    """Begin an accession, or with --to withdrawn or suspended a notice, which has effect once it has run.

    \b
    Example:
      comity accession start --party IR --document "Charter=2022-12-31" --document "Convention"
    """
    lines = [*documents, *(text_of(file).splitlines() if file else ())]
    world = opened(ctx, node)
    made = acceding.start(
        world, party, target, by=ADMINISTRATOR, sponsors=sponsors, on=_moment(on), documents=listed(lines), body=body, note=note
    )  # fmt: skip
    _tell(accessions.find(Desk(world), world.settings.party, made.accession), output)


def _moment(text: str | None) -> datetime | None:
    return parse(text) if text else None


@accession.command("step")
@click.argument("id", metavar="ACCESSION")
@click.argument("kind", type=click.Choice([kind for kind in get_args(Kind) if kind not in ("object", "admit")]))
@click.option("--document", default="", metavar="TITLE", help="Which document came in.")
@click.option("--party", metavar="CODE", help="Which member speaks for the party. [default: the node's own]")
@_ON
@_NOTE
@output_option
@node_option
@click.pass_context
def step_command(
    ctx: click.Context,
    id: str,
    kind: Kind,
    document: str,
    party: str | None,
    on: str | None,
    note: str,
    output: str | None,
    node: str | None,
) -> None:
    """Record that a step was taken: launch, document, recommend, sponsor, or end (it is given up; a notice is taken back).

    \b
    Example:
      comity accession step acc_1f2e3d4c5b6a document --document Charter --on 2022-09-15
    """
    _take(ctx, node, output, id, kind, party, on, document=document, note=note)


def _take(
    ctx: click.Context, node: str | None, output: str | None, id: str, kind: Kind, party: str | None, on: str | None, **more: Any
) -> None:
    world = opened(ctx, node)
    step = Step(kind=kind, party=party or world.settings.party, on=_moment(on) or world.clock(), **more)
    acceding.take(world, id, step, by=ADMINISTRATOR)
    _tell(accessions.find(Desk(world), world.settings.party, id), output)


def _object_there(client: Client, id: str, party: str | None, reason: str, on: str | None, output: str | None, node: str | None) -> None:
    if party or on:
        raise SenderFault("elsewhere your own party objects, now", next="leave --party and --on away")
    _tell(client.take_accession_step(id, TakeStep(kind="object", note=reason)), output)


@accession.command("object")
@click.argument("id", metavar="ACCESSION")
@click.option("--party", metavar="CODE", help="Which member objects. [default: the node's own; elsewhere the token's]")
@click.option("--reason", default="", help="Why.")
@_ON
@output_option
@node_option
@remotely(_object_there)
@click.pass_context
def object_command(
    ctx: click.Context, id: str, party: str | None, reason: str, on: str | None, output: str | None, node: str | None
) -> None:  # fmt: skip
    """Object: it ends an accession that members have yet to agree to.

    \b
    Example:
      comity accession object acc_1f2e3d4c5b6a --party UZ --reason "documents are missing"
    """
    _take(ctx, node, output, id, "object", party, on, note=reason)


@accession.command("admit")
@click.argument("id", metavar="ACCESSION")
@click.option("--from", "since", required=True, type=MOMENT, metavar="DATE", help="From which instant it has the standing.")
@_ON
@_NOTE
@output_option
@node_option
@click.pass_context
def admit_command(ctx: click.Context, id: str, since: str, on: str | None, note: str, output: str | None, node: str | None) -> None:
    """Admit the party from an instant on: its standing is entered in the register, from which its rights follow.

    \b
    Example:
      comity accession admit acc_1f2e3d4c5b6a --from 2023-07-04
    """
    _take(ctx, node, output, id, "admit", None, on, since=parse(since), note=note)


def _list_there(client: Client, body: str | None, output: str | None, node: str | None) -> None:
    _tell_all(client.accessions(body=body), output)


@accession.command("list")
@click.option("--body", metavar="SLUG", help="Of this body. [default: every body]")
@output_option
@node_option
@remotely(_list_there)
@click.pass_context
def list_command(ctx: click.Context, body: str | None, output: str | None, node: str | None) -> None:
    """Who accedes or leaves, how far each has come, what it waits for, and how many documents are late.

    \b
    Example:
      comity accession list --body sco
    """
    world = opened(ctx, node)
    _tell_all(accessions.accessions(Desk(world), world.settings.party, body), output)


def _tell_all(found: Iterable[Accession], output: str | None) -> None:
    write((_short(each) if chosen(output) == "table" else _row(each) for each in found), output, _COLUMNS)


def _show_there(client: Client, id: str, output: str | None, node: str | None) -> None:
    _tell(client.accession(id), output)


@accession.command("show")
@click.argument("id", metavar="ACCESSION")
@output_option
@node_option
@remotely(_show_there)
@click.pass_context
def show_command(ctx: click.Context, id: str, output: str | None, node: str | None) -> None:
    """One accession: what was done and by whom, which documents are in and which are late, what is to be done next.

    \b
    Example:
      comity accession show acc_1f2e3d4c5b6a
    """
    world = opened(ctx, node)
    _tell(accessions.find(Desk(world), world.settings.party, id), output)


def _row(each: Accession) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(each)
    return row


def _short(each: Accession) -> dict[str, Any]:
    return _row(each) | {name: _day(getattr(each, name)) for name in ("deadline", "effect")}


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""


def _tell(found: Accession, output: str | None) -> None:
    document(_row(found), output, _text(found))
    if found.late:
        note(f"{found.accession}: {found.late} of {len(found.documents)} documents are late")


def _text(found: Accession) -> str:
    """An accession as lines to read."""
    lines = [
        f"{found.accession}  {found.stage.upper()} since {_day(found.since)}",
        f"  {found.party} in {found.body}, to be {found.target} ({found.mode})",
        f"  rights     those of: {found.standing}",
        f"  begun      {_day(found.begun)}",
        *(f"  {each.kind:<9}  {_day(each.on)} by {each.party}{_what(each.document, each.since)}" for each in found.steps),
        *(
            f"  {'LATE' if each.late else 'awaited':<9}  {each.title}, due {_day(each.due)}"
            for each in found.documents
            if not each.deposited
        ),
    ]
    if found.effect:
        lines.append(f"  effect     {found.effect:%Y-%m-%d %H:%M} UTC")
    if found.deadline and not found.effect:
        lines.append(f"  until      {found.deadline:%Y-%m-%d %H:%M} UTC members may object")
    return "\n".join([*lines, *([f"  next       {', '.join(found.next)}"] if found.next else [])])


def _what(document: str, since: datetime | None) -> str:
    return f": {document}" if document else f", from {_day(since)}" if since else ""

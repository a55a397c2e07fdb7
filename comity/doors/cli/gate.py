"""`comity gate`: what waits in quarantine for the persons in it, and how two people release it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from comity.admin.tokens import APPROVE, Token, authenticate
from comity.agree.approval import Person
from comity.clock import parse
from comity.doors.approving import holder
from comity.doors.auth import check_scope
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.moments import MOMENT
from comity.doors.cli.output import document, note, output_option, write
from comity.doors.cli.remote import token_text
from comity.errors import NotAuthenticated
from comity.intake import review
from comity.intake.unlooked import unlooked
from comity.terms.item import CATEGORIES
from comity.terms.persons import told
from comity.world import World

_COLUMNS = ("id", "version", "origin", "person", "state", "deadline", "found", "other")
_TOKEN = click.option("--token-file", type=click.Path(path_type=Path), help="Where your token is. [default: the token in $COMITY_TOKEN]")


@click.group()
def gate() -> None:
    """Objects that lead to persons and wait for people: one reviews, another approves, each with a token of their own; never a tool.

    \b
    A person gets a token so:
      comity user add anna --party KZ --role duty-officer
      comity token create --user anna --scope api:read,api:write,approve --out anna.token
    """


def _person(world: World, token_file: Path | None) -> tuple[Person, Token]:
    """Who decides. Raises NotAuthenticated, Denied."""
    try:
        token = authenticate(world, token_text(token_file))
    except NotAuthenticated as fault:
        next_ = "it takes a person's token, with --token-file or in COMITY_TOKEN: comity token create --user NAME --scope approve"
        raise NotAuthenticated(str(fault), next=next_) from None
    check_scope(token, APPROVE)
    return holder(token), token


def _row(item: review.Waiting) -> dict[str, Any]:
    """What is told of an item: kinds and places of what was found, never the values."""
    proposed = item.review
    return {
        "id": item.row.id,
        "version": item.row.version,
        "origin": item.row.origin,
        "person": item.envelope.person,
        "state": "reviewed" if proposed else "waits",
        "deadline": item.deadline.isoformat(),
        "found": told(item.found),
        "other": item.other or ("" if item.found else "beside what came before"),
        **(
            {
                "category": proposed.category, "basis": proposed.basis, "expires": proposed.expires.isoformat(),
                "reviewer": f"{proposed.by.id} ({proposed.by.party})",
            }
            if proposed
            else {}
        ),
    }  # fmt: skip


@gate.command("list")
@_TOKEN
@output_option
@node_option
@click.pass_context
def list_command(ctx: click.Context, token_file: Path | None, output: str | None, node: str | None) -> None:
    """What is in quarantine, the earliest first: until when, what in it leads to persons and where, and whether somebody reviewed it.

    \b
    Example:
      comity gate list
    """
    world = opened(ctx, node)
    asker = _person(world, token_file)[0] if token_file else None
    write(map(_row, review.waiting(world, asker)), output, _COLUMNS)


@gate.command("show")
@click.argument("id")
@_TOKEN
@output_option
@node_option
@click.pass_context
def show_command(ctx: click.Context, id: str, token_file: Path | None, output: str | None, node: str | None) -> None:
    """One object in quarantine, with all of its bytes: what people review. ID, or ID@VERSION.

    \b
    Example:
      comity gate show indicator--a932fcc6-e032-476c-826f-cb970a5a1ade
    """
    world = opened(ctx, node)
    item = review.find(world, _person(world, token_file)[0] if token_file else None, id)
    row = _row(item)
    lines = [f"{row['id']}  {row['state'].upper()}", *(f"  {key:<9}  {row[key]}" for key in row if key not in ("id", "state") and row[key])]
    lines += [f"  {each.kind:<18} {each.where}" for each in dict.fromkeys(item.found)]
    document(row | {"object": item.obj}, output, "\n".join([*lines, item.body.decode()]))


@gate.command("review")
@click.argument("id")
@click.option(
    "--category", type=click.Choice(CATEGORIES), required=True, help="As whose the values are kept; technical: they are nobody's."
)
@click.option("--basis", required=True, metavar="TEXT", help="The law or article that permits it.")
@click.option("--expires", required=True, type=MOMENT, metavar="DATE", help="Until when it is needed; then it is erased.")
@_TOKEN
@output_option
@node_option
@click.pass_context
def review_command(
    ctx: click.Context, id: str, category: str, basis: str, expires: str, token_file: Path | None, output: str | None, node: str | None
) -> None:  # fmt: skip
    """Say as whose the values are kept, on what legal basis and until when. A second person then approves. A person's token says who.

    \b
    Example:
      comity gate review indicator--a932fcc6-e032-476c-826f-cb970a5a1ade --category victim --basis "Article 6" --expires 2022-03-01 \\
        --token-file anna.token
    """
    world = opened(ctx, node)
    by, token = _person(world, token_file)
    until = parse(expires)
    item = review.propose(world, id, by, token.role, category=category, basis=basis, expires=until)
    document(_row(item), output, f"{item.row.id} is reviewed as {category} until {until:%Y-%m-%d}")
    note("it stays in quarantine until another person approves: comity gate approve")


@gate.command("approve")
@click.argument("id")
@_TOKEN
@output_option
@node_option
@click.pass_context
def approve_command(ctx: click.Context, id: str, token_file: Path | None, output: str | None, node: str | None) -> None:
    """Release what another person reviewed; agreements decide from then on who gets it. A person's token says who.

    \b
    Example:
      comity gate approve indicator--a932fcc6-e032-476c-826f-cb970a5a1ade --token-file bulat.token
    """
    world = opened(ctx, node)
    by, token = _person(world, token_file)
    item = review.approve(world, id, by, token.role)
    document({"id": item.row.id, "version": item.row.version, "state": "released"}, output, f"{item.row.id} is released")


@gate.command("reject")
@click.argument("id")
@click.option("--reason", required=True, metavar="TEXT", help="Why, without naming anybody.")
@_TOKEN
@output_option
@node_option
@click.pass_context
def reject_command(ctx: click.Context, id: str, reason: str, token_file: Path | None, output: str | None, node: str | None) -> None:
    """Erase what waits. A person's token says who.

    \b
    Example:
      comity gate reject indicator--a932fcc6-e032-476c-826f-cb970a5a1ade --reason "not needed to defend anything" --token-file anna.token
    """
    world = opened(ctx, node)
    by, token = _person(world, token_file)
    item = review.reject(world, id, by, reason, token.role)
    document({"id": item.row.id, "version": item.row.version, "state": "erased"}, output, f"{item.row.id} is erased")


@gate.command("unlooked")
@output_option
@node_option
@click.pass_context
def unlooked_command(ctx: click.Context, output: str | None, node: str | None) -> None:
    """What is out and leads to persons though nobody has looked: it came before there was a gate, or before the gate found as much.

    To be asked after an upgrade. Every item is read, nothing is changed. What must not be out goes by: comity recall ID --reason TEXT

    \b
    Example:
      comity gate unlooked
    """
    rows = (
        {"id": row.id, "version": row.version, "origin": row.origin, "found": told(found)} for row, found in unlooked(opened(ctx, node))
    )
    if not write(rows, output, ("id", "version", "origin", "found")):
        note("nothing is out that leads to persons unless people have looked")


@gate.command("sample")
@click.option("--seen", multiple=True, metavar="ID", help="These have been looked at: take them off the list.")
@output_option
@node_option
@click.pass_context
def sample_command(ctx: click.Context, seen: tuple[str, ...], output: str | None, node: str | None) -> None:
    """What passed because its producer says that the persons in it are the attacker's: a fixed share, for people to look at afterwards.

    One in `[gate] sample` of node.toml, chosen by the object's hash. What is wrong goes by: comity recall ID --reason TEXT

    \b
    Example:
      comity gate sample --seen indicator--a932fcc6-e032-476c-826f-cb970a5a1ade
    """
    world = opened(ctx, node)
    for id_ in seen:
        review.looked_at(world, id_)
    rows = ({"id": row.id, "version": row.version, "origin": row.origin} for row in review.sampled(world))
    write(rows, output, ("id", "version", "origin"))

"""`comity approval`: requests that objects go to parties which get them only with approval."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from comity import wire
from comity.admin.tokens import Token, authenticate
from comity.agree.approval import STATES, Person
from comity.doors import approving
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.output import chosen, document, note, output_option, write
from comity.doors.cli.remote import remotely, token_text
from comity.doors.cli.words import listed
from comity.errors import NotAuthenticated
from comity.release import approvals
from comity.release.desk import Desk
from comity.release.sight import Reader
from comity.terms.party import ADMINISTRATOR, party_code
from comity.world import World

if TYPE_CHECKING:
    from comity.client import Client

_COLUMNS = ("id", "state", "words", "since", "deadline", "clause", "origin", "recipients", "objects")
_ALL = "all"
_DONE = {"approve": "approved", "object": "objected", "revoke": "revoked"}


@click.group()
def approval() -> None:
    """What goes only with approval: requests, and what people decide about them. A person decides, with a token of their own; never a tool.

    \b
    A person gets one so:
      comity user add uz.contact1 --party UZ --role point-of-contact
      comity token create --user uz.contact1 --scope api:read,api:write,approve --out uz.contact1.token
    """


def _asker(world: World, token: Token) -> Reader:
    return Reader(party=token.party, body=token.body or world.settings.body, purposes=token.purposes, client=token.id)


def _whoever(world: World, token_file: Path | None) -> tuple[Reader | None, Person]:
    """Who asks at the node itself: the holder of the token in a file, or without one its administrator."""
    if token_file is None:
        return None, Person(party=world.settings.party, id=ADMINISTRATOR)
    token = authenticate(world, token_text(token_file))
    return _asker(world, token), approving.holder(token)


def _list_there(client: Client, state: str, output: str | None, node: str | None) -> None:
    _tell_all(client.approvals(state=None if state == _ALL else state), output)


@approval.command("list")
@click.option("--state", type=click.Choice([*STATES, _ALL]), default=_ALL, show_default=True, help="Only those that stand so.")
@output_option
@node_option
@remotely(_list_there, signed=True)
@click.pass_context
def list_command(ctx: click.Context, state: str, output: str | None, node: str | None, token_file: Path | None) -> None:
    """The requests, those that wait first: under which clause, about whose objects, for whom, how far, and until when.

    \b
    Example:
      comity approval list --state requested
    """
    world = opened(ctx, node)
    asker, _ = _whoever(world, token_file)
    desk = Desk(world)
    _tell_all(approvals.told(desk, asker, approvals.standing(desk, asker, None if state == _ALL else state)), output)


def _tell_all(found: Iterable[wire.Approval], output: str | None) -> None:
    write(map(_short if chosen(output) == "table" else _row, found), output, _COLUMNS)


def _row(each: wire.Approval) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(each)
    return row


def _short(each: wire.Approval) -> dict[str, Any]:
    """A row to read: moments to the minute."""
    return _row(each) | {"since": _moment(each.since), "deadline": _moment(each.deadline) if each.deadline else ""}


def _show_there(client: Client, request: str, output: str | None, node: str | None) -> None:
    _tell(client.approval(request), output)


@approval.command("show")
@click.argument("request", metavar="REQUEST")
@output_option
@node_option
@remotely(_show_there, signed=True)
@click.pass_context
def show_command(ctx: click.Context, request: str, output: str | None, node: str | None, token_file: Path | None) -> None:
    """One request, with everything that was done about it: what, by whom and when.

    \b
    Example:
      comity approval show apr_1f2e3d4c5b6a
    """
    world = opened(ctx, node)
    asker, _ = _whoever(world, token_file)
    _tell(approvals.find(Desk(world), asker, request), output)


def _tell(found: wire.Approval, output: str | None) -> None:
    document(_row(found), output, _text(found))


def _text(found: wire.Approval) -> str:
    """A request as lines to read."""
    lines = [
        f"{found.id}  {found.state.upper()}" + (f" ({found.words})" if found.words not in ("", found.state) else ""),
        f"  under      {found.clause}: {found.asks}",
        f"  from       {found.origin} to {', '.join(found.recipients)}",
        f"  objects    {found.objects}" + (f": {', '.join(found.ids)}" if found.ids else ", which you do not see"),
        f"  requested  {_moment(found.requested)} by {_who(found.party, found.person)}",
        *(f"  {_DONE[each.act]:<9}  {_moment(each.at)} by {_who(each.party, each.person)}" for each in found.acts),
        f"  since      {_moment(found.since)}",
    ]
    return "\n".join(lines + ([f"  deadline   {_moment(found.deadline)}"] if found.deadline else []))


def _moment(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _who(party: str, person: str | None) -> str:
    return f"{person} ({party})" if person else party


def _request_there(
    client: Client, ids: tuple[str, ...], to: str, clause: str | None, origin: str | None, output: str | None, node: str | None
) -> None:
    whose = party_code(origin) if origin else None
    _tell_made(client.ask_approval(ids, tuple(map(party_code, listed(to))), clause=clause, origin=whose), output)


@approval.command("request")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--to", required=True, metavar="CODES", help="The parties that are to receive them (comma list).")
@click.option("--clause", metavar="REF", help="Under this clause, like example-ict@1/art-4.2, or built-in/H3. [default: all that await it]")
@click.option("--from", "origin", metavar="CODE", help="Whose objects, where several parties sent them. [default: your own]")
@output_option
@node_option
@remotely(_request_there, signed=True)
@click.pass_context
def request_command(
    ctx: click.Context, ids: tuple[str, ...], to: str, clause: str | None, origin: str | None, output: str | None, node: str | None,
    token_file: Path | None,
) -> None:  # fmt: skip
    """Ask that objects go to parties to which a clause gives them only with approval; for H3, with their origin's consent.

    A request is about the versions that are here now. Later ones need another.

    \b
    Example:
      comity approval request indicator--a932fcc6-e032-476c-826f-cb970a5a1ade --to UZ,TJ
    """
    world = opened(ctx, node)
    asker, by = _whoever(world, token_file)
    parties = tuple(map(party_code, listed(to)))
    if not parties:
        raise click.UsageError("--to names nobody")
    made = approving.request(Desk(world), asker, by, ids, parties, clause, party_code(origin) if origin else None)
    _tell_made(made, output)


def _tell_made(made: Iterable[wire.Approval], output: str | None) -> None:
    found = list(made)
    _tell_all(found, output)
    for each in found:
        note(f"{each.id}: it takes {each.asks}")


def _tell_acted(found: wire.Approval, output: str | None) -> None:
    _tell(found, output)
    if found.state == "requested":
        note(f"{found.id}: it takes {found.asks}; who consents twice counts once")


def _acting(kind: str) -> tuple[Callable[..., None], Callable[..., None]]:
    """What an act does elsewhere, and here."""

    def there(client: Client, request: str, output: str | None, node: str | None) -> None:
        _tell_acted(client.act_on_approval(request, kind), output)

    def here(ctx: click.Context, request: str, output: str | None, node: str | None, token_file: Path | None) -> None:
        world = opened(ctx, node)
        try:
            token = authenticate(world, token_text(token_file))
        except NotAuthenticated as fault:
            next_ = "it takes a person's token, with --token-file or in COMITY_TOKEN: comity token create --user NAME --scope approve"
            raise NotAuthenticated(str(fault), next=next_) from None
        _tell_acted(approving.act(Desk(world), token, _asker(world, token), request, kind), output)

    return there, here


def _command(kind: str, text: str) -> None:
    there, here = _acting(kind)
    here.__doc__ = f"""{text}

    \b
    Example:
      comity approval {kind} apr_1f2e3d4c5b6a --token-file uz.contact1.token
    """
    command = remotely(there, signed=True)(click.pass_context(here))
    approval.command(kind)(click.argument("request", metavar="REQUEST")(output_option(node_option(command))))


_command("approve", "Consent to a request, or speak for it, as its clause asks. A person's token says who.")
_command("object", "Object to a request that waits. A person's token says who.")
_command("revoke", "Take back what was granted about your party's objects; what was given stays given. A person's token says who.")

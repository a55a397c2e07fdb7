"""`comity party key`: by which keys the signatures of parties are known, and which are sealed to."""

from __future__ import annotations

import click

from comity.config import node_folder
from comity.doors.cli.context import Nodes, node_option, opened
from comity.doors.cli.output import document, note, output_option, write
from comity.doors.cli.words import warn_unknown
from comity.errors import NotFound
from comity.forms import sealing_key
from comity.intake.govern import add_key
from comity.ledger.keys import read_verifier, write_verifier
from comity.rulebook import is_for_parcels
from comity.terms.party import party_code

_KEY = "The key as `comity party key show` prints it on that party's node: name+8 hex digits+base64."


@click.group("key")
def key() -> None:
    """By which keys it is known what parties signed (comity agreement act), and which are sealed to (comity add --sealed).

    Learn a key by a way that you trust, not with the act."""


@key.command("show")
@click.option("--sealing", is_flag=True, help="The one that others seal to; the newest.")
@output_option
@node_option
@click.pass_context
def show_command(ctx: click.Context, sealing: bool, output: str | None, node: str | None) -> None:
    """This node's own key for acts, or for sealing, for the administrators of other nodes.

    \b
    Examples:
      comity party key show
      comity party key show --sealing
    """
    nodes: Nodes = ctx.obj
    code, folder = opened(ctx, node).settings.party, node_folder(node)
    text = sealing_key.write(nodes.opening_keys(folder)[-1].public) if sealing else write_verifier(nodes.acts_key(folder).verifier)
    document({"party": code, "key": text}, output, text)


@key.command("rotate")
@node_option
@click.pass_context
def rotate_command(ctx: click.Context, node: str | None) -> None:
    """Make a new sealing key. What was sealed to the ones before still opens; others seal to them until they know the new one.

    \b
    Example:
      comity party key rotate
    """
    nodes: Nodes = ctx.obj
    world = opened(ctx, node)
    made = sealing_key.write(nodes.rotate_sealing(node_folder(node)).public)
    add_key(world, world.settings.party, made, by="administrator")
    print(made)
    note("give this line to those who seal to this party: comity party key add; and have them drop the key before it")


@key.command("add")
@click.option("--party", "code", required=True, metavar="CODE", help="Whose key.")
@click.option("--key", "text", required=True, metavar="KEY", help=_KEY)
@node_option
@click.pass_context
def add_command(ctx: click.Context, code: str, text: str, node: str | None) -> None:
    """Enter a key of a party: what it signs counts as the party's own word; or a sealing key: what it alone may read is sealed to it.

    \b
    Example:
      comity party key add --party UZ --key KEY
    """
    world = opened(ctx, node)
    made = add_key(world, code, text, by="administrator")
    warn_unknown(world, party_code(code))
    name, id_, use = _parts(text)
    _warn_other(party_code(code), name, use)
    what = f"what it alone may read is sealed to {id_}" if use == "sealing" else f"signatures by {id_} are its own"
    note(f"{party_code(code)}: {what}" + ("" if made else ", as before"))


def _parts(text: str) -> tuple[str, str, str]:
    """A key's name, its 8 hex digits, and its use: `sealing`, `parcels` (a node's word for its objects) or `acts`."""
    if sealing_key.is_sealing(text):
        key = sealing_key.read(text)
        return key.name, key.key_id, "sealing"
    verifier = read_verifier(text)
    return verifier.name, verifier.key_id.hex(), "parcels" if is_for_parcels(verifier) else "acts"


def _warn_other(code: str, name: str, use: str) -> None:
    """Say, as no more than a note, that a key is named as another party's key for a use, or as no such key (`comity party key show`)."""
    parts = name.split("/")
    if len(parts) != 5 or parts[4] != use:
        note(f"note: the key's name {name} is not that of a key for {use}; comity party key show prints the one of a node")
    elif parts[2] != code:
        note(f"note: the key's name {name} says that it is a key of {parts[2]}, not of {code}")


@key.command("drop")
@click.option("--party", "code", required=True, metavar="CODE", help="Whose key.")
@click.option("--key", "text", required=True, metavar="ID", help="The key's 8 hex digits (comity party key list), or the whole key.")
@node_option
@click.pass_context
def drop_command(ctx: click.Context, code: str, text: str, node: str | None) -> None:
    """Give a key up: nothing more counts that it signs. What was taken in before stays.

    \b
    Example:
      comity party key drop --party UZ --key 0a1b2c3d
    """
    world = opened(ctx, node)
    own = [whole for party, whole in world.rulebook.party_keys() if party == party_code(code)]
    found = next((whole for whole in own if text in (whole, _parts(whole)[1])), None)
    if found is None:
        raise NotFound(f"no key {text[:80]} of {party_code(code)} is known here", next="comity party key list shows those that are")
    add_key(world, code, found, by="administrator", trusted=False)
    _, id_, use = _parts(found)
    note(f"{party_code(code)}: " + (f"nothing more is sealed to {id_}" if use == "sealing" else f"signatures by {id_} count no more"))


@key.command("list")
@output_option
@node_option
@click.pass_context
def list_command(ctx: click.Context, output: str | None, node: str | None) -> None:
    """The keys by which parties' signatures are known here, and those that are sealed to.

    \b
    Example:
      comity party key list
    """
    rows = ((code, text, _parts(text)) for code, text in opened(ctx, node).rulebook.party_keys())
    write(({"party": code, "id": id_, "use": use, "key": text} for code, text, (_, id_, use) in rows), output)

"""`comity party key`: by which keys the signatures of parties are known."""

from __future__ import annotations

import click

from comity.config import node_folder
from comity.doors.cli.context import Nodes, node_option, opened
from comity.doors.cli.output import document, note, output_option, write
from comity.doors.cli.words import warn_unknown
from comity.errors import NotFound
from comity.intake.govern import add_key
from comity.ledger.keys import read_verifier, write_verifier
from comity.terms.party import party_code

_KEY = "The key as `comity party key show` prints it on that party's node: name+8 hex digits+base64."


@click.group("key")
def key() -> None:
    """By which keys it is known what parties signed (comity agreement act). Learn a key by a way that you trust, not with the act."""


@key.command("show")
@output_option
@node_option
@click.pass_context
def show_command(ctx: click.Context, output: str | None, node: str | None) -> None:
    """This node's own key for acts, for the administrators of other nodes.

    \b
    Example:
      comity party key show
    """
    nodes: Nodes = ctx.obj
    code = opened(ctx, node).settings.party
    text = write_verifier(nodes.acts_key(node_folder(node)).verifier)
    document({"party": code, "key": text}, output, text)


@key.command("add")
@click.option("--party", "code", required=True, metavar="CODE", help="Whose key.")
@click.option("--key", "text", required=True, metavar="KEY", help=_KEY)
@node_option
@click.pass_context
def add_command(ctx: click.Context, code: str, text: str, node: str | None) -> None:
    """Enter a key of a party: what it signs counts as the party's own word.

    \b
    Example:
      comity party key add --party UZ --key KEY
    """
    world = opened(ctx, node)
    made = add_key(world, code, text, by="administrator")
    warn_unknown(world, party_code(code))
    _warn_other(party_code(code), read_verifier(text).name)
    note(f"{party_code(code)}: signatures by {read_verifier(text).key_id.hex()} are its own" + ("" if made else ", as before"))


def _warn_other(code: str, name: str) -> None:
    """Say, as no more than a note, that a key is named as another party's key for acts, or as no such key (`comity party key show`)."""
    parts = name.split("/")
    if len(parts) != 5 or parts[4] != "acts":
        note(f"note: the key's name {name} is not that of a key for acts; comity party key show prints the one of a node")
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
    found = next((whole for whole in own if text in (whole, read_verifier(whole).key_id.hex())), None)
    if found is None:
        raise NotFound(f"no key {text[:80]} of {party_code(code)} is known here", next="comity party key list shows those that are")
    add_key(world, code, found, by="administrator", trusted=False)
    note(f"{party_code(code)}: signatures by {read_verifier(found).key_id.hex()} count no more")


@key.command("list")
@output_option
@node_option
@click.pass_context
def list_command(ctx: click.Context, output: str | None, node: str | None) -> None:
    """The keys by which parties' signatures are known here.

    \b
    Example:
      comity party key list
    """
    found = opened(ctx, node).rulebook.party_keys()
    write(({"party": party, "id": read_verifier(text).key_id.hex(), "key": text} for party, text in found), output)

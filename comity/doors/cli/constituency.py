"""`comity constituency`: what a party and its customers answer for, and how they are told of what is said about it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from comity.admin import constituency as kept
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.files import text_of
from comity.doors.cli.output import amount, note, output_option, write
from comity.doors.cli.words import warn_unknown
from comity.forms import constituency_table
from comity.terms.constituency import Addition, addition, contact, holding, key_kind
from comity.terms.item import Refused
from comity.terms.party import party_code
from comity.world import World

_NETBLOCK = click.option("--netblock", "netblocks", multiple=True, metavar="CIDR", help="A network, like 192.0.2.0/24. Repeatable.")
_ASN = click.option("--asn", "asns", multiple=True, metavar="ASN", help="An autonomous system, like AS64496. Repeatable.")
_DOMAIN = click.option("--domain", "domains", multiple=True, metavar="NAME", help="A domain with all below it. Repeatable.")


@click.group()
def constituency() -> None:
    """Networks, autonomous systems and domains that a party answers for, by owner. What others say about them comes to its inbox."""


def _holdings(netblocks: Iterable[str], asns: Iterable[str], domains: Iterable[str]) -> list[tuple[str, str]]:
    return [*(("netblock", each) for each in netblocks), *(("asn", each) for each in asns), *(("domain", each) for each in domains)]


def _party(world: World, party: str | None) -> str:
    return party_code(party) if party else world.settings.party


@constituency.command("add")
@click.option("--party", metavar="CODE", help="Whose it is. [default: the node's own party; a centre keeps them for others too]")
@_NETBLOCK
@_ASN
@_DOMAIN
@click.option("--owner", default="", metavar="NAME", help="The organisation that owns it: a customer. [default: the party itself]")
@click.option("--mail", default="", metavar="ADDRESS", help="The owner's office that notices go to, like abuse@example.com.")
@click.option("--webhook", default="", metavar="URL", help="An https address that is told that there is something, and nothing of what.")
@click.option("--key", type=click.Path(path_type=Path), metavar="FILE", help="The owner's key for mail: OpenPGP (armored), or X.509 (PEM).")
@node_option
@click.pass_context
def add_command(
    ctx: click.Context, party: str | None, netblocks: tuple[str, ...], asns: tuple[str, ...], domains: tuple[str, ...], owner: str,
    mail: str, webhook: str, key: Path | None, node: str | None,
) -> None:  # fmt: skip
    """Add to what an owner answers for. Owners are organisations, never persons. Blocks may overlap: the most specific one counts.

    \b
    Example:
      comity constituency add --party KZ --netblock 192.0.2.0/24 --domain example.com --owner "Example Bank" --mail abuse@example.com
    """
    world = opened(ctx, node)
    how = contact(mail, webhook, text_of(key) if key else "")
    made = addition(_party(world, party), owner, _holdings(netblocks, asns, domains), how)
    known = {(each.party, each.owner) for each in kept.constituents(world)}
    if not made.holdings and (made.party, made.owner) not in known:
        raise click.UsageError("name something with --netblock, --asn or --domain")
    kept.check_may(world, made.party)
    changed = kept.add(world, [made])
    warn_unknown(world, made.party)
    note(f"{made.owner} ({made.party}): " + (", ".join(one.value for one in made.holdings) or "told otherwise"))
    if not changed:
        note("nothing of it is new")


@constituency.command("list")
@click.option("--party", metavar="CODE", help="Only this party's.")
@click.option("--owner", metavar="NAME", help="Only this owner's.")
@output_option
@node_option
@click.pass_context
def list_command(ctx: click.Context, party: str | None, owner: str | None, output: str | None, node: str | None) -> None:
    """What is answered for, a line each. As CSV it can be imported again.

    \b
    Example:
      comity constituency list --party KZ
    """
    found = [each for each in kept.constituents(opened(ctx, node), party) if owner in (None, each.owner)]
    keys = {(each.party, each.owner): key_kind(each.contact.key) for each in found}
    write((row | {"key": keys[row["party"], row["owner"]]} for row in constituency_table.rows(found)), output)


@constituency.command("remove")
@click.option("--party", metavar="CODE", help="Whose it was. [default: the node's own party]")
@_NETBLOCK
@_ASN
@_DOMAIN
@click.option("--owner", metavar="NAME", help="Only of this owner; with nothing else, the owner and all of its own.")
@node_option
@click.pass_context
def remove_command(
    ctx: click.Context, party: str | None, netblocks: tuple[str, ...], asns: tuple[str, ...], domains: tuple[str, ...],
    owner: str | None, node: str | None,
) -> None:  # fmt: skip
    """Remove something that is no longer answered for, or an owner. Exits 3 when there is nothing of the kind.

    \b
    Example:
      comity constituency remove --party KZ --netblock 192.0.2.0/24
    """
    world = opened(ctx, node)
    gone = [holding(kind, text) for kind, text in _holdings(netblocks, asns, domains)]
    if not gone and owner is None:
        raise click.UsageError("name something with --netblock, --asn or --domain, or an owner with --owner")
    whose = _party(world, party)
    kept.check_may(world, whose)
    note(f"removed: {kept.remove(world, whose, owner, gone)} owners of {whose} changed")


@constituency.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--party", default="", metavar="CODE", help="Whose it is where a line names no party.")
@node_option
@click.pass_context
def import_command(ctx: click.Context, file: Path, party: str, node: str | None) -> None:
    """Add what a table lists: party,kind,value,owner,mail,webhook; kind is netblock, asn or domain. Exits 9 when a line is not taken.

    \b
    Example:
      comity constituency import customers.csv --party KZ
    """
    world = opened(ctx, node)
    taken: list[Addition] = []
    wrong: list[str] = []
    for each in constituency_table.read(text_of(file), party):
        if isinstance(each, Refused):
            wrong.append(f"{each.position}: {each.why}")
        elif kept.may(world, each.party):
            taken.append(each)
        else:
            wrong.append(f"{each.owner}: this node keeps no constituency of {each.party}")
    for whose in sorted({each.party for each in taken}):
        warn_unknown(world, whose)
    changed = kept.add(world, taken)
    for problem in wrong:
        note(f"{file}: {problem}")
    note(f"{amount(len(taken), 'line')} taken, {len(wrong):,} not; {amount(changed, 'owner')} changed")
    ctx.exit(9 if wrong else 0)

"""`comity feed`: lists on the web that this node pulls on a schedule."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import click

from comity.clock import micros, stamp
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.files import text_of
from comity.doors.cli.moments import SPAN
from comity.doors.cli.output import note, output_option, write
from comity.doors.cli.words import listed, person_option, tlp_level, warn_unknown
from comity.errors import Fault, NotAuthenticated, PeerFault, SenderFault
from comity.forms.records import FIELDS
from comity.peer import feed_pull, feeds
from comity.peer.place import host_and_port
from comity.terms.party import party_code

_LIST = ("name", "kind", "every", "result", "taken", "next", "counts", "gone", "url")


@click.group()
def feed() -> None:
    """Lists on the web, pulled by `comity up` on a schedule, or now with `comity feed pull`."""


@feed.command("add")
@click.argument("name")
@click.argument("url")
@click.option("--kind", type=click.Choice(feeds.KINDS), required=True, help="What it is; text is a plain list.")
@click.option("--every", type=SPAN, default="1h", show_default=True, help="How often it is pulled.")
@click.option("--tlp", default="amber", show_default=True, help="TLP of what has no marking.")
@click.option("--purpose", default="network-defence", show_default=True, help="Comma list of purposes.")
@click.option("--threat", default="", help="csv, json, text: what it lists, as indicator types: malicious-activity, phishing, ...")
@click.option("--column", "columns", multiple=True, metavar="FIELD=NAME", help=f"csv, json: {', '.join(FIELDS)} by header, path or number.")
@click.option("--expires", type=SPAN, help="How long what it lists stays in force after it was last listed.")
@click.option("--full", is_flag=True, help="It lists everything each time: count what is gone.")
@click.option("--as", "party", metavar="CODE", help="The party that speaks in it, as origin. [default: the node's own]")
@person_option
@click.option("--share", is_flag=True, help="Let agreements pass on what comes, as this node's own word; else it stays here.")
@click.option("--allow", multiple=True, metavar="HOST", help="A further host it may redirect to. Repeatable.")
@click.option("--allow-private", is_flag=True, help="It is on this machine or a private network.")
@click.option("--allow-http", is_flag=True, help="Fetch it without TLS.")
@click.option("--token-file", type=click.Path(path_type=Path), help="File with a token for its server. [default: $COMITY_FEED_TOKEN]")
@click.option("--header", default="Authorization", show_default=True, help="The header that the token goes in.")
@click.option("--ca", type=click.Path(path_type=Path), help="PEM file of authorities to trust instead of the system's.")
@click.option("--max-size", type=click.IntRange(1, 4096), default=64, show_default=True, help="The most it may hold, unpacked, in MiB.")
@click.option("--max-time", type=SPAN, default="5m", show_default=True, help="The longest that a fetch may take.")
@node_option
@click.pass_context
def add_command(
    ctx: click.Context, name: str, url: str, kind: str, every: timedelta, tlp: str, purpose: str, threat: str, columns: tuple[str, ...],
    expires: timedelta | None, full: bool, party: str | None, share: bool, person: str, allow: tuple[str, ...], allow_private: bool,
    allow_http: bool, token_file: Path | None, header: str, ca: Path | None, max_size: int, max_time: timedelta, node: str | None,
) -> None:  # fmt: skip
    """Set up a feed. What it brings is this node's own submission and stays on this node unless --share is given.

    \b
    Example:
      comity feed add urls https://lists.example/urls.csv --kind csv --column value=url --threat malicious-activity --expires 30d
    """
    world = opened(ctx, node)
    token = text_of(token_file).strip() if token_file else os.environ.get("COMITY_FEED_TOKEN", "")
    feeds.add_feed(
        world,
        feeds.Feed(
            name=name,
            url=url,
            kind=kind,
            added=stamp(micros(world.clock())),
            every=every.total_seconds(),
            tlp=tlp_level(tlp),
            purposes=listed(purpose),
            party=party_code(party) if party else "",
            share=share,
            person=person,
            columns=_columns(columns),
            threat=listed(threat),
            life=expires.total_seconds() if expires else None,
            full=full,
            allow=tuple(host_and_port(f"https://{host}")[0] for host in allow),
            own=allow_private,
            plain=allow_http,
            most=max_size << 20,
            seconds=max_time.total_seconds(),
            ca=text_of(ca) if ca else "",
            header=header if token else "",
            secret=_secret(header, token),
        ),
    )
    if party:
        warn_unknown(world, party_code(party))
    note(f"feed {name}: comity up pulls it every {every}; comity feed pull {name} pulls it now")


def _columns(given: tuple[str, ...]) -> dict[str, str]:
    """The map of columns. Raises SenderFault."""
    found = {}
    for each in given:
        field, equals, name = each.partition("=")
        if not equals or not name.strip():
            raise SenderFault(f"--column {each!r} says no FIELD=NAME", next="for example --column value=url")
        found[field.strip()] = name.strip()
    return found


def _secret(header: str, token: str) -> str:
    """The value of the header. Raises SenderFault for what would break out of it."""
    if not token.isprintable() or not token.isascii() or not header.replace("-", "").isalnum() or not header.isascii():
        raise SenderFault("the token or the name of its header is not plain text", next="check the file and --header")
    return f"Bearer {token}" if token and header.lower() == "authorization" and " " not in token else token


@feed.command("list")
@output_option
@node_option
@click.pass_context
def list_command(ctx: click.Context, output: str | None, node: str | None) -> None:
    """The feeds and how their last pulls ended.

    \b
    Example:
      comity feed list
    """
    world = opened(ctx, node)
    write((feeds.describe(world, each) for each in feeds.feeds(world)), output, _LIST)


@feed.command("show")
@click.argument("name")
@output_option
@node_option
@click.pass_context
def show_command(ctx: click.Context, name: str, output: str | None, node: str | None) -> None:
    """One feed: how it is set up, its last pull, and what was wrong in it.

    \b
    Example:
      comity feed show urls
    """
    world = opened(ctx, node)
    write([feeds.describe(world, feeds.feed(world, name))], output, (*_LIST, "problems"))


@feed.command("remove")
@click.argument("name")
@node_option
@click.pass_context
def remove_command(ctx: click.Context, name: str, node: str | None) -> None:
    """Forget a feed and its token. What came from it stays until it expires.

    \b
    Example:
      comity feed remove urls
    """
    feeds.remove_feed(opened(ctx, node), name)
    note(f"feed {name} is removed; what came from it stays")


@feed.command("pull")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--again", is_flag=True, help="Take the list in even if it has not changed.")
@output_option
@node_option
@click.pass_context
def pull_command(ctx: click.Context, names: tuple[str, ...], again: bool, output: str | None, node: str | None) -> None:
    """Pull feeds now: all, or those named. Exits 9 when something in a list was not taken.

    \b
    Example:
      comity feed pull urls
    """
    world = opened(ctx, node)
    chosen = names or tuple(each.name for each in feeds.feeds(world))
    if not chosen:
        note("there are no feeds yet: comity feed add")
    fault: Fault | None = None
    for name in chosen:
        # A feed that is away does not keep the others waiting; the last such fault gives the exit code.
        try:
            feed_pull.pull(world, name, again=again)
        except (PeerFault, NotAuthenticated, SenderFault) as error:
            fault = error
            note(f"{name}: {error}")
    told = [feeds.describe(world, feeds.feed(world, name)) for name in chosen]
    write(told, output, _LIST)
    # What was wrong in an earlier list has been told then.
    fresh = [each for each in told if each["result"].startswith("taken in")]
    for each in fresh:
        for problem in each["problems"]:
            note(f"{each['name']}: {problem}")
    if fault is not None:
        raise fault
    ctx.exit(9 if any(each["problems"] for each in fresh) else 0)

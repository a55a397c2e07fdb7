"""`comity party`: the membership register."""

from __future__ import annotations

import click

from comity.clock import now, parse
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.moments import MOMENT
from comity.doors.cli.output import note, output_option, write
from comity.doors.cli.party_key import key
from comity.errors import NotFound
from comity.intake.govern import add_standing
from comity.terms.party import Standing, body_slug, party_code, standing_name


@click.group()
def party() -> None:
    """The membership register: who has which standing in which body, and since when; and parties' keys."""


party.add_command(key)


@party.command("add")
@click.option("--party", "code", required=True, metavar="CODE", help="Whose standing, like UZ.")
@click.option("--body", required=True, metavar="SLUG", help="In which body, like sco.")
@click.option("--standing", required=True, metavar="STANDING", help="member, observer, dialogue-partner, ...")
@click.option("--from", "since", required=True, type=MOMENT, metavar="DATE", help="When it began; a bare date is 00:00 UTC.")
@click.option("--until", type=MOMENT, metavar="DATE", help="When it ended (that moment excluded).")
@click.option("--name", default="", help="The party's name for people.")
@click.option("--source", default="", help="Where this is known from.")
@node_option
@click.pass_context
def add_command(
    ctx: click.Context, code: str, body: str, standing: str, since: str, until: str | None, name: str, source: str, node: str | None
) -> None:
    """Record a standing.

    \b
    Example:
      comity party add --party UZ --body sco --standing member --from 2001-06-15 --source "founding declaration"
    """
    fact = Standing(
        party=party_code(code),
        body=body_slug(body),
        standing=standing_name(standing),
        since=parse(since),
        until=parse(until) if until else None,
        name=name,
        source=source,
    )
    add_standing(opened(ctx, node), fact, by="administrator")
    note(f"{fact.party} is {fact.standing} of {fact.body} from {since}" + (f" until {until}" if until else ""))


@party.command("list")
@click.option("--body", metavar="SLUG", help="Of this body. [default: every body]")
@click.option("--on", type=MOMENT, metavar="DATE", help="As of this moment. [default: now]")
@output_option
@node_option
@click.pass_context
def list_command(ctx: click.Context, body: str | None, on: str | None, output: str | None, node: str | None) -> None:
    """Who has which standing at a moment.

    \b
    Example:
      comity party list --body sco --on 2021-11-01
    """
    _, rules = opened(ctx, node).rulebook.current()
    at = parse(on) if on else now()
    register, names = rules.register, rules.register.names()
    bodies = [body_slug(body)] if body else sorted({s.body for s in register.standings})
    write(
        (
            {"party": code, "body": slug, "standing": standing, "name": names.get(code, "")}
            for slug in bodies
            for code in register.parties(slug)
            if (standing := register.standing(code, slug, at))
        ),
        output,
    )


@party.command("show")
@click.argument("code")
@output_option
@node_option
@click.pass_context
def show_command(ctx: click.Context, code: str, output: str | None, node: str | None) -> None:
    """Every standing a party has had, with its source.

    \b
    Example:
      comity party show IN
    """
    _, rules = opened(ctx, node).rulebook.current()
    claims = [s for s in rules.register.standings if s.party == party_code(code)]
    if not claims:
        raise NotFound(f"the register has no party {code.upper()}")
    write(
        (
            {
                "party": s.party,
                "body": s.body,
                "standing": s.standing,
                "from": s.since.date().isoformat(),
                "until": s.until.date().isoformat() if s.until else "",
                "source": s.source,
            }
            for s in sorted(claims, key=lambda s: (s.body, s.since))
        ),
        output,
    )

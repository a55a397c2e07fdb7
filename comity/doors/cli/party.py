"""`comity party`: the membership register."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from comity.clock import now, parse
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.files import bytes_of
from comity.doors.cli.moments import MOMENT
from comity.doors.cli.output import note, output_option, write
from comity.doors.cli.party_contact import contact
from comity.doors.cli.party_key import key
from comity.doors.cli.party_ping import ping
from comity.errors import NotFound
from comity.forms import party_file
from comity.intake import registering
from comity.intake.govern import add_standing
from comity.release import account
from comity.release.desk import Desk
from comity.terms.party import ACCEDING, NO_STANDING, Register, Standing, body_slug, party_code, status_name
from comity.terms.registry import Dispute

#: The longest file of a register, in bytes.
_MOST = 16 << 20


@click.group()
def party() -> None:
    """The membership register: who has which standing in which body, since when, by whose word; parties' keys, contacts and pings."""


for each in (key, contact, ping):
    party.add_command(each)


@party.command("add")
@click.option("--party", "code", required=True, metavar="CODE", help="Whose standing, like UZ.")
@click.option("--body", required=True, metavar="SLUG", help="In which body, like sco.")
@click.option("--standing", required=True, metavar="STANDING", help="member, observer, dialogue-partner, ...")
@click.option("--from", "since", required=True, type=MOMENT, metavar="DATE", help="When it began; a bare date is 00:00 UTC.")
@click.option("--until", type=MOMENT, metavar="DATE", help="When it ended (that moment excluded).")
@click.option("--name", default="", help="The party's name for people.")
@click.option("--source", default="", help="Where this is known from.")
@click.option("--status-only", is_flag=True, help="It is about the status alone, as `acceding` always is: no right follows from it.")
@node_option
@click.pass_context
def add_command(
    ctx: click.Context, code: str, body: str, standing: str, since: str, until: str | None, name: str, source: str,
    status_only: bool, node: str | None,
) -> None:  # fmt: skip
    """Record a standing. What other sources say stays on record beside it.

    \b
    Example:
      comity party add --party UZ --body sco --standing member --from 2001-06-15 --source "founding declaration"
    """
    fact = Standing(
        party=party_code(code),
        body=body_slug(body),
        standing=status_name(standing),
        since=parse(since),
        until=parse(until) if until else None,
        name=name,
        source=source,
        status_only=status_only or status_name(standing) == ACCEDING,
    )
    add_standing(opened(ctx, node), fact, by="administrator")
    note(f"{fact.party} is {fact.standing} of {fact.body} from {since}" + (f" until {until}" if until else ""))


@party.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@output_option
@node_option
@click.pass_context
def import_command(ctx: click.Context, file: Path, output: str | None, node: str | None) -> None:
    """Take in a whole register: bodies, parties, their standings with sources, and where sources differ. The same again adds nothing.

    \b
    Example:
      comity party import parties.json
    """
    entries = party_file.read(bytes_of(file, _MOST))
    world = opened(ctx, node)
    taken = registering.take(world, entries, by="administrator")
    write(({"what": kind, "new": count.new, "known": count.known} for kind, count in taken.items()), output)
    for dispute in entries.disputes:
        note(f"kept as a conflict: {_told(dispute)}")
    for claim in entries.standings:
        if entries.as_of and claim.since > entries.as_of:
            sure = f" ({claim.confidence})" if claim.confidence else ""
            note(f"{claim.party} is {claim.standing} of {claim.body} from {claim.since:%Y-%m-%d}, after the file's own date{sure}")
    for left in entries.left:
        note(f"left: {left}")


def _told(dispute: Dispute) -> str:
    return f"{dispute.about}: " + "; ".join(f"{each.source} says {each.says!r}" for each in dispute.positions)


@party.command("list")
@click.option("--body", metavar="SLUG", help="Of this body. [default: every body]")
@click.option("--on", type=MOMENT, metavar="DATE", help="As of this moment. [default: now]")
@click.option("--known", type=MOMENT, metavar="DATE", help="By what this node knew at this moment. [default: now]")
@click.option("--count", is_flag=True, help="How many there are of each status, instead of who.")
@output_option
@node_option
@click.pass_context
def list_command(
    ctx: click.Context, body: str | None, on: str | None, known: str | None, count: bool, output: str | None, node: str | None
) -> None:
    """Who has which standing at a moment, from which rights follow, and which status.

    \b
    Example:
      comity party list --body sco --on 2021-11-01
    """
    _, rules = opened(ctx, node).rulebook.current()
    register = rules.register
    bodies = [body_slug(body)] if body else sorted({s.body for s in register.standings})
    found = account.standing_at(register, bodies, parse(on) if on else now(), parse(known) if known else None)
    columns = ("body", "status", "standing", "parties") if count else ("party", "body", "standing", "status", "name")
    if count:
        counted = Counter((each.body, each.status, each.standing) for each in found)
        rows: Iterable[dict[str, Any]] = ({**dict(zip(columns, key)), "parties": number} for key, number in sorted(counted.items()))
    else:
        rows = ({name: getattr(each, name) for name in columns} for each in found)
    write(rows, output, columns)


@party.command("show")
@click.argument("code")
@click.option("--known", type=MOMENT, metavar="DATE", help="By what this node knew at this moment. [default: now]")
@output_option
@node_option
@click.pass_context
def show_command(ctx: click.Context, code: str, known: str | None, output: str | None, node: str | None) -> None:
    """Every standing and status a party has had, by which source, and what other sources say.

    \b
    Example:
      comity party show IN
    """
    world = opened(ctx, node)
    _, rules = world.rulebook.current()
    party_, moment = party_code(code), parse(known) if known else None
    claims = [s for s in rules.register.standings if s.party == party_ and (moment is None or s.known is None or s.known <= moment)]
    if not claims:
        raise NotFound(f"the register has no party {code.upper()}")
    disputed = [each for each in account.disputes(Desk(world), world.settings.party) if party_ in each.parties]
    write([*_claims(claims, rules.register, disputed), *_positions(disputed, party_)], output)


def _claims(claims: list[Standing], register: Register, disputed: list[Dispute]) -> Iterator[dict[str, Any]]:
    """A row for each claim; `conflict` if another claim or a source says otherwise."""
    for s in sorted(claims, key=lambda s: (s.body, s.since, s.status_only)):
        differs = any(s in pair for pair in register.conflicts(s.party, s.body)) or any(each.body in ("", s.body) for each in disputed)
        yield {
            "party": s.party,
            "body": s.body,
            "standing": NO_STANDING if s.status_only else s.standing,
            "status": s.standing,
            "from": s.since.date().isoformat(),
            "until": s.until.date().isoformat() if s.until else "",
            "source": s.source,
            "confidence": s.confidence,
            "conflict": differs,
            "note": s.note,
        }


def _positions(disputed: list[Dispute], party_: str) -> Iterator[dict[str, Any]]:
    """A row for what each source says of what sources differ about."""
    for dispute in disputed:
        for each in dispute.positions:
            yield {
                "party": party_, "body": dispute.body, "standing": "", "status": "", "from": "", "until": "", "source": each.source,
                "confidence": "", "conflict": True, "note": f"{dispute.about}: {each.says}",
            }  # fmt: skip


@party.command("conflicts")
@click.option("--body", metavar="SLUG", help="Of this body. [default: every body]")
@output_option
@node_option
@click.pass_context
def conflicts_command(ctx: click.Context, body: str | None, output: str | None, node: str | None) -> None:
    """Where sources differ: what each says, and what the register goes by. Nothing is settled by leaving a source out.

    \b
    Example:
      comity party conflicts --body sco
    """
    world = opened(ctx, node)
    _, rules = world.rulebook.current()
    slug = body_slug(body) if body else ""
    rows = [
        {"body": each.body, "parties": each.parties, "about": each.about, "source": one.source, "says": one.says, "held": each.held}
        for each in account.disputes(Desk(world), world.settings.party)
        for one in each.positions
    ]
    rows += _contradictions(rules.register)
    write((row for row in rows if slug in ("", row["body"])), output, ("body", "parties", "about", "source", "says", "held"))


def _contradictions(register: Register) -> Iterator[dict[str, Any]]:
    """What claims that cannot both be right say, and the standing that the register goes by now."""
    for code, body in sorted({(s.party, s.body) for s in register.standings}):
        held = register.standing(code, body, now()) or NO_STANDING
        for claim in dict.fromkeys(each for pair in register.conflicts(code, body) for each in pair):
            until = f" until {claim.until:%Y-%m-%d}" if claim.until else ""
            says = f"{claim.standing} from {claim.since:%Y-%m-%d}{until}"
            yield {"body": body, "parties": (code,), "about": f"standing of {code}", "source": claim.source, "says": says, "held": held}

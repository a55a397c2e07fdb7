"""`comity agreement sign`, `ratify` and the other acts of a party; `act` takes in those of others; `status` says where each stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from comity.agree.accord import Agreement
from comity.agree.acts import ACTS, Act, Deed, done
from comity.agree.life import TEXT
from comity.agree.rules import Rules
from comity.agree.status import WORDS, statuses
from comity.agree.wording import day, moment
from comity.clock import now, parse
from comity.config import node_folder
from comity.doors.cli.context import Nodes, node_option, opened
from comity.doors.cli.files import bytes_of
from comity.doors.cli.moments import MOMENT
from comity.doors.cli.output import note, output_option, write
from comity.doors.cli.words import warn_unknown
from comity.errors import Conflict, Fault, OperatorFault, SenderFault
from comity.intake import deeds
from comity.terms.party import party_code
from comity.world import World

#: Columns of `status`, and of `list --parties` after the agreement.
COLUMNS = ("party", "bound", "step", "on", "until", "clause", "word", "why")
#: A signed act is a few hundred bytes.
_MOST = 65_536
_SUMMARY: dict[Act, tuple[str, str]] = {
    "sign": ("Record that a party signed an agreement. This alone binds nobody.", "sign example-ict --on 2021-09-17"),
    "ratify": (
        "Record that a party ratified an agreement it has signed, and since when it is bound.",
        "ratify example-ict --on 2021-09-24 --in-force 2021-10-01",
    ),
    "reserve": (
        "Record that a party reserves clauses: they do not work between it and anybody. With its ratification at the latest.",
        "reserve example-ict --clause art-3",
    ),
    "suspend": ("Record that an agreement does not work for a party until it resumes.", "suspend example-ict"),
    "resume": ("Record that an agreement works for a party again.", "resume example-ict"),
    "withdraw": (
        "Record that a party gave notice of withdrawal; it stays bound for the agreement's period of notice.",
        "withdraw example-ict --on 2022-06-01",
    ),
}
#: What `--on` says of each act.
_ON: dict[Act, str] = {
    "sign": "When it was signed",
    "ratify": "When it was ratified",
    "reserve": "When the reservation was made",
    "suspend": "Since when it does not work",
    "resume": "Since when it works again",
    "withdraw": "When notice was given, from which the period of notice counts",
}
_WHOSE = (
    "On the node of the party itself the act is signed with the node's key; --out writes it as a file for other nodes (comity agreement "
    "act). On another node it is recorded on its administrator's word, and shown as such."
)


def _command(act: Act) -> click.Command:
    """The command for one act."""

    @click.pass_context
    def command(ctx: click.Context, /, **said: Any) -> None:
        _record(ctx, act, **said)

    summary, example = _SUMMARY[act]
    options: list[Any] = [
        click.argument("id"),
        click.option("--party", metavar="CODE", help="Whose act. [default: the node's own party]"),
        click.option("--on", type=MOMENT, metavar="DATE", help=f"{_ON[act]}; a bare date is 00:00 UTC. [default: now]"),
    ]
    if act == "ratify":
        options.append(
            click.option(
                "--in-force", type=MOMENT, metavar="DATE", help="Since when it is bound: the entry into force for it. [default: --on]"
            )
        )
    if act == "reserve":
        options.append(click.option("--clause", "clauses", multiple=True, required=True, metavar="ID", help="Which clause; repeatable."))
    options += [
        click.option("--authority", default="", metavar="TEXT", help="The authority that acted, for people."),
        click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Also write the signed act here."),
        node_option,
    ]
    for option in reversed(options):
        command = option(command)
    text = f"{summary}\n\nID is that of an agreement that the node holds (its newest version; ID@VERSION for another).\n\n{_WHOSE}"
    return click.command(act, help=f"{text}\n\n\b\nExample:\n  comity agreement {example}")(command)


def _record(
    ctx: click.Context,
    act: Act,
    id: str,
    party: str | None,
    on: str | None,
    authority: str,
    out: Path | None,
    node: str | None,
    in_force: str | None = None,
    clauses: tuple[str, ...] = (),
) -> None:
    world = opened(ctx, node)
    nodes: Nodes = ctx.obj
    code = party_code(party) if party else world.settings.party
    made = deeds.deed(
        world, id, act, party=code, on=parse(on) if on else now().replace(microsecond=0), clauses=clauses, authority=authority,
        in_force=parse(in_force) if in_force else None,
    )  # fmt: skip
    key = nodes.acts_key(node_folder(node)) if code == world.settings.party else None
    if out and not key:
        raise SenderFault(f"only {code} itself can sign its act", next=f"run this on the node of {code}, or leave --out out")
    with _written(out, deeds.sign(made, key) if out and key else b""):
        deeds.record(world, made, "administrator", key)
    warn_unknown(world, code)
    whose = "signed with this node's key" if key else "on the administrator's word, unsigned"
    since = f", in force for it from {day(made.in_force)}" if made.in_force else ""
    note(f"{done(made)} on {day(made.on)}{since}; {whose}")
    end = _end(world, made)
    if end:
        note(f"{code} stays bound until {day(end)}")
    if out:
        note(f"wrote {out}: give it to the other nodes, for comity agreement act {out.name}")


def _end(world: World, made: Deed) -> datetime | None:
    """Until when a party that gave notice stays bound; None for every other act."""
    found = deeds.held(world, made.ref)
    section = found.signatory(made.party)
    return section.end(found.notice) if section and made.act == "withdraw" else None


@contextmanager
def _written(out: Path | None, data: bytes) -> Iterator[None]:
    """The file is there if what is done meanwhile succeeds, else not. Raises Conflict, OperatorFault."""
    if out is None:
        yield
        return
    try:
        with out.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise Conflict(f"{out} is there already", next="choose another name") from None
    except OSError as error:
        raise OperatorFault(f"cannot write {out}: {error.strerror}", next="choose another place") from error
    try:
        yield
    except BaseException:
        out.unlink()
        raise


@click.command("act")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@node_option
@click.pass_context
def act(ctx: click.Context, files: tuple[Path, ...], node: str | None) -> None:
    """Take in acts that other parties signed (comity agreement sign --out FILE), in the order in which they were done.

    Each counts only if a key signed it that was entered for its party (comity party key add), and only for this very text of the agreement.

    \b
    Example:
      comity agreement act uz-sign.act uz-ratify.act
    """
    world = opened(ctx, node)
    found = []
    for path in files:
        with _of(path):
            data = bytes_of(path, _MOST)
            made = deeds.opened(data)
        found.append((made.on, ACTS.index(made.act), str(path), data))
    for _, _, name, data in sorted(found):
        with _of(Path(name)):
            made, _ = deeds.take(world, data, "administrator")
        note(f"{done(made)} on {day(made.on)}; its own signature")


@contextmanager
def _of(path: Path) -> Iterator[None]:
    """A fault in it is said to be this file's."""
    try:
        yield
    except Fault as fault:
        raise type(fault)(f"{path}: {fault}", next=fault.next) from fault


@click.command("status")
@click.argument("id")
@click.option("--on", type=MOMENT, metavar="DATE", help="As of this moment. [default: now]")
@click.option("--known", type=MOMENT, metavar="DATE", help="By what this node knew at this moment. [default: now]")
@output_option
@node_option
@click.pass_context
def status(ctx: click.Context, id: str, on: str | None, known: str | None, output: str | None, node: str | None) -> None:
    """Where each party of an agreement stands: bound or why not, and each step it took, since when, and on whose word.

    The word is that of the agreement's text, of the administrator who recorded it, or the party's own signature. --on changes who is
    bound; every step on record is listed, also later ones. --known leaves out what this node did not know yet.

    \b
    Example:
      comity agreement status example-ict --on 2021-11-01
    """
    world = opened(ctx, node)
    then = parse(known) if known else None
    found, at = deeds.held(world, id, then), parse(on) if on else now()
    _, rules = world.rulebook.current()
    count = write(rows(found, rules, at, then), output, COLUMNS)
    bound = sum(each.bound for each in statuses(found, rules, at, then))
    so = f", by what was known here on {moment(then)}" if then else ""
    note(f"{found.ref}: {bound} {'party' if bound == 1 else 'parties'} bound on {moment(at)}{so}; SHA-256 {found.sha256}")
    if not count:
        note("nobody has signed it yet: comity agreement sign")


def rows(found: Agreement, rules: Rules, at: datetime, known: datetime | None = None) -> Iterable[dict[str, object]]:
    """One row per party and step; one without a step for a party that took none."""
    for each in statuses(found, rules, at, known):
        fixed = {"party": each.party, "role": each.role, "standing": each.standing, "bound": each.bound}
        last = {"why": each.why, "authority": each.authority}
        for step in each.steps:
            yield {
                **fixed, "step": step.step, "on": day(step.on) if step.on else "", "until": day(step.until) if step.until else "",
                "clause": step.clause, "word": WORDS[step.word], **last,
            }  # fmt: skip
        if not each.steps:
            yield {**fixed, "step": "", "on": "", "until": "", "clause": "", "word": WORDS[TEXT], **last}


#: Every command of this module, for the group `agreement`.
COMMANDS = [*map(_command, ACTS), act, status]

"""`comity add`: anything a user has, told apart by its content."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
import msgspec

from comity.admin import users
from comity.admin.warninglists import open_warninglists
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.output import chosen, line, note, output_option, safe, write
from comity.doors.cli.progress import Progress
from comity.doors.cli.remote import remotely
from comity.doors.cli.words import listed, person_option, tlp_level, warn_unknown
from comity.errors import SenderFault
from comity.forms import detect, misp, report, stix_json, table
from comity.intake.claimed import record
from comity.intake.submit import Submitter, submit
from comity.match.openfile import DAMAGED, lines, whole
from comity.match.openfile import opened as opened_file
from comity.terms.item import Draft, Outcome, Refused
from comity.terms.party import ADMINISTRATOR, party_code
from comity.terms.warninglists import looked_up
from comity.world import World

if TYPE_CHECKING:
    from comity.client import Client

#: Bytes that are read at once.
_CHUNK = 1 << 20
#: Bytes of a report (HTML, text): its text is held several times over while it is read.
_REPORT = 32 << 20
KINDS = ("stix", "misp", "csv", "list", "html", "text")


#: What a file of a kind is sent as.
_MEDIA = dict.fromkeys(("stix", "misp", "json"), "application/json") | {"csv": "text/csv", "html": "text/html"}


def _add_there(
    client: Client, files: tuple[str, ...], tlp: str, purpose: str, handling: str, to: str | None, party: str | None, user: str | None,
    kind: str | None, known_good: str, consent_named: bool, sealed: bool, person: str, output: str | None, node: str | None,
) -> None:  # fmt: skip
    if party or user:
        raise SenderFault("a token acts for its own party and person", next="leave out --as and --user")
    only = tuple(party_code(code) for code in listed(to or ""))
    if to is not None and not only:
        raise SenderFault("--to names nobody", next="name the parties, or leave it out")
    said: dict[str, Any] = {
        "named": consent_named,
        "sealed": sealed,
        "person": person,
        "tlp": tlp_level(tlp),
        "purpose": listed(purpose),
        "handling": tuple(map(str.upper, listed(handling))),
        "to": only,
    }
    counts: Counter[str] = Counter()
    _tell(_outcomes_there(client, files, kind, said, counts), counts, _progress(output), output)


def _outcomes_there(
    client: Client, files: Iterable[str], kind: str | None, said: dict[str, Any], counts: Counter[str]
) -> Iterator[FileOutcome]:
    """A file goes to the node as it is: what holds within one submission (markings, references) must not be cut apart."""
    most = client.me().content_bytes
    for path in files:
        with opened_file(path) as file:
            found = kind or detect.kind(file.peek(detect.HEAD)[: detect.HEAD], path)
            if found not in (*KINDS, "json"):
                raise _untaken(path, found)
            try:
                content = whole(file, path, most)
            except DAMAGED as error:
                counts["rejected"] += 1
                yield FileOutcome(outcome="rejected", file=path, position="file", why=f"it is damaged: {error}")
                continue
        for o in client.add(content, _MEDIA.get(found, "text/plain"), kind=found if found in KINDS else None, **said):
            counts[o.outcome] += 1
            yield _of_file(path, o)


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--tlp", default="amber", show_default=True, help="TLP of objects without a marking.")
@click.option("--purpose", default="network-defence", show_default=True, help="Comma list of purposes it is shared for.")
@click.option("--handling", default="", help="Comma list of handling codes: H0, H1, H2, H3.")
@click.option("--to", metavar="CODES", help="Only these parties (comma list); the agreement must permit them too.")
@click.option("--as", "party", metavar="CODE", help="On behalf of this party. [default: the node's own]")
@click.option("--user", metavar="NAME", help="As this person: for their party, up to the ceiling of their role. See comity user add.")
@click.option("--kind", type=click.Choice(KINDS), help="What the files are. [default: told by content]")
@click.option(
    "--known-good", type=click.Choice(["tell", "hold", "off"]), default="tell", show_default=True,
    help="Indicators for values on MISP's warninglists: say so, keep them in quarantine, or do not look.",
)  # fmt: skip
@click.option("--consent-named", is_flag=True, help="Of sightings: the party may be known as their sighter.")
@click.option(
    "--sealed", is_flag=True,
    help="It leaves only sealed to the keys of those in --to: a node between cannot read it. [default: by TLP, see [sealing] in node.toml]",
)  # fmt: skip
@person_option
@output_option
@node_option
@remotely(_add_there)
@click.pass_context
def add(
    ctx: click.Context, files: tuple[str, ...], tlp: str, purpose: str, handling: str, to: str | None, party: str | None,
    user: str | None, kind: str | None, known_good: str, consent_named: bool, sealed: bool, person: str, output: str | None,
    node: str | None,
) -> None:  # fmt: skip
    """Take in STIX 2.0/2.1, MISP events, CSV, lists and reports (HTML, text), compressed or not; `-` is standard input.

    One line per object: accepted, duplicate, quarantined or rejected, and why. Exits 0 when all were kept, 9 when some were, 1 when none.

    \b
    Example:
      comity add bundle.json event.json indicators.csv --tlp green
    """
    world = opened(ctx, node)
    whoever = users.find(world, user) if user else None
    if whoever and party:
        raise SenderFault(f"{whoever.name} acts for {whoever.party}", next="leave out --as")
    own = world.settings.party
    by = Submitter(
        party=whoever.party if whoever else party_code(party) if party else own,
        by=whoever.name if whoever else ADMINISTRATOR,
        role=whoever.role if whoever else "",
        tlp=tlp_level(tlp),
        purposes=listed(purpose),
        handling=tuple(code.upper() for code in listed(handling)),
        to=tuple(party_code(code) for code in listed(to)) if to is not None else None,
        sealed=sealed,
        person=person,
        named=consent_named or (party is None and (whoever is None or whoever.party == own) and world.settings.sightings.named),
    )
    if party:
        warn_unknown(world, by.party)
    if by.to == ():
        note("note: --to names nobody: it stays with its origin")
    counts: Counter[str] = Counter()
    progress = _progress(output)
    told = Told(known_good)
    _tell(_outcomes(world, files, kind, by, counts, progress, told), counts, progress, output, told)


def _progress(output: str | None) -> Progress:
    progress = Progress()
    return progress.always() if chosen(output) in ("table", "json") else progress


class Told:
    """What the warninglists say of the indicators that come in; counts those that are on one."""

    def __init__(self, choice: str) -> None:
        self._choice = choice
        self.count = 0

    def of(self, drafts: Iterable[Draft | Refused]) -> Iterable[Draft | Refused]:
        """The drafts, each known good one with a note, or held back."""
        if self._choice == "off":
            return drafts
        lists = open_warninglists(lambda: note("building the index of warninglists, once for this version: some seconds"))

        def known_good(kind: str, value: str) -> tuple[str, ...]:
            found = lists.known_good(kind, value)
            self.count += bool(found)
            return found

        return looked_up(drafts, known_good, hold=self._choice == "hold")

    def sentence(self) -> str:
        """What to say at the end, if anything."""
        held = self._choice == "hold"
        return f"{self.count} values are on warninglists of known-good values" + (
            ", and their indicators are kept in quarantine" if held else "; --known-good hold keeps such indicators in quarantine"
        )


def _tell(
    found: Iterable[FileOutcome], counts: Counter[str], progress: Progress, output: str | None, told: Told | None = None
) -> None:  # fmt: skip
    """Write outcomes as they come, and end the command with what that says."""
    outcomes = progress.doing(found)
    if chosen(output) == "table":
        _for_people(outcomes, progress)
    elif output in ("json", "csv"):
        write((msgspec.to_builtins(o) for o in outcomes), output, ("outcome", "file", "position", "id", "type", "version", "why"))
    else:
        for outcome in outcomes:
            line(outcome)
    kept = counts["accepted"] + counts["duplicate"] + counts["quarantined"]
    note(
        ", ".join(f"{counts[name]} {name}" for name in ("accepted", "duplicate", "quarantined", "rejected") if counts[name])
        or "nothing in it"
    )
    if counts["quarantined"]:
        note("comity gate show ID says what holds each back, and who may release it")
    if told is not None and told.count:
        note(told.sentence())
    click.get_current_context().exit(0 if not counts["rejected"] and kept else 9 if kept else 1)


class FileOutcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An outcome with the file it is about."""

    outcome: str
    file: str
    position: str
    id: str | None = None
    type: str | None = None
    version: str | None = None
    why: str = ""


def _outcomes(
    world: World, files: Iterable[str], kind: str | None, by: Submitter, counts: Counter[str], progress: Progress, told: Told
) -> Iterator[FileOutcome]:
    for path in files:
        for o in submit(world, told.of(progress.reading(drafts_of(world, path, kind, progress))), by):
            counts[o.outcome] += 1
            yield _of_file(path, o)
    record(world)


def _of_file(path: str, o: Outcome) -> FileOutcome:
    return FileOutcome(outcome=o.outcome, file=path, position=o.position, id=o.id, type=o.type, version=o.version, why=o.why)


def drafts_of(world: World, path: str, kind: str | None, progress: Progress) -> Iterator[Draft | Refused]:
    """The objects in a file. STIX and tables stream, whatever their size; the rest is read at once. Raises for a file that cannot be opened
    or is of no known kind."""
    with opened_file(path) as file:
        found = kind or detect.kind(file.peek(detect.HEAD)[: detect.HEAD], path)
        if found not in ("stix", "json"):
            yield from drafts_in(file, path, found, world.clock())
            return
        damage: list[str] = []
        limits = stix_json.Limits(object_bytes=world.settings.limits.object_bytes)
        yield from stix_json.read(progress.chunks(_chunks(file, damage)), limits)
        for said in damage:
            yield Refused(position="file", why=f"it is damaged: {said}")


def _chunks(file: io.BufferedReader, damage: list[str]) -> Iterator[bytes]:
    """A file in chunks of about a MiB; one that is damaged ends where the damage begins, and that is noted."""
    ended = False
    while not ended:
        pieces, size = [], 0
        try:
            while size < _CHUNK and not ended:
                piece = file.read1(_CHUNK)
                pieces.append(piece)
                size += len(piece)
                ended = not piece
        except DAMAGED as error:
            damage.append(str(error))
            ended = True
        yield b"".join(pieces)


def drafts_in(file: io.BufferedReader, path: str, kind: str, at: datetime) -> Iterator[Draft | Refused]:
    """The objects in a file that is open already and of a known kind; `at` dates what has no date of its own. Raises SenderFault."""
    try:
        if kind in ("csv", "list"):
            yield from table.read((text for _, text in lines(file)), at=at)
        elif kind in ("stix", "json"):
            yield from stix_json.read(whole(file, path))
        elif kind == "misp":
            yield from misp.read(whole(file, path))
        elif kind in ("html", "text"):
            yield from report.read(whole(file, path, _REPORT), at=at)
        else:
            raise _untaken(path, kind)
    except DAMAGED as error:
        yield Refused(position="file", why=f"it is damaged: {error}")


def _untaken(path: str, kind: str) -> SenderFault:
    hints = {"binary": "convert text to UTF-8, for example with: iconv -f UTF-16 -t UTF-8"}
    hints |= dict.fromkeys(("zeek", "eve"), "match logs with `comity match`")
    return SenderFault(f"{path} is {kind}, which `comity add` does not take", next=hints.get(kind, "say what it is with --kind"))


def _for_people(outcomes: Iterable[FileOutcome], progress: Progress) -> None:
    """Only what a person has to know: everything that was not simply taken."""
    told = 0
    for o in outcomes:
        if o.outcome in ("rejected", "quarantined") or o.why:
            told += 1
            progress.clear()
            if told <= 50:
                print(safe(f"{o.outcome}  {o.file}  {o.position}  {o.id or ''}  {o.why}"))
            elif told == 51:
                note("more were not simply taken: use -o ndjson to see every one")

"""`comity blocklist export`: indicators for the node's own tools, under guardrail G8."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import click
from publicsuffixlist import PublicSuffixList

from comity.admin.warninglists import open_warninglists
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.files import bytes_of
from comity.doors.cli.moments import SPAN
from comity.doors.cli.output import amount, note, safe
from comity.doors.cli.passed import PassedOver
from comity.doors.cli.words import tlp_level
from comity.errors import OperatorFault, SenderFault
from comity.forms import rpz_zone, suricata_rules, table, value_table, zeek_intel
from comity.forms.blocklist import Entry, Frame, Written
from comity.forms.unblockable import Unblockable
from comity.release.blocklist import Choice, Picked, pick, record
from comity.release.desk import Desk
from comity.terms.force import Passed
from comity.terms.item import Refused
from comity.terms.warninglists import is_example

FORMATS = ("suricata", "zeek", "rpz", "csv")


@click.group()
def blocklist() -> None:
    """Indicators for tools: Suricata, Zeek, DNS policy zones, tables."""


@blocklist.command("export")
@click.option("--to", "form", type=click.Choice(FORMATS), required=True, help="For which tool.")
@click.option("--min-confidence", type=click.IntRange(0, 100), default=0, help="Only what its producer is at least as sure of.")
@click.option("--min-score", type=click.IntRange(0, 100), default=0, help="Only what is still worth as much: see docs/blocklists.md.")
@click.option("--max-age", type=SPAN, metavar="AGE", help="Only what its producer said, or said again, within: 90d.")
@click.option("--tlp-max", default="amber+strict", show_default=True, help="Nothing above this TLP.")
@click.option("--allow", multiple=True, type=click.Path(path_type=Path), metavar="FILE", help="A list of values to keep off. Repeatable.")
@click.option("--dispute", metavar="TEXT", help="Where those turn to who are listed by mistake. [default: this party and node]")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write here, at once or not at all. [default: stdout]")
@click.option("--datasets", is_flag=True, help="Suricata: names and addresses as datasets, for very many; needs --out.")
@click.option("--zone", default=rpz_zone.ZONE, show_default=True, help="RPZ: the name of the policy zone.")
@node_option
@click.pass_context
def export_command(
    ctx: click.Context, form: str, min_confidence: int, min_score: int, max_age: timedelta | None, tlp_max: str, allow: tuple[Path, ...],
    dispute: str | None, out: Path | None, datasets: bool, zone: str, node: str | None,
) -> None:  # fmt: skip
    """Write what the node's own tools may look for or block: technical, with evidence, a named producer and an end (G8).

    What is passed over is counted on stderr with the reason. Nothing leaves for another party; the use is recorded in the log.

    \b
    Example:
      comity blocklist export --to suricata --out comity.rules --allow our-own.txt
    """
    world = opened(ctx, node)
    desk = Desk(world)
    unblockable = Unblockable(PublicSuffixList().is_public, [pair for path in allow for pair in _allowed(path)])
    lists = open_warninglists(lambda: note("building the index of warninglists, once for this version: some seconds"))
    choice = Choice(
        unblockable=unblockable, min_confidence=min_confidence, min_score=min_score, max_age=max_age, tlp_max=tlp_level(tlp_max),
        known_good=lambda kind, value: () if is_example(kind, value) else lists.known_good(kind, value),
    )  # fmt: skip
    picked = pick(desk, choice)
    party, name = world.settings.party, world.settings.title or world.settings.name
    frame = Frame(party=party, made=world.clock(), dispute=dispute or f"tell {party} ({name}), naming the indicator")
    written = _written(form, picked.entries, frame, out, datasets, _zone(zone))
    without = {entry.id + entry.value for entry, _ in written.left_out}
    used = [sha for entry, sha in zip(picked.entries, picked.shas, strict=True) if entry.id + entry.value not in without]
    # The log before letting go.
    record(desk, used, f"blocklist {form}")
    desk.flush()
    if out is None:
        sys.stdout.write(safe(written.text, lines=True) if sys.stdout.isatty() else written.text)
    else:
        for beside, text in written.beside.items():
            _replace(out.with_name(beside), text)
        _replace(out, written.text)
    _tell(picked, written, len(used))


def _written(form: str, entries: Sequence[Entry], frame: Frame, out: Path | None, datasets: bool, zone: str) -> Written:
    """The list in the tool's own format."""
    if form == "suricata":
        if out is None and datasets:
            raise SenderFault("datasets are files of their own", next="give --out FILE: they go beside it")
        name = re.sub(r"[^A-Za-z0-9._-]", "-", out.stem) if out else None
        return suricata_rules.write(entries, frame, name=name, datasets=datasets)
    if form == "rpz":
        return rpz_zone.write(entries, frame, zone=zone, previous=_previous(out))
    return zeek_intel.write(entries, frame) if form == "zeek" else value_table.write(entries, frame)


def _zone(text: str) -> str:
    """The name of a policy zone. Raises SenderFault."""
    zone = text.lower().removesuffix(".")
    if not re.fullmatch(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?){0,7}", zone):
        raise SenderFault(f"{text!r} is not the name of a zone", next="for example --zone rpz.example")
    return zone


def _allowed(path: Path) -> Iterator[tuple[str, str]]:
    """The values of an allow-list. Raises SenderFault for a line that says none: a list of what to spare is not half read."""
    for row in table.rows(bytes_of(path, 64 << 20).splitlines()):
        if isinstance(row, Refused):
            raise SenderFault(f"{path}, {row.position}: {row.why}", next="give names, addresses, networks, URLs or hashes, one a line")
        yield row.kind, row.value


def _previous(out: Path | None) -> str | None:
    """The file that will be replaced, None if there is none to be read."""
    try:
        return out.read_text("utf-8") if out is not None else None
    except (OSError, UnicodeDecodeError):
        return None


def _replace(path: Path, text: str) -> None:
    """Write a file in one step: a tool that reloads it never reads half of it. Raises OperatorFault."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            # The tool runs as another user.
            os.chmod(name, 0o644 & ~_umask())
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise OperatorFault(f"cannot write {path}: {error.strerror}", next="check the folder and its permissions") from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _tell(picked: Picked, written: Written, used: int) -> None:
    """Count what is on the list, and what is not for which reason, naming some of each."""
    over = PassedOver()
    for one in (*picked.passed, *(Passed(id=entry.id, value=entry.value, why=why) for entry, why in written.left_out)):
        over.add(one)
    over.tell()
    note(f"{amount(used, 'value')} on the list, {len(picked.passed) + len(written.left_out):,} left out")

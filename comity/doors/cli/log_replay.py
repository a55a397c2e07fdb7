"""`comity log replay`: past disclosures decided again, here or from a file on another machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from comity.doors.cli.context import node_option, opened
from comity.doors.cli.files import bytes_of
from comity.doors.cli.output import note, output_option, write
from comity.errors import SenderFault
from comity.ledger.keys import read_verifier
from comity.release.desk import Desk
from comity.release.replay import Replayed, case_of, read_case, replays, write_case
from comity.release.replay import replay as decide_again

_COLUMNS = ("index", "at", "party", "same", "gone", "missing", "differing", "agreements")


@click.command("replay")
@click.argument("index", required=False, type=click.IntRange(0))
@click.option("--from", "first", default=0, type=click.IntRange(0), help="Without INDEX: every disclosure from this entry on.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the case of INDEX here, to be decided elsewhere; decide nothing.")
@click.option("--case", "given", type=click.Path(path_type=Path), help="Decide this case, which --out wrote, without any node.")
@click.option("--key", metavar="LINE", help="With --case: the log's public key. [default: the node's own log]")
@output_option
@node_option
@click.pass_context
def replay(
    ctx: click.Context, index: int | None, first: int, out: Path | None, given: Path | None, key: str | None, output: str | None,
    node: str | None,
) -> None:  # fmt: skip
    """Decide past disclosures again, by the agreements, standings and approvals as they were known then. Exits 8 if one differs.

    A case is all that one disclosure was decided by, with the proof of its log entry: an auditor decides it on another machine, and holds
    the SHA-256 of the agreements' texts against what the parties signed. Exits 8 too for a case that leaves objects out.

    \b
    Examples:
      comity log replay 12
      comity log replay --from 100
      comity log replay 12 --out 12.case
      comity log replay --case 12.case --key "$(cat log-copy/key)"
    """
    if sum((index is not None, given is not None)) > 1 or (out and index is None):
        raise SenderFault("an INDEX, or --case FILE; and --out with an INDEX", next="comity log replay --help")
    if given is not None:
        verifier = read_verifier(key.strip()) if key else opened(ctx, node).journal.verifier
        found: list[Replayed | tuple[int, str]] = [decide_again(read_case(bytes_of(given)), [verifier])]
    else:
        desk = Desk(opened(ctx, node))
        if index is None:
            found = list(replays(desk, first))
        elif out:
            out.write_bytes(write_case(case_of(desk, index)))
            note(f"the case of entry {index} is in {out}; give it with the log's key (comity log witness key)")
            return
        else:
            found = [decide_again(case_of(desk, index), [desk.world.journal.verifier])]
    # At the node itself, what is missing was withdrawn; whoever is handed a case cannot tell that from what is withheld.
    bad = [each for each in found if not isinstance(each, Replayed) or not each.ok or (given is not None and each.missing)]
    write((_row(each, each not in bad) for each in found), output, _COLUMNS)
    note(f"{len(found) - len(bad)} of {len(found)} disclosures are decided as they were")
    if missing := sum(each.missing for each in found if isinstance(each, Replayed)):
        why = "they were withdrawn since" if given is None else "they were withdrawn since, or are withheld"
        note(f"{missing} objects cannot be decided again: the log names them, and {why}")
    if bad:
        ctx.exit(8)


def _row(found: Replayed | tuple[int, str], ok: bool) -> dict[str, Any]:
    if isinstance(found, Replayed):
        return {"ok": ok, **msgspec.to_builtins(found)}
    return {"ok": ok, "index": found[0], "why": found[1]}

"""`comity demo`: a centre and three members on this machine run the whole loop on sample data."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from comity.doors.cli.context import Nodes
from comity.doors.cli.demo_nodes import Fleet
from comity.doors.cli.demo_scenery import set_up
from comity.doors.cli.demo_story import Story, Summary
from comity.doors.cli.output import document, note
from comity.errors import Conflict, OperatorFault

SCENARIOS = ("loop", "federation")


@click.command()
@click.option("--dir", "folder", type=click.Path(path_type=Path), help="Keep the nodes here. [default: a folder removed at the end]")
@click.option("--once", is_flag=True, help="Run the loop, print one JSON object, stop.")
@click.option("--scenario", type=click.Choice(SCENARIOS), default="loop", show_default=True, help="Which story to run.")
@click.pass_context
def demo(ctx: click.Context, folder: Path | None, once: bool, scenario: str) -> None:
    """Run the loop: share, decide, deliver, match, sight, prove. Four real nodes on loopback, nothing else needed.

    With --scenario federation: two hubs and 27 members' nodes share 10,000 items, each to whom two bodies' agreements give it.

    \b
    Example:
      comity demo
      comity demo --once
      comity demo --once --scenario federation
    """
    if folder is not None:
        _check_empty(folder)
    # A stop from outside takes the same way out as Ctrl-C, so that it leaves nothing running either.
    signal.signal(signal.SIGTERM, _interrupt)
    place = folder or Path(tempfile.mkdtemp(prefix="comity-demo-"))
    began = time.monotonic()
    nodes: Nodes = ctx.obj
    if scenario == "federation":
        ctx.exit(_federation(nodes, place, folder, once))
    try:
        with Fleet(nodes, place) as fleet:
            story = Story(fleet, tell=_silent if once else note)
            story.run()
            summary = Summary.of(story, time.monotonic() - began)
            if once:
                document(summary.as_json(), "ndjson", "")
            else:
                set_up(fleet)
                _stay(fleet, summary, folder)
    finally:
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)
    ctx.exit(0 if summary.verified else 8)


def _federation(nodes: Nodes, place: Path, folder: Path | None, once: bool) -> int:
    """Two hubs and their members. It ends when all is told; the nodes stay in the folder if one was named."""
    from comity.doors.cli.demo_federation import Story, Summary
    from comity.doors.cli.demo_hubs import Federation

    began = time.monotonic()
    try:
        with Federation(nodes, place) as federation:
            story = Story(federation, tell=_silent if once else note)
            story.run()
            summary = Summary.of(story, time.monotonic() - began)
        if once:
            document(summary.as_json(), "ndjson", "")
        else:
            note(f"\nDone in {summary.seconds:.1f} s, {summary.peak_memory_mb:,.0f} MB in three processes.")
    finally:
        if folder is None:
            shutil.rmtree(place, ignore_errors=True)
    return 0 if summary.sound else 8


def _check_empty(folder: Path) -> None:
    """Raises Conflict for a folder with something in it, OperatorFault for one that cannot be used."""
    try:
        empty = not any(folder.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        raise OperatorFault(f"cannot use {folder}: {error.strerror}", next="choose a new folder for --dir") from None
    if not empty:
        raise Conflict(f"{folder} is not empty", next="choose a new folder for --dir")


def _silent(text: str) -> None:
    """`--once` speaks at the end only."""


def _stay(fleet: Fleet, summary: Summary, folder: Path | None) -> None:
    """Say where to look, and wait for Ctrl-C."""
    note(f"\nDone in {summary.seconds:.1f} s, {summary.peak_memory_mb:,.0f} MB in five processes.")
    note("The nodes stay up; each link signs in once:\n")
    for person in fleet.people():
        print(f"  {person.name:<15} {person.role:<18} {person.link}")
    sys.stdout.flush()
    shown = folder or fleet.folder
    note(f"\nTry:  the link of kz.analyst, then /o/{summary.refused_id}/audience there: who gets it, why IR does not")
    note(f"      comity audience {summary.refused_id} --node {shown / 'centre'}")
    note(f"      comity log verify --node {shown / 'centre'}")
    note("      the link of kz.duty, then Approvals: a request that waits for two persons; ATT&CK: what stands around the campaign")
    note("\nCtrl-C ends the demo and removes everything." if folder is None else "\nCtrl-C ends the demo; the nodes stay in the folder.")
    threading.Event().wait()


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt

"""`comity <noun> <verb>`: data to stdout, all else to stderr, documented exit codes (interfaces.md, CLI).

Each command lives in a module of its own that is imported only when it is called, so that `--help` and small commands stay quick.
"""

from __future__ import annotations

import importlib
import io
import os
import sqlite3
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

from comity import __version__
from comity.doors.cli.output import note
from comity.errors import (
    Conflict,
    Denied,
    Fault,
    IntegrityFault,
    NotAuthenticated,
    NotFound,
    OperatorFault,
    PeerFault,
    SenderFault,
)

if TYPE_CHECKING:
    from comity.doors.cli.context import Nodes

#: Exit codes by fault; 0 is success, 1 any other failure, 2 usage, 9 partial, 130 interrupted.
EXITS: tuple[tuple[type[Fault], int], ...] = (
    (NotFound, 3),
    (Denied, 4),
    (NotAuthenticated, 5),
    (Conflict, 6),
    (PeerFault, 7),
    (IntegrityFault, 8),
    (SenderFault, 2),
)

#: Command -> (module, one line for --help). The order is the order in --help.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "Run a centre and three members on this machine, the whole loop."),
    "preview": ("preview", "Show who would receive what of a MISP export or STIX bundle, without a node."),
    "samples": ("sample", "Write sample data to try things on."),
    "init": ("nodes", "Make a node: keys, settings, store."),
    "up": ("nodes", "Serve web pages, TAXII and the JSON API."),
    "party": ("party", "The membership register, and parties' keys."),
    "accession": ("accession", "Parties that come and go: accession, suspension, withdrawal."),
    "agreement": ("agreement", "Agreements: write, read, try, add, sign, ratify them."),
    "user": ("user", "The node's own people, and sign-in links."),
    "approval": ("approval", "What goes only with approval: requests, and people's decisions."),
    "gate": ("gate", "What waits for the persons in it: review it, release it, reject it."),
    "redress": ("redress", "Tickets of those who say that something here is wrong."),
    "token": ("token", "Tokens for people, their tools and other nodes."),
    "add": ("add", "Take in STIX, MISP, CSV, lists and reports."),
    "get": ("read", "Print an object this node holds."),
    "search": ("read", "Find objects by value or id."),
    "claims": ("claims", "What each source says of a thing, side by side."),
    "audience": ("explain", "Who sees an object."),
    "why": ("explain", "Why a party sees an object, or why not."),
    "export": ("export", "What this node holds, as MISP events."),
    "blocklist": ("blocklist", "Indicators for Suricata, Zeek, DNS policy zones, tables."),
    "match": ("match", "Match logs against indicators."),
    "sightings": ("sightings", "Tell producers what several parties saw."),
    "constituency": ("constituency", "What a party and its customers answer for."),
    "inbox": ("inbox", "What is said about a party's constituency."),
    "notify": ("notify", "Tell owners what is said about their networks."),
    "feedback": ("feedback", "Tell a producer of a false positive, or confirm."),
    "stix": ("stix", "Check STIX objects against the standard."),
    "pattern": ("pattern", "STIX patterns: check them, match them."),
    "peer": ("peer", "Links to other nodes, TAXII servers and MISP."),
    "sync": ("peer", "Pull from and push to the peers."),
    "airgap": ("airgap", "Exchange with nodes that no network leads to."),
    "feed": ("feed", "Lists pulled from the web on a schedule."),
    "warninglist": ("warninglist", "Values that are known to be good."),
    "recall": ("recall", "Take an object back; what was withdrawn, who had it, and what became of it."),
    "purge": ("retain", "Erase what is over its time, and report."),
    "retain": ("retain", "When things are to go; keeping them for longer."),
    "sealed": ("sealed", "What came sealed to this node, and what became of it."),
    "log": ("log", "The ledger: head, verify, prove, export."),
    "backup": ("backup", "Back the node up into one file, and check it."),
    "restore": ("backup", "Put a backup back."),
    "fsck": ("check", "Check the store and the log against each other."),
    "doctor": ("check", "Check that this machine and node are in order."),
}


class Lazy(click.Group):
    """A group that knows its commands' names and lines without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"comity.doors.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As click, with the nearest name suggested for a typo."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            close = get_close_matches(args[0], COMMANDS, 1)
            ctx.fail(f"No such command {args[0]!r}." + (f" Did you mean {close[0]!r}?" if close else ""))
        return super().resolve_command(ctx, args)

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        """As click, which must not see that a reader has gone: it would call that a failure."""
        try:
            return super().make_context(*args, **more)
        except BrokenPipeError:
            raise _ReaderGone from None

    def invoke(self, ctx: click.Context) -> Any:
        """As click, likewise."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _ReaderGone from None


class _ReaderGone(Exception):
    """The reader of what is written (head, less) has gone: not our failure, and nothing more to say to it."""


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="comity")
def cli() -> None:
    """Share threat intelligence by declared agreement; every disclosure is decided, explained and logged.

    \b
    Try first:
      comity preview event.json --agreement agreement.toml
      comity demo
    """


def run(nodes: Nodes) -> NoReturn:
    """Run the command line over the given composition root and exit."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal or pipe that cannot take a character gets a question mark, not half a table and a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        code = _carry_out(nodes)
        sys.stdout.flush()
    except (_ReaderGone, BrokenPipeError):
        _write_nowhere()
        code = 0
    except OSError as error:  # what was still to be written: a full disk, say
        _write_nowhere()
        code = report(_of_system(error))
    sys.exit(code)


def _carry_out(nodes: Nodes) -> int:
    """Run the command line; the exit code."""
    try:
        code = cli.main(obj=nodes, standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except (click.Abort, KeyboardInterrupt):
        note("interrupted")
        return 130
    except click.ClickException as fault:
        fault.show()
        return fault.exit_code
    except Fault as fault:
        return report(fault)
    except sqlite3.DatabaseError as error:
        damaged = not isinstance(error, sqlite3.OperationalError)
        said = f"the store is damaged: {error}" if damaged else f"the store cannot be used now: {error}"
        return report(IntegrityFault(said, next="run comity fsck; restore a backup") if damaged else OperatorFault(said))
    except BrokenPipeError:
        raise
    except OSError as error:
        return report(_of_system(error))


def _of_system(error: OSError) -> OperatorFault:
    """What the system refused, in words."""
    about = f"{error.filename}: " if error.filename is not None else ""
    next_ = "check who owns it, or run this as that user" if isinstance(error, PermissionError) else ""
    return OperatorFault(f"{about}{error.strerror or error}", next=next_)


def _write_nowhere() -> None:
    """Let nothing that is still to be written fail once more at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())


def report(fault: Fault) -> int:
    """Tell the user what is wrong and what next; the exit code."""
    note(f"comity: {fault}")
    if fault.next:
        note(f"        {fault.next}")
    return next((code for kind, code in EXITS if isinstance(fault, kind)), 1)

"""`comity fsck` and `comity doctor`."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterable, Mapping

import click

from comity.admin.fsck import fsck as check_all
from comity.admin.health import health
from comity.clock import from_micros
from comity.config import node_folder
from comity.doors.cli.context import node_option, opened
from comity.doors.cli.output import chosen, note, output_option, safe, write
from comity.errors import OperatorFault
from comity.peer.restoring import unheard
from comity.rulebook import Unheard


@click.command()
@output_option
@node_option
@click.pass_context
def fsck(ctx: click.Context, output: str | None, node: str | None) -> None:
    """Check the store and the log against each other. Exits 8 and names what does not fit; changes nothing.

    \b
    Example:
      comity fsck
    """
    problems = check_all(opened(ctx, node))
    found = _listed(problems) if chosen(output) == "table" else write(({"problem": problem} for problem in problems), output)
    note(f"{found} problems" if found else "sound")
    ctx.exit(8 if found else 0)


def _listed(problems: Iterable[str]) -> int:
    """Print each problem as it is found, and whole: one column needs no aligning. How many."""
    count = 0
    for count, problem in enumerate(problems, 1):  # noqa: B007
        print(safe(problem), flush=True)
    return count


def _waiting(found: Mapping[str, Unheard]) -> str:
    """What waits after a restore, and what helps."""
    since = [f"{each.party} ({name}, since {from_micros(each.since):%Y-%m-%d %H:%M} UTC)" for name, each in found.items()]
    return f"restored: what came from {', '.join(since)} waits for its node; comity peer resume ends that" if since else ""


@click.command()
@output_option
@node_option
@click.pass_context
def doctor(ctx: click.Context, output: str | None, node: str | None) -> None:
    """Check that this machine and node are in order.

    \b
    Example:
      comity doctor
    """
    folder = node_folder(node)
    try:
        is_node = (folder / "node.toml").exists()
    except OSError as error:
        next_ = "run this as the user who owns the node" if isinstance(error, PermissionError) else "check --node or COMITY_NODE"
        raise OperatorFault(f"cannot look into {folder}: {error.strerror}", next=next_) from None
    rows = [
        {"check": "python", "ok": sys.version_info >= (3, 11), "what": platform.python_version()},
        {"check": "node folder", "ok": is_node, "what": str(folder)},
    ]
    if is_node:
        world = opened(ctx, node)
        keys = [path for path in (folder / "keys").rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
        free = shutil.disk_usage(folder).free
        _, rules = world.rulebook.current()
        rows += [
            {"check": "keys are private", "ok": not keys, "what": ", ".join(path.name for path in keys) or "0600"},
            {"check": "disk", "ok": free > 1 << 30, "what": f"{free >> 20} MiB free"},
            {"check": "log", "ok": not (why := health(world).problem), "what": why or "entries can be appended"},
            {"check": "held back", "ok": not (waits := unheard(world)), "what": _waiting(waits) or "nothing waits for another node"},
            {"check": "store", "ok": not list(check_all(world)), "what": f"fsck, {len(rules.agreements)} agreements"},
        ]
    write(rows, output)
    ctx.exit(0 if all(row["ok"] for row in rows) else 1)

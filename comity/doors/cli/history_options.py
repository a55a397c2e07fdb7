"""`--keep`, `--history`, `--since` and `--new` of `comity match`, and what they go with."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import click

from comity.config import Settings, node_folder, read_settings
from comity.doors.cli.context import opened
from comity.doors.cli.moments import SPAN
from comity.doors.cli.output import note
from comity.errors import OperatorFault
from comity.match.inputs import logs_in

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--keep", is_flag=True, help="Keep what the logs show of the outside, by day, for --history. [default: as node.toml says]"
    ),
    click.option("--history", is_flag=True, help="Look for indicators in what was kept; no log is read."),
    click.option("--since", type=SPAN, metavar="AGE", help="With --history: only so far back, like 30d."),
    click.option("--new", is_flag=True, help="With --history: only for indicators that came since the last time."),
)


def history_options(command: F) -> F:
    """`--keep`, `--history`, `--since` and `--new` of `comity match`: with `--history` no log is read."""

    @functools.wraps(command)
    def either(*args: Any, keep: bool, history: bool, since: timedelta | None, new: bool, **given: Any) -> Any:
        ctx, alone = click.get_current_context(), bool(given["indicators"])
        if (since or new) and not history:
            raise click.UsageError("--since and --new are about --history")
        if alone and (keep or history):
            raise click.UsageError("--keep and --history need the node's own indicators: leave --indicators out")
        if history and given["by"] == "file":
            raise click.UsageError("of what is kept it is not known which log it is from: count --by indicator, source or day")
        if history:
            from comity.doors.cli.looking_back import Asked, look_back  # it takes a while to load
            from comity.release.desk import Desk

            asked = Asked(
                since=since, new=new, min_score=given["min_score"], known_good=given["known_good"] or "skip", explain=given["explain"],
                submit=given["submit"], named=given["consent_named"], output=given["output"],
                by=given["by"] or ("indicator" if given["summary"] else ""),
            )  # fmt: skip
            ctx.exit(look_back(Desk(opened(ctx, given["node"])), asked))
        if not given["logs"]:
            raise click.UsageError("Missing argument 'LOG...'.")
        if keep and given["following"]:
            raise click.UsageError("what is followed has no end to be kept: leave --follow or --keep out")
        reads = not (alone or given["following"] or given["explain_format"])
        if reads and (keep or _settings(given["node"]).history.keep):
            from comity.doors.cli.looking_back import keep_logs

            keep_logs(opened(ctx, given["node"]), logs_in(given["logs"], note), given["form"])
        return command(*args, **given)

    for option in reversed(_OPTIONS):
        either = option(either)
    return either  # type: ignore[return-value]


def _settings(node: str | None) -> Settings:
    """The settings of a node; who has none is told that a list needs none."""
    folder = node_folder(node)
    try:
        return read_settings(folder)
    except OperatorFault as fault:
        if not folder.exists():
            fault.next = f"name a list with --indicators FILE, which needs no node; or {fault.next}"
        raise

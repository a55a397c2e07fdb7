"""An agreement that a command names: a file of its own, or one that the node holds."""

from __future__ import annotations

from pathlib import Path

import click

from comity.agree.agreement import Agreement, read
from comity.doors.cli.context import opened
from comity.doors.cli.files import text_of
from comity.intake.deeds import held


def is_file(id: str) -> bool:
    """Whether a name is that of a file, there or not, and not an agreement's id."""
    path = Path(id)
    return path.suffix == ".toml" or path.is_file()


def named_text(ctx: click.Context, id: str, node: str | None) -> Agreement:
    """The agreement that a file's path or an id (with or without @version) names. Raises NotFound."""
    if is_file(id):
        return read(text_of(Path(id)), name=id)
    return held(opened(ctx, node), id)

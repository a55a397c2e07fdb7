"""`comity agreement new`: a text to begin from."""

from __future__ import annotations

from pathlib import Path

import click

from comity import samples
from comity.agree.skeleton import begun, begun_like
from comity.clock import now, parse
from comity.doors.cli.moments import MOMENT
from comity.doors.cli.output import note
from comity.errors import Conflict, OperatorFault

_LIKE = tuple(name.removesuffix("-sample.toml") for name in samples.NAMES if name.endswith("-sample.toml"))


@click.command("new")
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--id", "id_", required=True, metavar="ID", help="Its short name for ever: lower-case letters, digits, '-'.")
@click.option("--body", required=True, metavar="SLUG", help="The organisation whose register counts, like sco.")
@click.option("--title", required=True, metavar="TEXT", help="Its title, for people.")
@click.option("--in-force", type=MOMENT, metavar="DATE", help="Its first day. [default: today]")
@click.option("--like", type=click.Choice(_LIKE), help="Begin from the clauses of one of the samples.")
def new(out: Path, id_: str, body: str, title: str, in_force: str | None, like: str | None) -> None:
    """Write a new agreement to OUT to begin from: sound as it stands, with remarks that say what to change. Needs no node.

    \b
    Example:
      comity agreement new ours.toml --id ours --body sco --title "Our agreement on threat information"
      comity agreement new ours.toml --id ours --body energy-isac --title "Our rules" --like green-isac
    """
    day = (parse(in_force) if in_force else now()).date()
    if like:
        sample = f"{like}-sample"
        text = begun_like(samples.read(f"{sample}.toml").decode(), sample, id_, body, title, day)
    else:
        text = begun(id_, body, title, day)
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Conflict(f"{out} is there already", next="choose another name") from None
    except OSError as error:
        raise OperatorFault(f"cannot write {out}: {error.strerror}", next="choose another place") from error
    note(f"wrote {out}; next: edit it, then comity agreement lint {out} and comity agreement show {out}")

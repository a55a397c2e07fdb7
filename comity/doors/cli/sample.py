"""`comity samples`: our own sample data, to try things on."""

from __future__ import annotations

from pathlib import Path

import click

from comity import samples as data
from comity.doors.cli.output import note
from comity.errors import Conflict, OperatorFault


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("comity-samples"))
def samples(folder: Path) -> None:
    """Write the sample data to FOLDER [default: comity-samples]: a MISP event, a STIX bundle, two logs, four agreements.

    \b
    Example:
      comity samples
      comity preview comity-samples/kz-phishing.misp.json --agreement comity-samples/sco-ict-sample.toml
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in data.NAMES:
            if (folder / name).exists() and (folder / name).read_bytes() != data.read(name):
                raise Conflict(f"{folder / name} is there already and differs", next="choose another folder")
            (folder / name).write_bytes(data.read(name))
            print(folder / name)
    except OSError as error:
        raise OperatorFault(f"cannot write to {folder}: {error.strerror}", next="choose a folder you may write to") from error
    note("all made up: reserved names and addresses, no real party's data; the agreements are sample wording, not the text of any treaty")

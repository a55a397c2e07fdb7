"""Every system call on a node's files goes wrong once: `python -m tests.syscalls [--most 5]`, by strace's fault injection; takes minutes.

Each command runs once as it is, to count its calls; then once for each call (the first `--most` of each kind) with EIO and with ENOSPC
instead of it. After each: what was acknowledged is there, a failure was said in words, `fsck` finds nothing, and the command succeeds.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.consortium import indicator

CALLS = ("openat", "pwrite64", "write", "fsync", "fdatasync", "ftruncate", "rename", "unlink", "mkdir")
ITEM = indicator(id="indicator--11111111-1111-4111-8111-111111111111")
#: Command -> what shows that its acknowledgement was true.
COMMANDS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("add", "item.json"): ("get", ITEM["id"]),
    ("token", "create", "--party", "UZ"): ("token", "list"),
    ("log", "publish"): ("log", "publish"),
    ("log", "export", "--tiles", "tiles"): ("log", "verify", "--export", "tiles"),
    ("backup", "b"): ("backup", "b", "--check"),
}


class Place:
    """A folder with a node, in which commands are run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *command: str, strace: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        """One command, under strace where told what it is to do."""
        paths = [
            f"-P{path}"
            for name in ("node/comity.db", "node/comity.db-wal", "node/keys/high-water", "tiles/checkpoint.part", "b")
            for path in [self.folder / name]
        ]
        traced = ["strace", "-f", "-qq", *strace, *paths] if strace else []
        environment = {**os.environ, "COMITY_NODE": str(self.folder / "node"), "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
        return subprocess.run(
            [*traced, sys.executable, "-m", "comity", *command],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )


def main() -> None:
    """The command."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--most", type=int, default=5, help="of each kind of call, so many are tried in each command")
    most = options.parse_args().most
    tried, bad = 0, list[str]()
    with tempfile.TemporaryDirectory() as name:
        sound = Place(Path(name) / "sound")
        sound.folder.mkdir()
        sound.run("init", "--party", "KZ")
        (sound.folder / "item.json").write_text(json.dumps(ITEM))
        for command, shows in COMMANDS.items():
            counts = _counted(Place(Path(shutil.copytree(sound.folder, Path(name) / "count"))), command)
            print(json.dumps({"command": " ".join(command), "calls": counts}), flush=True)
            shutil.rmtree(Path(name) / "count")
            for call, count in counts.items():
                for fault in ("EIO", "ENOSPC"):
                    for number in range(1, min(count, most) + 1):
                        place = Place(Path(shutil.copytree(sound.folder, Path(name) / "try")))
                        where = f"{' '.join(command)}: {fault} at {call} {number}"
                        wrong = _tried(place, command, shows, ("-o/dev/null", f"-einject={call}:error={fault}:when={number}"))
                        tried, bad = tried + 1, [*bad, *(f"{where}: {text}" for text in wrong)]
                        print("\n".join(f"{where}: {text}" for text in wrong) or ".", end="\n" if wrong else "", flush=True)
                        shutil.rmtree(place.folder)
    print(json.dumps({"tried": tried, "bad": len(bad)}))
    sys.exit(1 if bad else 0)


def _counted(place: Place, command: tuple[str, ...]) -> dict[str, int]:
    said = place.folder / "trace"
    done = place.run(*command, strace=(f"-o{said}", f"-e{','.join(CALLS)}"))
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} fails by itself: {done.stderr}")
    lines = said.read_text(errors="replace").splitlines()
    return dict(Counter(line.split(maxsplit=1)[1].partition("(")[0] for line in lines if "(" in line and "resumed" not in line))


def _tried(place: Place, command: tuple[str, ...], shows: tuple[str, ...], strace: tuple[str, ...]) -> list[str]:
    """What was wrong after a command in which one call failed."""
    done, wrong = place.run(*command, strace=strace), list[str]()
    if done.returncode == 0 and place.run(*shows).returncode:
        wrong.append("it was acknowledged and is not there")
    if done.returncode and ("Traceback" in done.stderr or not done.stderr.strip()):
        wrong.append(f"exit {done.returncode}, said: {done.stderr.strip()[-300:]}")
    checked = place.run("fsck")
    if checked.returncode:
        wrong.append(f"fsck: {checked.stdout}{checked.stderr}")
    again = place.run(*command)
    # What is there although a failure was said is there as a whole: a backup is not written over another.
    if again.returncode not in (0, 6) or place.run(*shows).returncode:
        wrong.append(f"again: exit {again.returncode}: {again.stderr.strip()[-300:]}")
    return wrong


if __name__ == "__main__":
    main()

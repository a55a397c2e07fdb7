"""A power cut at any moment: `python -m tests.power_loss [--cuts 300] [--seed 1]`, from what a node writes, as strace tells it.

A node adds, gives out and takes back, and notes in a file what it has acknowledged. Each system call on its files is recorded with its bytes.
Then, for a cut at a random call, the disk is put together as it may be afterwards: of each file everything up to its last fsync, and of what
was written since any part, in whole or torn. After each: the store opens, the whole tree is sound, and what was acknowledged is there.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from comity.admin.fsck import fsck
from comity.config import Settings
from comity.errors import Fault
from comity.node import create_node, open_node

ROOT = Path(__file__).resolve().parent.parent
STORE, MARK, ACKS = ("comity.db", "comity.db-wal"), "keys/high-water", "acks"
CALLS = "pwrite64,write,ftruncate,fsync,fdatasync,unlink"
SECTOR = 512

WORK = """
import os, sys
from pathlib import Path
from comity.intake.submit import Submitter, submit
from comity.intake.withdraw import withdraw
from comity.node import open_node
from comity.release.desk import Desk
from comity.release.select import Query
from comity.release.sight import Reader
from tests.consortium import drafts, indicator
folder, begin = Path(sys.argv[1]), int(sys.argv[2])
acks = os.open(folder / "acks", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
world = open_node(folder)
for number in range(begin, begin + 8):
    name = f"indicator--11111111-1111-4111-8111-{number:012d}"
    (outcome,) = submit(world, drafts([indicator(id=name, description="x" * 300)]), Submitter(party="SCO-CENTRE", tlp="green"))
    os.write(acks, f"+ {name} {world.store.head().size}\\n".encode())
    Desk(world).page(Reader(party="SCO-CENTRE", body="sco", purposes=("network-defence",)), Query(limit=5))
    if number % 3 == 2:
        withdraw(world, "SCO-CENTRE", name)
        os.write(acks, f"- {name} {world.store.head().size}\\n".encode())
world.store.close()
"""
_LINE = re.compile(r'\d+ +(\w+)\((?:\d+<)?"?((?:\\x[0-9a-f]{2})+)"?>?(?:, "((?:\\x[0-9a-f]{2})*)")?(?:, (\d+))?(?:, (\d+))?\) += (-?\d+)')


class Call(NamedTuple):
    """One call: what it does to which file, with which bytes, at which offset (or to which length)."""

    name: str
    file: str
    data: bytes
    at: int


def recorded(folder: Path, begin: int) -> list[Call]:
    """Run the work under strace; the calls on the node's files that did something, in order."""
    trace = folder.parent / "trace"
    files = [folder / name for name in (*STORE, MARK, ACKS)]
    strace = ["strace", "-f", "-qq", "-y", "-xx", "-s", "1000000", f"-etrace={CALLS}", *(f"-P{file}" for file in files), f"-o{trace}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([*strace, sys.executable, "-c", WORK, str(folder), str(begin)], env=environment, check=True)
    found = []
    for line in trace.read_text().splitlines():
        said = _LINE.match(line)
        if said is None:
            raise SystemExit(f"a line of strace that is not understood: {line[:200]}")
        name, path, data, first, second, result = said.groups()
        file = str(Path(_bytes(path).decode()).relative_to(folder))
        if int(result) >= 0:
            found.append(Call(name, file, _bytes(data or ""), int(second if name == "pwrite64" else first or 0)))
    return found


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def after(before: dict[str, bytes | None], calls: list[Call], chance: random.Random) -> dict[str, bytes | None]:
    """The files as they may be when the power goes after these calls; None: it is not there."""
    found = dict(before)
    for file in {call.file for call in calls}:
        own = [call for call in calls if call.file == file]
        # What is acknowledged was heard by somebody: it is no file that a power cut can take back.
        synced = max((at for at, call in enumerate(own) if call.name.endswith("sync")), default=-1) if file != ACKS else len(own)
        for at, call in enumerate(own):
            if at <= synced or chance.random() < 0.5:
                found[file] = _done(found[file], call, whole=at <= synced, chance=chance)
    return found


def _done(data: bytes | None, call: Call, *, whole: bool, chance: random.Random) -> bytes | None:
    if call.name == "unlink":
        return None
    if call.name == "ftruncate":
        return (data or b"")[: call.at].ljust(call.at, b"\0")
    if not call.name.endswith("write") and call.name != "pwrite64":
        return data
    old, at = data or b"", call.at
    if call.name == "write":
        at = 0 if call.file == MARK else len(old)
    written = call.data if whole or chance.random() < 0.7 else call.data[: SECTOR * chance.randrange(len(call.data) // SECTOR + 1)]
    return old[:at].ljust(at, b"\0") + written + old[at + len(written) :]


def problems(folder: Path) -> list[str]:
    """What is wrong with a node after a cut, beside what it acknowledged."""
    there: dict[str, bool] = {}
    size = 0
    for line in (folder / ACKS).read_text().splitlines() if (folder / ACKS).exists() else ():
        sign, name, size_ = line.split()
        there[name], size = sign == "+", int(size_)
    try:
        world = open_node(folder)
    except Fault as fault:
        return [f"it does not open: {fault}"]
    try:
        wrong = list(fsck(world))
        if world.store.head().size < size:
            wrong.append(f"{size} entries were acknowledged, {world.store.head().size} are there")
        for name, here in there.items():
            held = bool(world.store.by_id([name]))
            # The last one may be taken back already, which nobody was told.
            if held != here and not (here and name == list(there)[-1] and int(name[-12:]) % 3 == 2):
                wrong.append(f"{name} should be {'there' if here else 'gone'}")
        return wrong
    finally:
        world.store.close()


def state(folder: Path) -> dict[str, bytes | None]:
    return {name: (folder / name).read_bytes() if (folder / name).exists() else None for name in (*STORE, MARK, ACKS)}


def main() -> None:
    """The command."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--cuts", type=int, default=300)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    chance, bad, seen = random.Random(given.seed), 0, set[bytes]()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "node"
        create_node(folder, Settings(party="SCO-CENTRE", name="SCO-CENTRE-sco", body="sco"), "member").store.close()
        runs = []
        for begin in (0, 8):  # the second time on what the first one left
            before = state(folder)
            runs.append((before, recorded(folder, begin)))
        for number in range(given.cuts):
            before, calls = runs[number % len(runs)]
            at = chance.randrange(len(calls) + 1)
            files = after(before, calls[:at], chance)
            cut = Path(shutil.copytree(folder, Path(name) / "cut"))
            for file, data in files.items():
                (cut / file).unlink(missing_ok=True)
                if data is not None:
                    (cut / file).write_bytes(data)
            (cut / "comity.db-shm").unlink(missing_ok=True)
            seen.add(hashlib.sha256(b"".join(data or b"-" for data in files.values())).digest())
            for text in problems(cut):
                bad += 1
                print(f"cut {number} at call {at}: {text}", flush=True)
            shutil.rmtree(cut)
        print(json.dumps({"calls": [len(calls) for _, calls in runs], "cuts": given.cuts, "different": len(seen), "bad": bad}))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()

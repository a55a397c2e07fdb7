"""The demo's nodes: made, started as processes of their own, stopped."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import httpx2

from comity.admin import links, users
from comity.config import Settings
from comity.doors.cli.context import Nodes
from comity.errors import OperatorFault
from comity.release.desk import Desk
from comity.world import World

BODY = "sco"
#: Name -> (party, standing of its own, what it is called).
MEMBERS = {
    "centre": ("SCO-CENTRE", "partner", "SCO centre for information security (sample)"),
    "kz": ("KZ", "member", "KZ-CERT (sample)"),
    "uz": ("UZ", "member", "UZ-CERT (sample)"),
    "in": ("IN", "member", "IN-CERT (sample)"),
}
#: The people of each node: (name, role).
PEOPLE = (("analyst", "analyst"), ("duty", "duty-officer"), ("officer", "agreement-officer"), ("admin", "administrator"))
_STARTING = 30.0


class Person(NamedTuple):
    """Somebody at a node, and the link by which they sign in once."""

    name: str
    party: str
    role: str
    link: str


class Fleet:
    """Four nodes in a folder. As a context manager it stops what it started, whatever happens."""

    def __init__(self, nodes: Nodes, folder: Path) -> None:
        self.folder = folder
        self.desks: dict[str, Desk] = {}
        self.ports: dict[str, int] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._nodes = nodes

    def __enter__(self) -> Fleet:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for process in self._processes.values():
            # The nodes stop when their input closes; so they would even if this process were killed.
            if process.stdin is not None:
                process.stdin.close()
        for process in self._processes.values():
            try:
                process.wait(timeout=8)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for desk in self.desks.values():
            desk.world.store.close()

    def world(self, name: str) -> World:
        """A node's world, as its own administrator opens it."""
        return self.desks[name].world

    def make(self) -> None:
        """Make the nodes."""
        for name, (party, standing, title) in MEMBERS.items():
            settings = Settings(party=party, name=f"{party}-{BODY}", title=title, body=BODY)
            self.desks[name] = Desk(self._nodes.create_node(self.folder / name, settings, standing))

    def start(self) -> None:
        """Start a server for each node and wait until all are ready. Raises OperatorFault if one does not come up."""
        for name in MEMBERS:
            self.ports[name] = _free_port()
            command = [sys.executable, "-m", "comity", "up", "--with-stdin"]
            command += ["--port", str(self.ports[name]), "--node", str(self.folder / name)]
            with (self.folder / name / "server.log").open("wb") as log:
                self._processes[name] = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, env=_environment()
                )
        until = time.monotonic() + _STARTING
        for name in MEMBERS:
            self._wait_ready(name, until)

    def _wait_ready(self, name: str, until: float) -> None:
        while time.monotonic() < until:
            if self._processes[name].poll() is not None:
                break
            try:
                if httpx2.get(f"http://127.0.0.1:{self.ports[name]}/readyz", timeout=2, trust_env=False).is_success:
                    return
            except httpx2.HTTPError:
                time.sleep(0.05)
        said = (self.folder / name / "server.log").read_text("utf-8", "replace")[-2000:]
        raise OperatorFault(f"the node {name} did not come up: {said}", next="comity doctor")

    def taxii(self, name: str) -> str:
        """A node's TAXII discovery URL."""
        return f"http://127.0.0.1:{self.ports[name]}/taxii2/"

    def people(self) -> list[Person]:
        """The nodes' people, each with a one-time link to their node's pages."""
        found = []
        for node, (party, _, _) in MEMBERS.items():
            world = self.world(node)
            for called, role in PEOPLE:
                name = f"{node}.{called}"
                if all(each.name != name for each in users.users(world)):
                    users.add(world, name, party, role)
                link = f"http://127.0.0.1:{self.ports[node]}/enter/{links.create(world, name)}"
                found.append(Person(name=name, party=party, role=role, link=link))
        return found

    def peak_memory(self) -> int:
        """The sum of the peak resident sizes of all processes, bytes; 0 where the system does not say."""
        pids = [os.getpid(), *(process.pid for process in self._processes.values())]
        return sum(map(_peak, pids))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment() -> dict[str, str]:
    """This process's environment, with the running package importable from any folder."""
    package = str(Path(__file__).resolve().parents[3])
    path = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (package, path)))}


def _peak(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0

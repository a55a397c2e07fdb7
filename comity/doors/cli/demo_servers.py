"""Nodes of a demo that run as processes of their own: started, waited for, stopped whatever happens."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

import httpx2

from comity.errors import OperatorFault

_STARTING = 30.0


class Servers:
    """`comity up` for nodes by name. As a context manager it stops what it started."""

    def __init__(self) -> None:
        self.ports: dict[str, int] = {}
        self._folders: dict[str, Path] = {}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Servers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for process in self.processes.values():
            # The nodes stop when their input closes; so they would even if this process were killed.
            if process.stdin is not None:
                process.stdin.close()
        for process in self.processes.values():
            try:
                process.wait(timeout=8)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, folders: dict[str, Path], options: Iterable[str] = ()) -> None:
        """Start a server for each node, with these options, and wait until all are ready. Raises OperatorFault if one does not come up."""
        for name, folder in folders.items():
            self.ports[name], self._folders[name] = free_port(), folder
            command = [sys.executable, "-m", "comity", "up", "--with-stdin", "--port", str(self.ports[name]), "--node", str(folder)]
            with (folder / "server.log").open("wb") as log:
                self.processes[name] = subprocess.Popen(
                    [*command, *options], stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, env=_environment()
                )
        until = time.monotonic() + _STARTING
        for name in folders:
            self._wait_ready(name, until)

    def _wait_ready(self, name: str, until: float) -> None:
        while time.monotonic() < until:
            if self.processes[name].poll() is not None:
                break
            try:
                if httpx2.get(f"http://127.0.0.1:{self.ports[name]}/readyz", timeout=2, trust_env=False).is_success:
                    return
            except httpx2.HTTPError:
                time.sleep(0.05)
        said = (self._folders[name] / "server.log").read_text("utf-8", "replace")[-2000:]
        raise OperatorFault(f"the node {name} did not come up: {said}", next="comity doctor")

    def peak_memory(self) -> int:
        """The sum of the peak resident sizes of all processes, this one included, bytes; 0 where the system does not say."""
        return sum(map(_peak, [os.getpid(), *(process.pid for process in self.processes.values())]))


def free_port() -> int:
    """A port of loopback that nobody listens on."""
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

"""The command line in processes that need not start Python anew: a server that has imported all of it forks one for each command.

A command runs in a process of its own, as from a shell: its own arguments, environment, folder, streams, exit code, and nothing left
of what ran before. Only the start is saved (a tenth of a second or more, some thousand times). What a start itself is about
(lazy imports, how quick `--help` is) is tested with real starts.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]


class Forks:
    """The server of one test process, started with the first command."""

    def __init__(self) -> None:
        self._server: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def run(self, args: list[str], *, cwd: Path, env: dict[str, str], stdin: bytes | None) -> subprocess.CompletedProcess[bytes]:
        """`python -m comity ARGS` in a folder, with this environment; the finished process."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, contextlib.ExitStack() as held:
            mine, theirs = socket.socketpair()
            held.enter_context(mine)
            source, feeding = _source(stdin)
            request = json.dumps([args, str(cwd), env]).encode("utf-8", "surrogateescape")
            with self._lock:
                control = self._control()
                handles = [source, out.fileno(), err.fileno(), theirs.fileno()]
                socket.send_fds(control, [len(request).to_bytes(4, "big")], handles)
                control.sendall(request)
            theirs.close()
            os.close(source)
            if feeding is not None:
                feeding.start()
            said = mine.recv(16)
            if feeding is not None:
                feeding.join()
            assert said, "the process that forks the commands has ended"
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(args, int(said), out.read(), err.read())

    def _control(self) -> socket.socket:
        if self._server is None:
            self._ours, theirs = socket.socketpair()
            environment = {**os.environ, "PYTHONPATH": str(HERE)}
            command = [sys.executable, "-m", "tests.forked", str(theirs.fileno())]
            self._server = subprocess.Popen(command, env=environment, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
            theirs.close()
        return self._ours

    def end(self) -> None:
        """End the server; it ends by itself too when this process does."""
        if self._server is not None:
            self._ours.close()
            self._server.wait(timeout=20)
            self._server = None


def _source(stdin: bytes | None) -> tuple[int, threading.Thread | None]:
    """What a command reads, and the thread that writes it."""
    if stdin is None:
        return os.open(os.devnull, os.O_RDONLY), None
    read, written = os.pipe()

    def feed() -> None:
        with contextlib.suppress(BrokenPipeError), open(written, "wb") as pipe:
            pipe.write(stdin)

    return read, threading.Thread(target=feed)


def _serve(control: socket.socket) -> None:
    """Fork a process for every request, until the asking side has gone."""
    _import_all()
    gc.collect()
    gc.freeze()  # so that no fork copies what all of them share
    woken, waker = socket.socketpair()
    for end in (woken, waker):
        end.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    asking: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([control, woken], [], [])
        if woken in ready:
            woken.recv(4096)
            _reap(asking)
        if control in ready:
            head, handles, _, _ = socket.recv_fds(control, 4, 4)
            if not head:
                return
            request = b""
            while len(request) < int.from_bytes(head, "big"):
                request += control.recv(1 << 20)
            child = os.fork()
            if child == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for end in (control, woken, waker):
                    end.close()
                for handle in asking.values():
                    os.close(handle)
                _become(json.loads(request.decode("utf-8", "surrogateescape")), handles)
            for handle in handles[:3]:
                os.close(handle)
            asking[child] = handles[3]


def _reap(asking: dict[int, int]) -> None:
    """Tell those who asked how their processes ended."""
    while True:
        try:
            ended, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if ended == 0:
            return
        handle = asking.pop(ended)
        with contextlib.suppress(BrokenPipeError):
            os.write(handle, str(os.waitstatus_to_exitcode(status)).encode())
        os.close(handle)


def _become(request: tuple[list[str], str, dict[str, str]], handles: list[int]) -> None:
    """In the child: be the command. Never returns."""
    code = 1
    try:
        args, cwd, env = request
        for number, handle in enumerate(handles[:3]):
            os.dup2(handle, number)
        for handle in handles:
            os.close(handle)
        os.environ.clear()
        os.environ.update(env)
        time.tzset()
        os.chdir(cwd)
        sys.argv = ["comity", *args]
        code = _carried_out()
    finally:
        with contextlib.suppress(BaseException):
            threading._shutdown()
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _carried_out() -> int:
    """`python -m comity`; its exit code, as Python makes it of what it ends with."""
    try:
        runpy.run_module("comity", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            return ended.code or 0
        print(ended.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _import_all() -> None:
    import comity

    for module in pkgutil.walk_packages(comity.__path__, "comity."):
        if module.name != "comity.__main__":
            importlib.import_module(module.name)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))

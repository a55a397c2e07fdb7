"""Keeps the links to other Comity nodes going beside the server: one thread for each node that this one calls.

Each waits at the other node for news, at most a beat, so that what is new there is here at once, and looks in between for what is new here.
What goes wrong is kept as the link's result and said once; it is tried again after a pause that grows up to `SLOWEST`, and goes on by
itself.
Links that come, go or are revoked meanwhile are noticed within a look. When nothing is new, nothing is written.
"""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

from comity.clock import micros, stamp
from comity.errors import Fault, NotFound
from comity.peer import book
from comity.peer.book import Peer
from comity.peer.exchange import Exchange, Parcels
from comity.peer.report import Report

#: Seconds for which news is waited for at the other node, after which it is looked for news here.
BEAT = 1
#: Seconds between looks for links that came or went, and the shortest and longest pause after something went wrong.
LOOK, SOONEST, SLOWEST = 1.0, 1.0, 30.0
_PATIENCE = 5.0


class Links:
    """Runs while the context is open. `heard` is when each link was last found to be in order (TAXII timestamp)."""

    def __init__(self, parcels: Parcels) -> None:
        self._parcels = parcels
        self._stop = threading.Event()
        self._threads: dict[str, threading.Thread] = {}
        self._watch = threading.Thread(target=self._run, name="links", daemon=True)
        self.heard: dict[str, str] = {}

    def __enter__(self) -> Links:
        self._watch.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        until = time.monotonic() + _PATIENCE
        for thread in (self._watch, *self._threads.values()):
            thread.join(timeout=max(0.0, until - time.monotonic()))

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                for link in book.peers(self._parcels.desk.world):
                    thread = self._threads.get(link.name)
                    if _called(link) and (thread is None or not thread.is_alive()):
                        self._threads[link.name] = threading.Thread(target=self._keep, args=(link,), name=f"link {link.name}", daemon=True)
                        self._threads[link.name].start()
            except Exception as error:  # the links must outlive one bad moment, such as a store that is locked
                self._say(f"links: {error}")
            self._stop.wait(LOOK)

    def _keep(self, link: Peer) -> None:
        """Exchange over one link until it is gone or the program ends."""
        pause, said = SOONEST, ""
        while not self._stop.is_set():
            talk: Exchange | None = None
            result = "ok"
            try:
                link = book.peer(self._parcels.desk.world, link.name)
                if not _called(link):
                    return
                talk = Exchange(self._parcels, link)
                while not self._stop.is_set():
                    self._once(talk, link)
                    pause, said = SOONEST, ""
            except NotFound:
                return
            except Fault as fault:
                result = str(fault)
            except Exception as error:  # likewise
                result = f"{type(error).__name__}: {error}"
            finally:
                if talk is not None:
                    talk.close()
            if self._stop.is_set():
                return
            if result not in ("ok", said):
                said = result
                self._say(f"peer {link.name}: {result}")
                self._note(link, result)
            self._stop.wait(pause)
            pause = min(SLOWEST, pause * 2)

    def _once(self, talk: Exchange, link: Peer) -> None:
        report = Report(peer=link.name, pulled={}, pushed={}, problems=[])
        moved = talk.run(report, push=link.push, pull=link.pull, wait=BEAT)
        self.heard[link.name] = stamp(micros(self._parcels.desk.world.clock()))
        for problem in report.problems[:20]:
            self._say(f"peer {link.name}: {problem}")
        if moved or book.peer(self._parcels.desk.world, link.name).result.partition(",")[0] != "ok":
            self._note(link, f"ok, {len(report.problems)} problems" if report.problems else "ok")
        if not link.pull:  # nothing was waited for
            self._stop.wait(BEAT)

    def _note(self, link: Peer, result: str) -> None:
        try:
            book.note_result(self._parcels.desk.world, link.name, result)
        except Exception as error:
            self._say(f"peer {link.name}: {error}")

    def _say(self, text: str) -> None:
        if not self._stop.is_set():
            print(f"comity: {text}", file=sys.stderr, flush=True)


def _called(link: Peer) -> bool:
    return link.kind == "comity" and bool(link.url) and not link.ended and (link.pull or link.push)

"""The composition root: the only place that builds a World, and the server around it."""

from __future__ import annotations

import gc
import itertools
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager, closing, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import msgspec

from comity import clock
from comity.admin import credentials, links, sealed
from comity.admin.persons import Persons
from comity.config import Settings, read_settings, write_settings
from comity.errors import Conflict, IntegrityFault, OperatorFault
from comity.forms import sealing_key
from comity.forms.sealing_key import OpeningKey
from comity.intake.govern import add_standing
from comity.intake.opening import open_arrived
from comity.ledger.high_water import HighWater
from comity.ledger.journal import Entry, Head, Journal, check_head
from comity.ledger.keys import COSIGNATURE, NOTE, LogKey, Verifier, read_verifier, write_verifier
from comity.peer import restoring
from comity.release.desk import Desk
from comity.rulebook import Rulebook
from comity.store import open_store
from comity.store.vault import Vault
from comity.terms.guardrails import checkpoint_line
from comity.terms.party import Standing
from comity.world import World

if TYPE_CHECKING:
    from comity.peer.keyring import Keyring

#: Keys of a node and what each is for: one key never serves two purposes (model.md, Keys).
KEYS = ("log", "parcels", "acts", "sealing", "witness", "people")
#: Private spaces that are sealed in the store: what people sign in with, the links by which they say so, and the key of what browsers keep.
SECRET = (credentials.SPACE, links.SPACE, sealed.SPACE)
#: How often gathered refusals are recorded, seconds; reads by the node's own people every `READS` ticks.
TICK = 1.0
READS = 60
#: How often what is over its time is purged, and looked for what no node has confirmed, seconds.
HOUR = 3600.0


def log_name(settings: Settings) -> str:
    """What the names of the node's keys begin with."""
    return f"comity.example/{settings.body}/{settings.party}/{settings.name}"


def log_origin(settings: Settings) -> str:
    """The log's origin and key name: another one for a log that was begun anew."""
    return f"{log_name(settings)}/{settings.log.number}" if settings.log.number else log_name(settings)


def create_node(folder: Path, settings: Settings, standing: str) -> World:
    """Make a node in an empty or new folder: keys, store, first log entry, its own standing in its body, settings.

    Crash story: the settings come last, without them the folder is no node; what was made before a cut is gone on from.
    """
    if (folder / "node.toml").exists():
        raise Conflict(f"{folder} is a node already", next="choose another folder with --node")
    try:
        (folder / "keys").mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        begun = (folder / "comity.db").exists()
        # First of all: a store that cannot be opened must not leave a node that is half made.
        open_store(_store_url(folder, settings)).close()
        for name in KEYS:
            # Keys without a store are of no attempt that was cut off: they may have signed another past.
            with suppress(*[FileExistsError] if begun else []):
                _keep_key(folder / "keys" / name, _new_key(settings, name))
        _keyring(folder, settings).own()
        world = _opened(folder, settings, HighWater(folder / "keys" / "high-water"))
        with world.store.write() as tx:
            if not tx.head().size:
                detail = {"node": settings.name, "body": settings.body}
                world.journal.append(tx, Entry(kind="init", at=world.clock(), party=settings.party, detail=detail))
        since = clock.parse("1970-01-01")
        own = Standing(party=settings.party, body=settings.body, standing=standing, since=since, source="init")
        add_standing(world, own, by="init")
        write_settings(folder, settings)
    except OSError as error:
        raise OperatorFault(f"cannot make a node in {folder}: {error}", next="check the folder and its permissions") from error
    return world


def _new_key(settings: Settings, name: str) -> bytes:
    """A new key of the node for one of the `KEYS`, as its file has it."""
    if name == "sealing":
        return sealing_key.write_opening([_opening_key(settings)])
    if name == "people":
        return Vault.new_key()
    called = log_origin(settings) if name == "log" else f"{log_name(settings)}/{name}"
    return LogKey.generate(called, COSIGNATURE if name == "witness" else NOTE).to_bytes()


def _opening_key(settings: Settings) -> OpeningKey:
    return OpeningKey.generate(f"{log_name(settings)}/sealing")


def _keep_key(path: Path, secret: bytes, *, instead: bool = False) -> None:
    """Keep a secret in a file of its owner's alone. It has its name only once it is whole, and takes the place of none unless `instead`."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        if instead:
            os.replace(part, path)
        else:
            os.link(part, path)
    finally:
        part.unlink(missing_ok=True)


def keyring(folder: Path) -> Keyring:
    """The node's keys for links to other nodes; made at first use by a node that is older than these."""
    return _keyring(folder, read_settings(folder))


def _keyring(folder: Path, settings: Settings) -> Keyring:
    from comity.peer.keyring import Keyring  # it takes a while to load

    return Keyring(folder / "keys", settings.party, settings.body, settings.name, log_name(settings))


def _key(folder: Path, name: str) -> bytes:
    """The file of one of the node's keys; made at first use by a node that is older than these. Raises OperatorFault."""
    path = folder / "keys" / name
    try:
        if not path.exists():
            with suppress(FileExistsError):  # another process was quicker
                _keep_key(path, _new_key(read_settings(folder), name))
        return path.read_bytes()
    except OSError as error:
        raise OperatorFault(f"cannot read the node's key for {name}: {error}", next="restore keys/ from a backup") from error


def acts_key(folder: Path) -> LogKey:
    """The key by which the node's party signs what it does about agreements."""
    return _signing_key(folder, "acts")


def witness_key(folder: Path) -> LogKey:
    """The key by which the node cosigns checkpoints of others' logs."""
    return _signing_key(folder, "witness")


def _signing_key(folder: Path, name: str) -> LogKey:
    data = _key(folder, name)
    try:
        return LogKey.from_bytes(data)
    except OperatorFault:
        raise OperatorFault(f"the node's key for {name} is damaged", next="restore keys/ from a backup") from None


def opening_keys(folder: Path) -> tuple[OpeningKey, ...]:
    """The keys that open what is sealed to the node's party, the newest last."""
    return sealing_key.read_opening(_key(folder, "sealing"))


def rotate_sealing(folder: Path) -> OpeningKey:
    """Make a new sealing key, and keep those before it: what was sealed to them still opens."""
    before, made = opening_keys(folder), _opening_key(read_settings(folder))
    _keep_key(folder / "keys" / "sealing", sealing_key.write_opening([*before, made]), instead=True)
    return made


def _store_url(folder: Path, settings: Settings) -> str:
    return settings.store or f"sqlite:{folder / 'comity.db'}"


def open_node(folder: Path) -> World:
    """Open a node. Raises OperatorFault for a folder that is none or a key that cannot be read, IntegrityFault for a damaged store."""
    return _opened(folder, read_settings(folder), HighWater(folder / "keys" / "high-water"))


def _opened(folder: Path, settings: Settings, mark: HighWater | None) -> World:
    if not settings.history.folder:
        settings = msgspec.structs.replace(settings, history=msgspec.structs.replace(settings.history, folder=str(folder / "history")))
    try:
        key = LogKey.from_bytes((folder / "keys" / "log").read_bytes())
    except OSError as error:
        raise OperatorFault(f"cannot read the node's log key: {error}", next="restore keys/ from a backup") from error
    except OperatorFault:
        raise OperatorFault("the node's log key is damaged", next="restore keys/ from a backup") from None
    store = open_store(_store_url(folder, settings), Vault.from_file(_key(folder, "people"), SECRET))
    # A renewal that was cut off before the settings goes on by being done again, and by nothing else.
    before = _before(folder) if key.name == log_origin(settings) else None
    journal = Journal(key, log_origin(settings), (checkpoint_line(settings),), mark, before, Persons(store))
    return World(store=store, journal=journal, rulebook=Rulebook(store), clock=clock.now, settings=settings)


def renew_log(folder: Path, reason: str, by: str) -> World:
    """Begin the node's log anew, under a name and key of its own, from the entries that are there: after a backup that was not the latest.

    The old log is never signed again, so nobody is shown two pasts of one log. Crash story: what the log had is put aside, the old key's
    public half is kept, the new key takes its place, the settings follow, and the entry is the end of it. Whatever is cut off is gone on
    with when it is done again: a new key that has signed nothing yet is the one of that attempt.
    """
    settings, keys = read_settings(folder), folder / "keys"
    mark, now, before = keys / "high-water", LogKey.from_bytes(_key(folder, "log")), _before(folder)
    with closing(open_store(_store_url(folder, settings))) as store:
        head = store.head()
    again = [
        anew for anew in (settings, _numbered(settings, 1)) if now.name == log_origin(anew) and before and not _signed(head, now.verifier)
    ]
    if again:
        anew = again[0]
    else:
        if head.size and not _signed(head, now.verifier):
            raise IntegrityFault("the log's last checkpoint is of another key than the node's", next="restore keys/ from a backup")
        anew, before = _numbered(settings, 1), now.verifier
        _keep_key(keys / "log.before", write_verifier(before).encode() + b"\n", instead=True)
        _keep_key(keys / "log", LogKey.generate(log_origin(anew)).to_bytes(), instead=True)
    had = HighWater(mark).read() or (head.size, "")
    write_settings(folder, anew)
    # The mark is of the old log. It goes last: until then it says what was had, whenever this is done again.
    world = _opened(folder, anew, None)
    with world.store.write() as tx:
        detail = {
            "reason": reason,
            "before": before.name if before else "",
            "kept": tx.head().size,
            "had": had[0],
            "unheard": restoring.begin(world, tx),
        }
        world.journal.append(tx, Entry(kind="renew", at=world.clock(), actor=by, party=settings.party, detail=detail))
    mark.unlink(missing_ok=True)
    world.store.close()
    return open_node(folder)


def _numbered(settings: Settings, more: int) -> Settings:
    return msgspec.structs.replace(settings, log=msgspec.structs.replace(settings.log, number=settings.log.number + more))


def _signed(head: Head, key: Verifier) -> bool:
    try:
        check_head(head, [key])
    except IntegrityFault:
        return False
    return head.size > 0


def _before(folder: Path) -> Verifier | None:
    """The key of the log that this node's log goes on from, since a restored backup; None for a log that was never broken off."""
    path = folder / "keys" / "log.before"
    try:
        return read_verifier(path.read_text("utf-8").strip()) if path.exists() else None
    except OSError as error:
        raise OperatorFault(f"cannot read {path}: {error}", next="check keys/ and its permissions") from error


def scratch_world(party: str, body: str) -> World:
    """A world in memory that leaves nothing behind, for `comity preview`."""
    settings = Settings(party=party, name="scratch", body=body)
    store = open_store("memory:")
    journal = Journal(LogKey.generate(log_name(settings)), log_name(settings))
    return World(store=store, journal=journal, rulebook=Rulebook(store), clock=clock.now, settings=settings)


class Ticker:
    """Records what a desk gathered, every `TICK` seconds and once more at the end; tidies the store a little each time.

    `also` is called with the reads: other things that are gathered, to be recorded together.
    """

    def __init__(self, desk: Desk, also: Callable[[], None] = lambda: None) -> None:
        self._desk = desk
        self._also = also
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ticker", daemon=True)

    def __enter__(self) -> Ticker:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(timeout=10)
        self._desk.flush()
        self._also()

    def _run(self) -> None:
        for tick in itertools.count(1):
            if self._stop.wait(TICK):
                return
            try:
                self._desk.flush(reads=tick % READS == 0)
                self._desk.world.store.tidy()
                if tick % READS == 0:
                    self._also()
            except Exception as error:  # the ticker must outlive one bad moment; what it could not record it has reported
                print(f"comity: could not record refusals and reads, or tidy the store: {error}", file=sys.stderr)


def serve(
    world: World, folder: Path, host: str, port: int, *, with_stdin: bool = False, proxy: str | None = None,
    peering: tuple[str, int] = ("", 0),
) -> None:  # fmt: skip
    """Serve web pages, TAXII and health checks of the node in a folder until told to stop; `with_stdin`: also until standard input closes.

    The latter ties a node to the program that started it, however that ends. Other nodes are answered at the address and port `peering`, if
    it has one, and the links to nodes that this one calls are kept going.
    """
    from comity.doors.http import server
    from comity.doors.peering.app import Door, others
    from comity.doors.peering.listener import Aside, listening
    from comity.doors.site import site
    from comity.intake import claimed, telling
    from comity.match.beside import Beside
    from comity.match.own import Forgetting
    from comity.match.retro import LookingBack
    from comity.match.returning import Telling
    from comity.match.routed import route_all
    from comity.peer.beat import Links
    from comity.peer.exchange import Parcels
    from comity.peer.feed_schedule import LOOK, pull_due
    from comity.peer.guard import Guard
    from comity.peer.unconfirmed import unconfirmed
    from comity.peer.witnesses import ask_all
    from comity.purging import purge_first, purge_node

    purge_first(world, folder)
    desk, keys = Desk(world), keyring(folder)
    parcels, guard = Parcels(desk, keys), Guard(world, keys.own)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        forgetting = Forgetting(world, folder / "tables")
        opened = partial(open_arrived, world, partial(opening_keys, folder))
        opening = Beside(opened, partial(telling.tell, world), partial(claimed.record, world), look=TICK, what="what came or is to go")
        feeds = Beside(partial(pull_due, world), look=LOOK, what="feeds")
        beside = Beside(Telling(desk).look, LookingBack(desk, _say).look, partial(route_all, desk), forgetting.look)
        showing = Beside(partial(ask_all, world), look=world.settings.log.interval, what="publishing the log")
        hourly = Beside(partial(purge_node, world, folder), partial(unconfirmed, desk), look=HOUR, what="purging, and what is unconfirmed")
        with ExitStack() as around:
            for each in (Ticker(desk, guard.flush), feeds, beside, opening, showing, hourly, Links(parcels)):
                around.enter_context(each)
            if peering[1]:
                around.enter_context(Aside(listening(others(Door(guard, parcels)), world, keys, *peering)))
                _say(f"other nodes at https://{peering[0]}:{peering[1]}/")
            print(f"comity: {world.settings.name} ({world.settings.party}) at http://{host}:{port}/", file=sys.stderr, flush=True)
            _say(f"sign in: {_way_in(world, f'http://{host}:{port}')}")
            yield

    front = Door(guard, parcels, front=True).routes() if world.settings.peering.front else ()
    application = site(desk, lifespan, partial(acts_key, folder), partial(witness_key, folder), front)
    running = server(application, host, port, proxy=proxy)
    # Programs and rules stay; a page makes thousands of short-lived values. Neither is worth looking through for cycles at each page.
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    if with_stdin:
        threading.Thread(target=_stop_at_end_of_input, args=(running,), daemon=True).start()
    running.run()
    world.store.close()


def _way_in(world: World, url: str) -> str:
    """How to sign in: on a node's first day the link for its first administrator."""
    # A link opens the node's pages to whoever reads it: not for a log file or a service manager's journal.
    if links.has_administrator(world) or not sys.stderr.isatty():
        return f"comity user link --url {url} prints a link"
    return f"{url}/enrol/{links.first(world)} is for this node's first administrator, once"


def _say(text: str) -> None:
    print(f"comity: {text}", file=sys.stderr, flush=True)


def _stop_at_end_of_input(server: Any) -> None:
    sys.stdin.buffer.read()
    server.should_exit = True

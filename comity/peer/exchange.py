"""An exchange with another Comity node: what there is for it goes, what it has comes, each parcel answered before the next.

The node that calls drives both ways (`exchange`); the node that is called answers by `Parcels`, through its door. Newer keys come first:
ours are shown before anything that they sign, and the other's are pinned when its answers say that there are some.

Crash story: what was applied is in the state of the link (`peer.partner`) with what it brought; cut off anywhere, the next exchange goes on
there. An exchange that finds nothing new writes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from comity.clock import stamp
from comity.errors import Conflict, NotAuthenticated, NotFound, PeerFault
from comity.forms.parcel import ANSWER_TYPE, MOST_BYTES, Answer, read_answer
from comity.peer import book, enrol, restoring
from comity.peer.arrival import arrival
from comity.peer.book import Peer
from comity.peer.caller import TURN, Caller, to_link
from comity.peer.channel import Answer as Heard
from comity.peer.enrol import known
from comity.peer.identity import Own
from comity.peer.incoming import incoming, position
from comity.peer.keyring import Keyring
from comity.peer.outgoing import outgoing, settled
from comity.peer.partner import Partner, State, state
from comity.peer.report import Report
from comity.peer.signing import opened
from comity.release import account
from comity.release.desk import Desk
from comity.release.explain import Verdict
from comity.release.leaving import news
from comity.release.sight import Reader
from comity.terms.item import PURPOSES
from comity.wire_links import Arrival

#: Refusals of one link in a row that end an exchange: after the first, sender and receiver agree again on where the link stands.
REFUSALS = 2
#: Seconds after which it is looked again for something to send though nothing came: a date may have been reached, and what ends with it
#: ends within 5 seconds (G14).
AGAIN = 2.0


class Parcels:
    """What the door for other nodes asks of the exchange. `clock` is monotonic. Thread-safe, one exchange of a link at a time."""

    def __init__(self, desk: Desk, keys: Keyring, clock: Callable[[], float] = time.monotonic) -> None:
        self.desk = desk
        self.keys = keys
        self._clock = clock
        #: Link -> the news, and until when they need no second look: there was nothing to send.
        self._idle: dict[str, tuple[object, float]] = {}
        #: Links that said where they stand since this process began, and so know where this node does.
        self._agreed: set[str] = set()

    def news(self) -> object:
        """Differs from what it was when there may be something new to send."""
        return news(self.desk)

    def outgoing(self, link: Peer) -> bytes | None:
        """The next parcel for a link, None when there is nothing for it. Raises NotAuthenticated for one that was revoked meanwhile."""
        self._standing(link)
        seen, now = self.news(), self._clock()
        idle = self._idle.get(link.name)
        if idle is not None and idle[0] == seen and now < idle[1]:
            return None
        raw = outgoing(self.desk, partner(link), self.keys.own().parcels, rules=self.keys.rules())
        if raw is None:
            self._idle[link.name] = (seen, now + AGAIN)
        return raw

    def incoming(self, link: Peer, raw: bytes) -> bytes:
        """Take a parcel in; the answer to it. Raises NotAuthenticated for a link that was revoked meanwhile."""
        self._standing(link)
        return incoming(self.desk.world, partner(link), self.keys.own().parcels, raw)

    def settled(self, link: Peer, raw: bytes) -> Answer:
        """Take note of the other node's answer. Raises as `peer.outgoing.settled`."""
        self._standing(link)
        self._idle.pop(link.name, None)
        return settled(self.desk.world, partner(link), raw)

    def position(self, link: Peer) -> bytes:
        """Where this node stands in what the other sends."""
        return position(self.desk.world, partner(link), self.keys.own().parcels)

    def arrival(self, link: Peer, id_: str, party: str) -> bytes:
        """How far an object of the link's party has come to another one, as JSON. Raises NotFound, Denied."""
        self._standing(link)
        asker = Reader(party=link.party, body=self.desk.world.settings.body, purposes=PURPOSES)
        return msgspec.json.encode(arrival(self.desk, account.why(self.desk, asker, id_, party, PURPOSES)))

    def stands(self, link: Peer, raw: bytes) -> bytes:
        """Take note of where the other node stands, and say where this one does. Raises as `settled`."""
        self.settled(link, raw)
        self._agreed.add(link.name)
        return self.position(link)

    def given(self, link: Peer) -> None:
        """Take note that the other node has given all that it has (`peer.restoring`). Raises Conflict for one that does not know where this
        one stands.
        """
        if not restoring.waits(self.desk.world, link.name):
            return
        if link.name not in self._agreed:
            raise Conflict("this node was restored from a backup, and does not know what is new to it", next="say first where you stand")
        self.came(link)

    def came(self, link: Peer) -> None:
        """The same, after an exchange that this node began."""
        if restoring.waits(self.desk.world, link.name):
            with self.desk.world.store.write() as tx:
                restoring.heard(self.desk.world, tx, link.name)

    def _standing(self, link: Peer) -> None:
        if book.peer(self.desk.world, link.name).ended:
            raise NotAuthenticated("this node has no link with that key")


def partner(link: Peer) -> Partner:
    """The other node of a link, as parcels know it."""
    node = known(link)
    return Partner(
        name=link.name, party=link.party, node=f"{node.party}/{node.name}", keys=(node.parcels,), centre=link.centre, body=node.body,
        purposes=link.purposes, turn=node.turn,
    )  # fmt: skip


class Exchange:
    """Exchanges with one node that this one calls, over one connection, until it is closed."""

    def __init__(self, parcels: Parcels, link: Peer, calling: Callable[[Own, Peer], Caller] = to_link) -> None:
        if not link.url:
            raise Conflict(f"the node of {link.name!r} calls this one", next="comity sync on that node, or wait for it")
        self._parcels = parcels
        self._keys = parcels.keys
        self._calling = calling
        self._link = link
        self._caller: Caller | None = None
        self._agreed = False

    def close(self) -> None:
        """Close the connection."""
        if self._caller is not None:
            self._caller.close()
            self._caller = None
        self._agreed = False

    def greet(self) -> None:
        """See whether the other node answers, and exchange newer keys. Raises PeerFault, NotAuthenticated."""
        self._fresh()
        self._ask("GET", "keys")

    def arrival(self, id_: str, party: str) -> Arrival:
        """How far an own object has come to a party, as the other node knows. Raises PeerFault, NotAuthenticated."""
        self._fresh()
        assert self._caller is not None
        raw = self._caller.ask("GET", "arrival", query={"id": id_, "party": party}).content
        try:
            return msgspec.json.decode(raw, type=Arrival)
        except msgspec.MsgspecError as error:
            raise PeerFault(f"{self._link.party}'s node gives no answer that can be read: {error}") from None

    def run(self, report: Report, *, push: bool = True, pull: bool = True, wait: int = 0) -> bool:
        """One exchange, by one process at a time; whether anything went or came. `wait`: how many seconds the other node may take until it
        has something.

        Raises PeerFault, NotAuthenticated, IntegrityFault.
        """
        with self._keys.alone(self._link.name):
            return self._run(report, push, pull, wait)

    def _run(self, report: Report, push: bool, pull: bool, wait: int) -> bool:
        moved = False
        self._fresh()
        if not self._agreed:
            # One of the two may have been restored from a backup since: then there may be nothing new, and much that the other lacks.
            self._parcels.settled(self._link, self._ask("POST", "stands", self._parcels.position(self._link)).content)
            self._agreed = True
        if push:
            moved = self._push(report)
        if pull:
            moved = self._pull(report, 0 if moved else wait, given=int(push or not self._link.push)) or moved
        return moved

    def _fresh(self) -> None:
        """The link and its connection as they are now, and our newest keys there."""
        world = self._parcels.desk.world
        link = book.peer(world, self._link.name)
        if link.ended:
            raise Conflict(f"the link {link.name!r} was revoked", next="comity peer invite makes a new one")
        own = self._keys.own()
        if own.identity.turn > link.turn:
            first = Caller(own, known(link), link.url, front=link.front, known_there=False)
            try:
                first.ask("POST", "keys", body=own.note)
            finally:
                first.close()
            enrol.told(world, link, own.identity.turn)
            link = book.peer(world, link.name)
        if self._caller is None or (link.node, link.url, link.turn) != (self._link.node, self._link.url, self._link.turn):
            self.close()
            self._caller = self._calling(own, link)
        self._link = link

    def _ask(self, method: str, path: str, body: bytes = b"", **query: int) -> Heard:
        assert self._caller is not None
        answer = self._caller.ask(method, path, body=body, query={name: str(value) for name, value in query.items() if value} or None)
        turn = answer.headers.get(TURN, "")
        if turn.isascii() and turn.isdigit() and int(turn) > known(self._link).turn:
            note = self._caller.ask("GET", "keys").content
            enrol.turn(self._parcels.desk.world, note)
            self._fresh()
        return answer

    def _push(self, report: Report) -> bool:
        moved, refused = False, 0
        while (raw := self._parcels.outgoing(self._link)) is not None:
            moved = True
            answer = self._parcels.settled(self._link, self._ask("POST", "parcels", raw).content)
            refused = _noted(report.pushed, report, answer, refused)
        return moved

    def _pull(self, report: Report, wait: int, given: int) -> bool:
        moved, refused = False, 0
        while raw := self._ask("GET", "parcels", wait=wait, given=given).content:
            moved, wait = True, 0
            answered = self._parcels.incoming(self._link, raw)
            self._ask("POST", "answers", answered)
            refused = _noted(report.pulled, report, _said(self._keys.own(), answered), refused)
        self._parcels.came(self._link)
        return moved


def _said(own: Own, raw: bytes) -> Answer:
    """What this node has just answered."""
    return read_answer(opened(raw, ANSWER_TYPE, (own.parcels.verifier,), MOST_BYTES))


def _noted(counts: dict[str, int], report: Report, answer: Answer, refused: int) -> int:
    """Count a parcel; how many in a row were refused. Raises PeerFault when that is too many."""
    counts["parcels" if answer.applied else "refused"] = counts.get("parcels" if answer.applied else "refused", 0) + 1
    report.problems += [f"entries[{position}]: {why}" for position, why in answer.refused]
    if answer.applied:
        return 0
    if refused + 1 >= REFUSALS:
        raise PeerFault(f"a parcel was refused: {answer.why}", next="comity peer status; the log of the node that refused it says why")
    return refused + 1


def exchange(desk: Desk, keys: Keyring, link: Peer, report: Report, push: bool, pull: bool) -> None:
    """One exchange over a connection of its own. Raises as `Exchange.run`."""
    talk = Exchange(Parcels(desk, keys), link)
    try:
        talk.run(report, push=push, pull=pull)
    finally:
        talk.close()


def asked(desk: Desk, keys: Keyring, verdict: Verdict, found: Arrival, calling: Callable[[Own, Peer], Caller] = to_link) -> Arrival:
    """An arrival that our centre has to confirm, as it knows it: TAXII clients write no receipts. As it was where it does not say."""
    links = [each for each in book.peers(desk.world) if each.kind == "comity" and each.party == found.over and each.url and not each.ended]
    if found.state != "unconfirmed" or not links:
        return found
    talk = Exchange(Parcels(desk, keys), links[0], calling)
    try:
        there = talk.arrival(verdict.row.id, verdict.party)
    except (PeerFault, NotAuthenticated, NotFound):
        return found
    finally:
        talk.close()
    if (there.version, there.origin) != (found.version, found.origin) or there.state not in ("fetched", "not fetched"):
        return found
    return msgspec.structs.replace(there, over=found.over, proven=False)


def look(desk: Desk, keys: Keyring, link: Peer) -> dict[str, object]:
    """How a link stands and, where this node calls, what the other says now. Raises PeerFault, NotAuthenticated."""
    found = told(state(desk.world, link.name))
    if waiting := restoring.unheard(desk.world).get(link.name):
        found["held back"] = f"what came from it, until it was heard once since {stamp(waiting.since)}"
    if link.ended:
        raise Conflict(f"the link was revoked: {link.why or 'no reason given'}", next="comity peer invite makes a new one")
    if not link.url:
        return {**found, "server": "calls this node"}
    talk = Exchange(Parcels(desk, keys), link)
    try:
        talk.greet()
    finally:
        talk.close()
    return found


def told(stands: State) -> dict[str, object]:
    """A link's state for people: parcels made, those the other node has, those applied here, when it was last heard, what is wrong."""
    return {
        "made": stands.made,
        "reached": stands.reached,
        "applied": stands.applied,
        "heard": stamp(stands.heard) if stands.heard else "",
        "problem": stands.problem,
    }

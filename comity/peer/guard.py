"""Who calls: what a request from another node must show before anything is done for it.

    1. shape      it is signed as nodes sign (RFC 9421), over method, path, query, body and addressee
    2. key        by a key that a link which stands is pinned to
    3. TLS        where this node speaks TLS itself, the caller showed the certificate that the link is pinned to
    4. addressee  it is meant for this node: no other node can pass it on
    5. signature  the signature is that key's, over these very bytes
    6. moment     it was signed within the last minute by this node's clock, and since this process began
    7. once       its nonce has not been seen

A caller whose clock is wrong is told what time it is here, and signs by that. Nonces are kept for as long as a signature is good,
and only of callers that have passed all else, so many of each; what was seen before this process began is refused by step 6.
"""

from __future__ import annotations

import hmac
import math
import threading
from collections import Counter
from collections.abc import Callable

import msgspec

from comity.admin.throttle import Throttle
from comity.errors import Fault, NotAuthenticated, SenderFault
from comity.forms import http_signature
from comity.forms.http_signature import Signed
from comity.ledger.journal import Entry
from comity.peer import book, certificate
from comity.peer.book import Peer
from comity.peer.enrol import known
from comity.peer.identity import Identity, Own
from comity.world import World

#: Seconds for which a signature is good, and by how much a caller's clock may be ahead.
LASTS, AHEAD = 60, 5
#: Requests of one link within that time.
MOST = 3_000
#: Reasons and keys for refusals that are counted apart; further ones count as one.
_COUNTED = 200


class Stale(NotAuthenticated):
    """The request was signed at another time than it is here; signed anew by this node's clock (`now`, Unix seconds) it is good."""

    def __init__(self, now: float) -> None:
        # To the end of the second: a request that seems to be from before this process began is refused.
        self.now = math.ceil(now)
        super().__init__("the request was signed at another time than it is here", next="sign it by this node's clock")


class Busy(Fault):
    """The caller asks more often than this node can answer, and may ask again after `wait` seconds."""

    def __init__(self, message: str, *, next: str = "", wait: int = 1) -> None:
        self.wait = wait
        super().__init__(message, next=next)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it came. `shown` is the certificate (DER) that a caller over TLS showed, empty if none; `front`: a proxy speaks TLS."""

    method: str
    path: str
    query: str
    to: str
    signature_input: str
    signature: str
    body: bytes
    shown: bytes = b""
    front: bool = False


class Guard:
    """Checks requests for a node. `clock` gives Unix seconds. Thread-safe."""

    def __init__(self, world: World, own: Callable[[], Own], clock: Callable[[], float] | None = None) -> None:
        self.world = world
        self.own = own
        self._clock = clock or (lambda: world.clock().timestamp())
        self._began = math.ceil(self._clock())
        self._lock = threading.Lock()
        self._seen: dict[str, dict[str, int]] = {}
        self._throttle = Throttle()
        self._refused: Counter[tuple[str, str]] = Counter()

    def link(self, asked: Asked) -> Peer:
        """The link that a request came over. Raises NotAuthenticated (`Stale`: sign anew), or Busy."""
        link, signed = self.expected(asked), self._shaped(asked)
        node = known(link)
        self._check(asked, signed, node)
        self._once(node, signed.stamp.nonce, signed.stamp.created + LASTS, self._clock())
        return link

    def expected(self, asked: Asked) -> Peer:
        """Steps 1 to 3, which need no body: whose request this would be. Raises NotAuthenticated."""
        signed = self._shaped(asked)
        # 2.
        for each in book.peers(self.world):
            if each.kind == "comity" and not each.ended and known(each).key_id == signed.stamp.keyid:
                self._shown(asked, known(each))
                return each
        raise self._refusal("", "no link by that key", "this node has no link with that key", "ask for an invitation: comity peer invite")

    def guest(self, asked: Asked, node: Identity) -> None:
        """Check the request of a node that is not linked yet, by the identity in it. Raises as `link`.

        Nothing is kept of it: anybody can make keys without end, and what a guest may ask for is given once, or the same again.
        """
        self._check(asked, self._shaped(asked), node)

    def _shown(self, asked: Asked, node: Identity) -> None:
        """Step 3."""
        if not asked.front and (not asked.shown or certificate.pin(asked.shown) != node.pin):
            raise self._refusal(node.party, "another certificate", "the certificate is not the one of this link", "comity peer rotate")

    def _shaped(self, asked: Asked) -> Signed:
        """Step 1."""
        try:
            return http_signature.read(asked.signature_input, asked.signature)
        except SenderFault as fault:
            raise self._refusal("", "not signed", str(fault), fault.next) from None

    def _check(self, asked: Asked, signed: Signed, node: Identity) -> None:
        """Steps 4 to 6."""
        stamp = signed.stamp
        # 4.
        if not hmac.compare_digest(asked.to.encode("utf-8", "replace"), self.own().identity.address.encode()):
            raise self._refusal(node.party, "for another node", "the request is meant for another node", "check where the link leads")
        # 5.
        try:
            over = http_signature.message(stamp, method=asked.method, path=asked.path, query=asked.query, body=asked.body, to=asked.to)
        except SenderFault as fault:
            raise self._refusal(node.party, "not to be signed", str(fault), "") from None
        if stamp.keyid != node.key_id or not node.requests.valid(over, signed.value):
            raise self._refusal(node.party, "wrong signature", "the signature is not that of this request", "it was changed on its way")
        # 6.
        now = self._clock()
        if not (
            now - LASTS <= stamp.created <= now + AHEAD and self._began <= stamp.created and now <= stamp.expires <= stamp.created + LASTS
        ):
            raise Stale(now)

    def _once(self, node: Identity, nonce: str, until: int, now: float) -> None:
        """Step 7."""
        with self._lock:
            seen = self._seen.setdefault(node.key_id, {})
            if nonce in seen:
                self._refused[node.party, "replayed"] += 1
                raise NotAuthenticated("this request was made before", next="sign it anew, with a nonce of its own")
            for old in [each for each, end in seen.items() if end < now]:
                del seen[old]
            if len(seen) >= MOST:
                raise Busy(f"more than {MOST} requests within {LASTS} s", next="ask less often")
            seen[nonce] = until

    def knocks(self, address: str) -> None:
        """An invitation is shown from an address; that counts as a wrong one until `admitted`. Raises Busy after too many of those."""
        if wait := self._throttle.begin("", address, "", self.world.clock()):
            self.refused("", "too many invitations")
            raise Busy("too many wrong invitations came from there", next="wait", wait=math.ceil(wait))

    def admitted(self, address: str) -> None:
        """The invitation that was shown from an address was good."""
        self._throttle.right("", address, "")

    def refused(self, party: str, why: str) -> None:
        """Count a refusal, for the log."""
        with self._lock:
            key = (party, why)
            self._refused[key if key in self._refused or len(self._refused) < _COUNTED else ("", "further")] += 1

    def _refusal(self, party: str, why: str, text: str, next_: str) -> NotAuthenticated:
        self.refused(party, why)
        return NotAuthenticated(text, next=next_)

    def flush(self) -> None:
        """Record what was refused since the last time, one entry for all of it; called by a ticker, once a minute."""
        with self._lock:
            refused, self._refused = self._refused, Counter()
        if refused:
            rows = [{"party": party, "why": why, "times": times} for (party, why), times in sorted(refused.items())]
            with self.world.store.write() as tx:
                self.world.journal.append(tx, Entry(kind="peer", at=self.world.clock(), detail={"refused requests": rows}))

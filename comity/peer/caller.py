"""Requests to another node: over TLS by the keys that are pinned on both sides, each signed for that node alone (RFC 9421)."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Callable, Generator
from typing import Any

import httpx2
import msgspec

from comity.errors import NotAuthenticated, PeerFault
from comity.forms import http_signature
from comity.forms.http_signature import Signed, Stamp
from comity.peer import certificate
from comity.peer.book import Peer
from comity.peer.channel import Answer, Channel, tls
from comity.peer.enrol import Hello, known
from comity.peer.guard import LASTS
from comity.peer.identity import Identity, Own
from comity.peer.invitation import Invitation
from comity.peer.packed import CODING, LEAST, packed

#: Where another node's doors are, below its URL.
PATH = "peering/v1/"
#: In every answer: the turn of the answering node's keys. In every request: the turn of them that the caller has pinned.
TURN = "Comity-Turn"
#: In the answer to a request that was signed at another time than it is there: what time it is there, Unix seconds.
NOW = "Comity-Now"
#: By how much another node's clock may differ from ours, seconds.
_SKEW = 7 * 86_400


#: What is read before it is known who asks, and so never packed.
_PLAIN = ("join", "keys")


class Signing(httpx2.Auth):
    """Signs each request as it is sent, by the other node's clock as soon as that is known to be another."""

    requires_request_body = True

    def __init__(self, own: Own, to: str, clock: Callable[[], float] = time.time) -> None:
        self._own = own
        self._to = to
        self._clock = clock
        self._ahead = 0.0

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Sign; once more by the other's clock when that is what was wrong."""
        self._sign(request)
        answer = yield request
        if answer.status_code == 401 and self._learn(answer.headers.get(NOW, "")):
            self._sign(request)
            yield request

    def _sign(self, request: httpx2.Request) -> None:
        at = int(self._clock() + self._ahead)
        stamp = Stamp(created=at, expires=at + LASTS, nonce=secrets.token_urlsafe(16), keyid=self._own.identity.key_id)
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        over = http_signature.message(stamp, method=request.method, path=path, query=query, body=request.content, to=self._to)
        fields = http_signature.write(Signed(stamp=stamp, value=self._own.requests.sign(over)))
        request.headers.update({**fields, "Content-Digest": http_signature.digest(request.content), "Comity-To": self._to})

    def _learn(self, there: str) -> bool:
        if not (there.isascii() and there.isdigit() and len(there) < 12):
            return False
        ahead = int(there) - self._clock()
        if abs(ahead) > _SKEW:
            return False
        self._ahead = ahead
        return True


class Caller:
    """Talks to one node, as this one. `transport`, `wait` and `clock` are replaced in tests."""

    def __init__(
        self, own: Own, node: Identity, url: str, *, front: bool, known_there: bool = True, transport: Any = None,
        wait: Callable[[float], None] = time.sleep, clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        context = tls("") if front else certificate.calling(own.tls if known_there else None, [node.tls])
        self._url = url
        self._packs = False
        #: The server picks the certificate that is pinned here, should it have a newer one as well.
        self._options = {} if front else {"extensions": {"sni_hostname": certificate.label(node.pin)}}
        self._channel = Channel(
            "", "", headers={TURN: str(node.turn)}, silence=90.0, transport=transport, wait=wait, context=context,
            auth=Signing(own, node.address, clock),
        )  # fmt: skip

    def close(self) -> None:
        """Close the connections."""
        self._channel.close()

    def ask(self, method: str, path: str, *, body: bytes = b"", query: dict[str, str] | None = None) -> Answer:
        """One request, made again while that helps; its body is packed if the other node has said that it reads that.

        Raises PeerFault, or NotAuthenticated with what the other node said.
        """
        options: dict[str, Any] = {**self._options, **({"params": query} if query else {})}
        if self._packs and len(body) >= LEAST and path not in _PLAIN:
            body, options["headers"] = packed(body), {"Content-Encoding": CODING}
        answer = self._channel.ask(method, f"{self._url}{PATH}{path}", content=body, **options)
        assert answer is not None
        self._packs = CODING in answer.headers.get("Accept-Encoding", "")
        if answer.ok:
            return answer
        said = answer.content[:500].decode("utf-8", "replace").strip()
        if answer.status in (401, 403):
            raise NotAuthenticated(f"{answer.url} refused: {said}", next="comity peer status; ask its operator whether the link stands")
        raise PeerFault(f"{answer.url} answered {answer.status}: {said}", next="look at that node, or tell its operator")


def to_link(own: Own, link: Peer, **more: Any) -> Caller:
    """For a link that this node calls over."""
    return Caller(own, known(link), link.url, front=link.front, **more)


def show(own: Own, given: Invitation, hello: Hello, **more: Any) -> None:
    """Show an invitation to the node that wrote it. Raises NotAuthenticated, PeerFault."""
    caller = Caller(own, given.inviter, given.url, front=given.front, known_there=False, **more)
    try:
        caller.ask("POST", "join", body=msgspec.json.encode({"secret": hello.secret, "node": base64.b64encode(hello.node).decode()}))
    finally:
        caller.close()

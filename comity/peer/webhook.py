"""Telling a webhook that there is something, and nothing of what: one POST by the rules of `peer.fetch`, that is led nowhere else."""

from __future__ import annotations

import ssl
import time

import httpcore2

from comity.errors import PeerFault
from comity.peer.channel import tls
from comity.peer.fetch import Pinned
from comity.peer.place import Limits, Resolve, host_and_port, pinned, place, resolve

#: Seconds for the whole call.
SECONDS = 30.0


def post(url: str, content: bytes, reference: str, *, own: bool = False, ca: str = "", resolver: Resolve = resolve) -> None:
    """Post JSON; `reference` goes along as the key by which a repetition is known. `own` allows addresses of private networks.

    Raises SenderFault for the URL, PeerFault for anything but a success (a redirect is none).
    """
    host, port = host_and_port(url)
    limits = Limits(hosts=(host,), ports=(port,) if port else (), own=own, seconds=SECONDS, ca=ca)
    at = place(url, limits)
    backend = Pinned(pinned(at, limits, resolver), time.monotonic() + SECONDS)
    said = {"Host": at.hostport, "User-Agent": "comity", "Content-Type": "application/json", "Content-Length": str(len(content))}
    context = tls(ca) if at.scheme == "https" else None
    target = httpcore2.URL(scheme=at.scheme, host=at.host, port=at.port, target=at.target)
    headers = [*said.items(), ("Idempotency-Key", reference)]
    try:
        with (
            httpcore2.ConnectionPool(ssl_context=context, network_backend=backend, max_connections=1) as pool,
            pool.stream("POST", target, headers=headers, content=content) as response,
        ):
            status = response.status
    except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, ssl.SSLError) as error:
        raise PeerFault(f"{at.shown} cannot be called: {error or type(error).__name__}", next="it is tried again the next time") from None
    if not 200 <= status < 300:
        raise PeerFault(f"{at.shown} answered {status}", next="tell its operator; it is tried again the next time")

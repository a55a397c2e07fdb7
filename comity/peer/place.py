"""Where a fetch may go: a URL that is plain and allowed, and the addresses of its name, each of which may be called (CWE-918).

Steps 1 and 2 of `peer.fetch`. Nothing here connects to anything; the name is asked of the DNS once.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

import msgspec

from comity.errors import PeerFault, SenderFault
from comity.terms.address_space import reachable
from comity.terms.observable import normal

PORTS = (80, 443)
_PORT_OF = {"https": 443, "http": 80}
_HERE = ("localhost", "127.0.0.1", "::1")
_ODD = re.compile(r"[^!-~]|[\\\"<>^`{|}]")
#: A last label like this makes a resolver read the whole as an address in octal, hexadecimal or one number (inet_aton).
_NUMBER = re.compile(r"(?:0[xX][0-9a-fA-F]*|[0-9]+)\Z")

#: A name as the addresses it has now; replaced in tests.
Resolve = Callable[[str, int], list[str]]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a fetch may do. `hosts` are names or addresses in normal form; `ports` beyond `PORTS`; `own` allows private addresses.

    `plain` allows http. `most` is bytes after unpacking, `seconds` the whole time. `ca` is a file with further authorities to trust.
    """

    hosts: tuple[str, ...]
    ports: tuple[int, ...] = ()
    own: bool = False
    plain: bool = False
    most: int = 64 << 20
    seconds: float = 300.0
    ca: str = ""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A URL after step 1. `host` is in normal form, an IPv6 address without brackets; `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """What credentials are for."""
        return self.scheme, self.host, self.port

    @property
    def hostport(self) -> str:
        """As it stands in a URL and in `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORT_OF[self.scheme] else f"{host}:{self.port}"

    @property
    def shown(self) -> str:
        """What may be shown of it: keys stand in queries."""
        return f"{self.scheme}://{self.hostport}{self.target.partition('?')[0]}"

    @property
    def url(self) -> str:
        """The whole again."""
        return f"{self.scheme}://{self.hostport}{self.target}"


def place(url: str, limits: Limits) -> Place:
    """Step 1. Raises SenderFault: what it says is for whoever set the feed up, or, after a redirect, about its server."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SenderFault(f"{url[:200]!r} is not a URL") from None
    if _ODD.search(url) or not parts.hostname:
        raise SenderFault(f"{url[:200]!r} is not a plain URL", next="write it as https://host/path, in ASCII, with %XX for the rest")
    if parts.scheme not in _PORT_OF:
        raise SenderFault(f"{parts.scheme!r} is not fetched: https only", next="give an https URL")
    if "@" in parts.netloc:
        raise SenderFault("a URL with a user in it is not fetched", next="give credentials with --token-file")
    host = _host(parts.hostname)
    if parts.scheme == "http" and not (limits.plain or (limits.own and host in _HERE)):
        raise SenderFault("plain http is neither secret nor certain of its source", next="use https, or allow it with --allow-http")
    if host not in limits.hosts:
        raise SenderFault(f"the host {host} is not allowed for this feed", next=f"if it is right: --allow {host}")
    number = port if port is not None else _PORT_OF[parts.scheme]
    if number not in (*PORTS, *limits.ports):
        raise SenderFault(f"port {number} is not allowed for this feed", next="only 80, 443 and the port of the feed's own URL are")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(scheme=parts.scheme, host=host, port=number, target=target)


def host_and_port(url: str) -> tuple[str, int | None]:
    """The host of a URL in normal form, and the port if it names one. Raises SenderFault."""
    try:
        parts = urlsplit(url)
        return _host(parts.hostname or ""), parts.port
    except ValueError:
        raise SenderFault(f"{url[:200]!r} is not a URL") from None


def _host(text: str) -> str:
    """A host in normal form: a name, or an address in its one plain form. Raises SenderFault."""
    try:
        return normal("ipv6" if ":" in text else "ipv4", text)
    except ValueError:
        pass
    name = text.lower().removesuffix(".")
    if _NUMBER.match(name.rpartition(".")[2]) or ":" in name:
        raise SenderFault(f"{text!r} is neither a name nor an address as addresses are written", next="write 192.0.2.1, not 0xc0000201")
    try:
        return normal("domain", name) if "." in name else normal("domain", f"{name}.x").removesuffix(".x")
    except ValueError:
        raise SenderFault(f"{text!r} is not a host name") from None


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name now, by the system. Raises OSError."""
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


def pinned(place: Place, limits: Limits, resolver: Resolve = resolve) -> list[str]:
    """Step 2: the addresses to call. Raises PeerFault when there are none, or when one of them is not to be reached."""
    addresses: list[IPv4Address | IPv6Address]
    try:
        addresses = [ip_address(place.host)]
    except ValueError:
        try:
            addresses = [ip_address(text) for text in resolver(place.host, place.port)]
        except (OSError, ValueError, UnicodeError):
            raise PeerFault(f"cannot find {place.host}", next="check the name and this machine's DNS") from None
    if not addresses:
        raise PeerFault(f"{place.host} has no address")
    wrong = [str(address) for address in addresses if not reachable(address, own=limits.own)]
    if wrong:
        next_ = "if it is a server of your own: --allow-private" if not limits.own else "no feed is there"
        raise PeerFault(f"{place.host} is at {', '.join(wrong)}, which is no public address", next=next_)
    return [str(address) for address in addresses]

"""Handing mail to a relay (RFC 5321), over TLS (STARTTLS, RFC 3207) unless the relay is this very machine."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

from comity.errors import PeerFault, SenderFault
from comity.peer.channel import tls

#: Seconds that the relay may take for each step.
PATIENCE = 60.0


class Relay:
    """An open session with a relay. Made by `relay`."""

    def __init__(self, session: smtplib.SMTP) -> None:
        self._session = session

    def send(self, sender: str, to: str, message: bytes) -> None:
        """Hand over one message. Raises PeerFault when the relay does not take it."""
        try:
            self._session.sendmail(sender, [to], message)
        except (smtplib.SMTPException, OSError) as error:
            raise PeerFault(f"the relay does not take mail for {to}: {error}", next="it is tried again the next time") from None


def address(text: str) -> tuple[str, int]:
    """Host and port of `host:port`; without a port it is 587. Raises SenderFault."""
    named = text.count(":") == 1 or (text.startswith("[") and "]:" in text)
    host, _, port = text.rpartition(":") if named else (text, "", "587")
    if not host or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise SenderFault(f"{text!r} is not a relay", next="write it as mail.example.com:587")
    return host.strip("[]"), int(port)


@contextmanager
def relay(host: str, port: int, ca: str = "") -> Iterator[Relay]:
    """A session with a relay. Raises PeerFault when it cannot be reached, or offers no TLS and is not this machine."""
    try:
        with smtplib.SMTP(host, port, timeout=PATIENCE) as session:
            session.ehlo()
            if session.has_extn("starttls"):
                session.starttls(context=tls(ca))
                session.ehlo()
            elif not _here(host):
                raise PeerFault(f"the relay {host} offers no TLS", next="use one that does, or one on this machine")
            yield Relay(session)
    except (smtplib.SMTPException, ssl.SSLError, OSError) as error:
        raise PeerFault(f"cannot hand mail to {host}:{port}: {error}", next="check the relay's address and certificate") from None


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

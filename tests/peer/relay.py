"""A mail relay on loopback: takes mail and keeps it, with or without STARTTLS, and refuses whom it is told to."""

from __future__ import annotations

import socket
import ssl

from tests.peer.loopback import Loopback


class Relay(Loopback):
    """Serves until the context closes; `taken` holds (sender, recipients, message)."""

    def __init__(self, tls: ssl.SSLContext | None = None, refused: tuple[str, ...] = ()) -> None:
        super().__init__(tls)
        self.taken: list[tuple[str, list[str], bytes]] = []
        self.secured = 0
        self._refused = refused

    def talk(self, connection: socket.socket) -> None:
        lines, secure = connection.makefile("rb"), False
        sender, to = "", []
        connection.sendall(b"220 relay.example\r\n")
        while line := lines.readline():
            words = line.decode().strip()
            verb, answer = words.upper()[:4], b"250 ok\r\n"
            if verb == "EHLO":
                answer = b"250-relay.example\r\n250 STARTTLS\r\n" if self.tls and not secure else b"250 relay.example\r\n"
            elif verb == "STAR" and self.tls:
                connection.sendall(b"220 go on\r\n")
                connection = self.tls.wrap_socket(connection, server_side=True)
                lines, secure = connection.makefile("rb"), True
                self.secured += 1
                continue
            elif verb == "MAIL":
                sender, to = words.partition("<")[2].partition(">")[0], []
            elif verb == "RCPT":
                address = words.partition("<")[2].partition(">")[0]
                answer = b"550 no such office\r\n" if address in self._refused else answer
                to.append(address)
            elif verb == "DATA":
                connection.sendall(b"354 go on\r\n")
                message = b""
                while (piece := lines.readline()) != b".\r\n":
                    message += piece
                self.taken.append((sender, to, message))
            elif verb == "QUIT":
                connection.sendall(b"221 bye\r\n")
                return
            connection.sendall(answer)

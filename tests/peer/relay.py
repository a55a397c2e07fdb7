"""A mail relay on loopback: takes mail and keeps it, with or without STARTTLS, and refuses whom it is told to."""

from __future__ import annotations

import socket
import ssl
import threading
from typing import Any


class Relay:
    """Serves one session after another until the context closes; `taken` holds (sender, recipients, message)."""

    def __init__(self, tls: ssl.SSLContext | None = None, refused: tuple[str, ...] = ()) -> None:
        self.taken: list[tuple[str, list[str], bytes]] = []
        self.secured = 0
        self._tls = tls
        self._refused = refused
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Relay:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            try:
                self._session(connection)
            except OSError:
                continue
            finally:
                connection.close()

    def _session(self, connection: Any) -> None:
        lines, secure = connection.makefile("rb"), False
        sender, to = "", []
        connection.sendall(b"220 relay.example\r\n")
        while line := lines.readline():
            words = line.decode().strip()
            verb, answer = words.upper()[:4], b"250 ok\r\n"
            if verb == "EHLO":
                answer = b"250-relay.example\r\n250 STARTTLS\r\n" if self._tls and not secure else b"250 relay.example\r\n"
            elif verb == "STAR" and self._tls:
                connection.sendall(b"220 go on\r\n")
                connection = self._tls.wrap_socket(connection, server_side=True)
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

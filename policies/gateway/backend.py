"""What stands behind a gateway: a server on several ports that answers everything, and remembers what arrived. Standard library alone."""

from __future__ import annotations

import socket
import threading

MARKER = "X-Turnstile-Backend"
_LONGEST_HEAD = 128 * 1024


class Backend:
    """Servers on ports of the loopback, each with a name; `arrived` are the requests since last asked: name, request line, headers."""

    def __init__(self, ports: dict[int, str]) -> None:
        self._lock = threading.Lock()
        self._arrived: list[tuple[str, str, list[list[str]]]] = []
        for port, name in ports.items():
            listener = socket.create_server(("127.0.0.1", port), backlog=64)
            threading.Thread(target=self._listen, args=(listener, name), daemon=True).start()

    def arrived(self) -> list[tuple[str, str, list[list[str]]]]:
        """Give what arrived since last asked."""
        with self._lock:
            found, self._arrived = self._arrived, []
        return found

    def _listen(self, listener: socket.socket, name: str) -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=self._serve, args=(connection, name), daemon=True).start()

    def _serve(self, connection: socket.socket, name: str) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection, connection.makefile("rb") as stream:
            try:
                while self._answer(connection, stream, name):
                    pass
            except (OSError, ValueError):
                return

    def _answer(self, connection: socket.socket, stream: object, name: str) -> bool:
        read = stream.readline  # type: ignore[attr-defined]
        line = read(_LONGEST_HEAD).decode("latin-1").rstrip("\r\n")
        if not line:
            return False
        headers: list[list[str]] = []
        while field := read(_LONGEST_HEAD).decode("latin-1").rstrip("\r\n"):
            key, _, value = field.partition(":")
            headers.append([key, value.strip()])
        with self._lock:
            self._arrived.append((name, line, headers))
        told = {key.lower(): value.lower() for key, value in headers}
        if told.get("expect") == "100-continue":
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if told.get("transfer-encoding") == "chunked":
            while size := int(read(100).partition(b";")[0], 16):
                stream.read(size + 2)  # type: ignore[attr-defined]
            read(100)
        else:
            stream.read(int(told.get("content-length", "0")))  # type: ignore[attr-defined]
        body = b"" if line.startswith("HEAD ") else b"turnstile"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n{MARKER}: {name}\r\n\r\n"
        connection.sendall(head.encode("ascii") + body)
        return told.get("connection") != "close"

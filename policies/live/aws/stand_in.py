"""Who stands in for what a function calls outside: an HTTP server in the network of the embedded AWS' handlers, served from here."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Call:
    """A request that came, without what stood in its headers: a credential may."""

    method: str
    path: str


@dataclass(eq=False)
class Service:
    """What came, in its order, and which paths are refused."""

    port: int
    refused: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address, for handlers."""
        return f"http://127.0.0.1:{self.port}"

    def answer(self, method: str, path: str) -> int:
        """Note a request; give its status."""
        self.calls.append(Call(method, path))
        return 500 if path in self.refused else 200


@contextmanager
def serving(port: int, listening: socket.socket) -> Iterator[Service]:
    """Serve a listening socket for as long as the block runs."""
    service = Service(port)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            self.rfile.read(int(self.headers.get("content-length") or 0))
            status = service.answer(self.command, self.path)
            self.send_response(status)
            self.send_header("content-length", "2")
            self.send_header("connection", "close")
            self.end_headers()
            self.wfile.write(b"{}")
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with listened(listening, Handler):
        yield service


@contextmanager
def listened(listening: socket.socket, handler: type[BaseHTTPRequestHandler]) -> Iterator[None]:
    """Answer on a listening socket for as long as the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

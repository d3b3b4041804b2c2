"""A host of somebody else's, on this machine: it notes what it is asked and answers as a test says."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from ssl import SSLContext
from typing import Any, NamedTuple

from app.core.networks import Networks

LOOPBACK: Networks = (ip_network("127.0.0.0/8"),)


class Asked(NamedTuple):
    """A request as it arrived."""

    method: str
    path: str
    headers: Message
    body: bytes


class Reply(NamedTuple):
    """What is answered. Without a Content-Length the body ends with the connection."""

    status: int = 200
    headers: dict[str, str] = {}  # noqa: RUF012  never changed
    body: Iterable[bytes] = ()


@dataclass
class Peer:
    """`answer` is called for every request, in a thread of the server."""

    port: int
    answer: Callable[[Asked], Reply] = lambda asked: Reply()
    asked: list[Asked] = field(default_factory=list)
    scheme: str = "http"

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """An address of this host."""
        return f"{self.scheme}://{host}:{self.port}{path}"

    def says(self, body: bytes, status: int = 200, **headers: str) -> None:
        """Answer everything like this from now on."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answer = lambda asked: Reply(status, named, [body])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    peer: Peer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who asks may hang up at any time."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, _Server)
        length = int(self.headers.get("Content-Length", 0))
        asked = Asked(self.command, self.path, self.headers, self.rfile.read(length))
        self.server.peer.asked.append(asked)
        reply = self.server.peer.answer(asked)
        self.send_response_only(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        for part in reply.body:
            self.wfile.write(part)

    do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""


@contextmanager
def peering(tls: SSLContext | None = None) -> Iterator[Peer]:
    """A peer that answers until the block ends."""
    server = _Server(("127.0.0.1", 0), _Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.peer = Peer(server.server_port, scheme="https" if tls else "http")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.peer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

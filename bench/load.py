"""A small closed loop: so many connections, each asks again as soon as it is answered. One thread, few calls."""

import re
import selectors
import socket
import time
from collections.abc import Sequence
from itertools import cycle
from typing import NamedTuple

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


class Rate(NamedTuple):
    """Answers a second; milliseconds half and 95 of 100 of them took at the most; how many were no answer of 200;
    and milliseconds of a core that asking took, for each.
    """

    a_second: float
    p50: float
    p95: float
    bad: int
    answers: int
    client: float


class _Wire:
    """One connection, kept alive."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self.asked_at = 0.0
        self._got, self._wanted = b"", 0
        self.status = 0

    def ask(self, request: bytes) -> None:
        self._got, self._wanted, self.status = b"", 0, 0
        self.asked_at = time.perf_counter()
        self.socket.send(request)

    def answered(self) -> bool:
        """Take in what has come; whether the answer is whole. Raises ConnectionError where it was cut off."""
        chunk = self.socket.recv(1 << 18)
        if not chunk:
            raise ConnectionError("the server closed a connection")
        self._got += chunk
        if not self._wanted:
            head = self._got.find(b"\r\n\r\n")
            if head < 0:
                return False
            length = _LENGTH.search(self._got, 0, head + 2)
            if length is None:
                raise ConnectionError("an answer without a length")
            self.status = int(self._got[9:12])
            self._wanted = head + 4 + int(length[1])
        return len(self._got) >= self._wanted


def request(path: str, *, htmx: bool = False) -> bytes:
    """A GET as bytes."""
    more = "HX-Request: true\r\n" if htmx else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nAccept: text/html\r\n{more}\r\n".encode()


def driven(port: int, requests: Sequence[bytes], seconds: float, connections: int = 8, most: int = 0) -> Rate:
    """Ask these in turn for so long, or until `most` answers came. What is on its way at the end is not waited for.

    Raises OSError where the server does not answer.
    """
    selector, asking = selectors.DefaultSelector(), cycle(requests)
    took: list[float] = []
    bad = 0
    for _ in range(connections):
        wire = _Wire(port)
        selector.register(wire.socket, selectors.EVENT_READ, wire)
        wire.ask(next(asking))
    began, spent = time.perf_counter(), time.process_time()
    until = began + seconds
    while (now := time.perf_counter()) < until and not (most and len(took) >= most):
        for key, _ in selector.select(until - now):
            wire = key.data
            if wire.answered():
                took.append(time.perf_counter() - wire.asked_at)
                bad += wire.status != 200
                wire.ask(next(asking))
    elapsed = time.perf_counter() - began
    for key in list(selector.get_map().values()):
        key.data.socket.close()
    ranked = sorted(took) or [elapsed]
    p50, p95 = (ranked[min(len(ranked) - 1, int(share * len(ranked)))] * 1000 for share in (0.5, 0.95))
    client = (time.process_time() - spent) * 1000 / max(1, len(took))
    return Rate(len(took) / elapsed, p50, p95, bad, len(took), client)

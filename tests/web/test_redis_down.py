"""A board whose Redis refuses, hangs or is slow: degraded, not broken."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from app.core.redis import PAUSE, Lifeline
from tests.web.limits import guesses


@contextmanager
def hanging() -> Iterator[str]:
    """The address of a Redis that takes connections and never answers."""
    with socket.socket() as wire:
        wire.bind(("127.0.0.1", 0))
        wire.listen(64)
        yield f"redis://127.0.0.1:{wire.getsockname()[1]}/0"


@contextmanager
def refusing() -> Iterator[str]:
    """An address nobody listens at."""
    with socket.socket() as wire:
        wire.bind(("127.0.0.1", 0))
        yield f"redis://127.0.0.1:{wire.getsockname()[1]}/0"


@contextmanager
def talking_nonsense() -> Iterator[str]:
    """A server that answers, but is no Redis."""
    with socket.socket() as wire:
        wire.bind(("127.0.0.1", 0))
        wire.listen(64)

        def serve() -> None:
            while True:
                try:
                    taken, _ = wire.accept()
                    taken.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        yield f"redis://127.0.0.1:{wire.getsockname()[1]}/0"
        wire.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("away", [refusing, hanging, talking_nonsense])
def test_limits_hold_and_nothing_breaks(away: object, tmp_path: Path) -> None:
    with away() as url:  # type: ignore[operator]
        answers = guesses(url, tmp_path, 11)
    assert answers[:10] == ["422/-"] * 10
    assert answers[10].startswith("429/")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_redis_that_hangs_is_asked_once_in_a_while() -> None:
    clock, asked = Clock(), list[int]()

    def call(client: "Redis") -> bool:
        asked.append(1)
        return bool(client.ping())

    with hanging() as url:
        line = Lifeline(url, clock)
        assert not line.ask(call, False)
        assert not any(line.ask(call, False) for _ in range(50))
        assert len(asked) == 1
        clock.now += PAUSE
        assert not line.ask(call, False)
        assert len(asked) == 2


def test_one_question_to_a_redis_that_hangs_is_not_repeated() -> None:
    """The client's own repeats would take seconds: its time-out is counted by what arrives, not by a watch."""
    arrived = list[socket.socket]()
    with socket.socket() as wire:
        wire.bind(("127.0.0.1", 0))
        wire.listen(64)
        wire.settimeout(0.1)
        Lifeline(f"redis://127.0.0.1:{wire.getsockname()[1]}/0", time.monotonic).alive()
        while True:
            try:
                arrived.append(wire.accept()[0])
            except TimeoutError:
                break
        assert len(arrived) == 1
        for taken in arrived:
            taken.close()

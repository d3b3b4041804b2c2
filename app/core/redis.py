"""Redis, which may be away: short time-outs, no repeats, and a pause after each failure."""

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

TIMEOUT = 0.2
"""Seconds one call may take."""
PAUSE = 5.0
"""Seconds nobody asks again after a failure: a Redis that hangs costs one time-out in that time."""

Answer = TypeVar("Answer")


def options() -> dict[str, Any]:
    """How every client of ours connects."""
    return {"socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT, "retry": Retry(NoBackoff(), 0)}


class Lifeline:
    """Calls to one Redis, or the answer without it: after a failure the next ones are not even tried for `PAUSE`."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = Redis.from_url(url, **options())
        self._clock = clock
        self._lock = threading.Lock()
        self._again_at = 0.0

    def ask(self, call: Callable[["Redis"], Answer], otherwise: Answer) -> Answer:
        """What `call` answers, or `otherwise` where Redis is away."""
        with self._lock:
            if self._clock() < self._again_at:
                return otherwise
        try:
            return call(self._client)
        except (RedisError, OSError):
            with self._lock:
                self._again_at = self._clock() + PAUSE
            return otherwise

    def alive(self) -> bool:
        """Whether it answers, as far as is known without waiting again."""
        return self.ask(lambda client: bool(client.ping()), False)

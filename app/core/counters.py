"""Where the limits count: in Redis for all processes together, and in each process as well.

Both, because a Redis that comes and goes would otherwise keep one part of the count and the process the other, and let
through twice what the limit says.
"""

from limits.storage import MemoryStorage, RedisStorage, Storage

from app.core import redis

SCHEME = "counters"
"""How an address asks the library for these counts."""


class Counters(Storage):
    """Counts of fixed windows: the higher of what Redis and this process know; the process's own where Redis is away.

    A process has counted no more than happened in any window, so it refuses nobody whom Redis alone would let through
    by the limit's own words.
    """

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012  as the library wants it

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, redis_url: str = "") -> None:
        super().__init__(uri, wrap_exceptions)
        self._own = MemoryStorage()
        self._shared = RedisStorage(redis_url, **redis.options())
        self._line = redis.Lifeline(redis_url)

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """Nothing of Redis gets through."""
        return ()

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count `amount` more under `key` for `expiry` seconds from its first; the count."""
        own = self._own.incr(key, expiry, amount)
        return max(own, self._line.ask(lambda _: self._shared.incr(key, expiry, amount), 0))

    def get(self, key: str) -> int:
        """The count under `key`."""
        return max(self._own.get(key), self._line.ask(lambda _: self._shared.get(key), 0))

    def get_expiry(self, key: str) -> float:
        """When the count under `key` ends, in seconds since 1970."""
        return max(self._own.get_expiry(key), self._line.ask(lambda _: self._shared.get_expiry(key), 0.0))

    def check(self) -> bool:
        """It counts, with Redis or without."""
        return True

    def reset(self) -> int | None:
        """Forget every count."""
        self._own.reset()
        return self._line.ask(lambda _: self._shared.reset(), None)

    def clear(self, key: str) -> None:
        """Forget the count under `key`."""
        self._own.clear(key)
        self._line.ask(lambda _: self._shared.clear(key), None)

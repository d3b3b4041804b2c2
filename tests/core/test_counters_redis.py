"""What limits count by: one count for all processes, and none lost while Redis comes and goes."""

from collections.abc import Callable
from typing import Any

import pytest
from limits import RateLimitItemPerMinute
from limits.strategies import FixedWindowRateLimiter

from app.core import redis
from app.core.counters import Counters
from tests.conftest import REDIS
from tests.web.test_redis_down import refusing

OWN = f"{REDIS.rpartition('/')[0]}/14"
"""Another of its databases: beside these tests others forget every count in theirs."""


class Flapping(redis.Lifeline):
    """A Redis that is away every second time."""

    turn = 0

    def ask(self, call: Callable[[Any], Any], otherwise: Any) -> Any:
        self.turn += 1
        return super().ask(call, otherwise) if self.turn % 2 else otherwise


@pytest.fixture
def counters() -> Callable[[], Counters]:
    """Makes the counts of one process after another."""
    Counters(redis_url=OWN).reset()
    return lambda: Counters(redis_url=OWN)


def test_processes_count_together(counters: Callable[[], Counters]) -> None:
    first, second = counters(), counters()
    assert [first.incr("a", 60), second.incr("a", 60), first.incr("a", 60, 2)] == [1, 2, 4]
    assert second.get("a") == 4 and second.get("b") == 0
    assert second.get_expiry("a") == pytest.approx(first.get_expiry("a"), abs=2)
    first.clear("a")
    assert first.get("a") == 0
    second.incr("b", 60)
    second.reset()
    assert second.get("b") == 0 == first.get("b")


def test_a_redis_that_comes_and_goes_lets_no_more_through(
    counters: Callable[[], Counters], monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(redis, "Lifeline", Flapping)
    limiter, ten = FixedWindowRateLimiter(counters()), RateLimitItemPerMinute(10)
    assert [limiter.hit(ten, "somebody") for _ in range(20)] == [True] * 10 + [False] * 10


def test_without_redis_a_process_counts_alone() -> None:
    with refusing() as url:
        alone = Counters(redis_url=url)
        assert [alone.incr("a", 60) for _ in range(3)] == [1, 2, 3]
        assert alone.get("a") == 3 and alone.check()
        alone.clear("a")
        assert alone.get("a") == 0

"""Two processes share one count where Redis keeps it."""

from pathlib import Path

import redis

from tests.conftest import REDIS
from tests.web.limits import guesses


def test_two_processes_count_together(tmp_path: Path) -> None:
    redis.Redis.from_url(REDIS).flushdb()
    assert guesses(REDIS, tmp_path, 10) == ["422/-"] * 10
    assert guesses(REDIS, tmp_path, 1)[0].startswith("429/")

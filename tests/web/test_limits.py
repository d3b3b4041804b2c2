"""An address that keeps guessing is told to wait, with Redis gone too."""

from pathlib import Path

import pytest

from tests.web.limits import guesses


@pytest.mark.parametrize("redis_url", ["", "redis://127.0.0.1:1/0"], ids=["no Redis", "Redis gone"])
def test_the_eleventh_guess_waits(tmp_path: Path, redis_url: str) -> None:
    *first, last = guesses(redis_url, tmp_path, 11)
    assert first == ["422/-"] * 10
    status, wait = last.split("/")
    assert status == "429"
    assert 0 < int(wait) <= 61

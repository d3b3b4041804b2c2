"""The page that says what was measured."""

from typing import Any

import pytest

from bench import results
from bench.goals import verdicts
from bench.results import drawn, with_feeds
from bench.timing import at, figure, repeated
from bench.weight import weight


def result(times: float) -> dict[str, Any]:
    """One size on one engine where the full listing costs so many empty views."""
    return {
        "machine": "Measured on a day.", "versions": {"Flask": "3"}, "busy": 0.2, "data": {"resampled": True},
        "floor": {"empty": [0.05, 0.04, 0.06]},
        "index": {
            "full": [0.05 * times, 0.5, 9.0], "build_s": [1.5, 1.4, 1.6], "bytes": 45_000_000,
            "bytes_after": 60_000_000, "cold": [7.0, 1.0, 9.0],
            "statements": {"full": 2, "scroll": 1}, "cold_statements": [3, 2, 3],
            "deep": {"newest": {"near": [1, 1, 1], "far": [1, 1, 1], "ratio": [1.2, 1.0, 1.4], "page": 500}},
            "nasty": {"a long phrase": {"first": 70.0, "later": [2.0, 1.0, 3.0]}, "one too many": None},
        },
    }  # fmt: skip


def test_goals_are_met_or_not_met_or_not_measured() -> None:
    said = {one.goal: one for one in verdicts({("1000000", "sqlite"): result(19)}, "sqlite")}
    full = said["full listing at 1M, in process, over an empty view"]
    assert full.met and full.figure == "19.00×"
    assert not said["page 500 over page 2"].met and said["page 500 over page 2"].figure == "1.20×"
    assert said["bytes of the index, a posting"].figure == "45.0"
    assert said["search and facets at 1M over tantivy, warm"].figure is None


def test_the_page_tells_each_of_them() -> None:
    page = drawn({("1000000", "sqlite"): result(23)}, {}, "## Notes\n\nTried and left.")
    assert "| full listing at 1M, in process, over an empty view | ≤ 20× | 23.00× **not met** | not measured |" in page
    assert "| **full listing**, fragment | 1.15 (0.500–9.00) 23.0× |" in page
    assert "worst the first time “a long phrase”, 70.0 ms, 10.0×" in page and "| one too many | gave up |" in page
    assert page.rstrip().endswith("Tried and left.")
    assert "1,000,000 postings (resampled) on SQLite" in page


def test_figures_are_medians_with_their_spread() -> None:
    assert figure([3, 1, 2]) == (2, 1, 3)
    assert at(range(1, 101), 0.95) == 95 and at([7], 0.5) == 7
    calls: list[int] = []
    assert repeated(lambda: calls.append(1), rounds=3, seconds=0.01).least >= 0 and calls


def test_bytes_are_counted_once_however_often_they_are_held() -> None:
    text = "x" * 10_000
    assert 10_000 < weight([[text, text], {"again": text}], "nowhere") < 11_000


def sent(grew: float) -> dict[str, Any]:
    """All that went out of one size on one engine, where memory grew by so many MB."""
    one = {"seconds": 5.0, "worked": 2.0, "bytes": 1_500_000_000, "grew": grew, "peak": 150 + grew}
    names = ("indeed", "indeed_gzip", "sitemap_index", "sitemap")
    read = {"live": 900_000, "jobs": 900_000, "addresses": 905_000, "parts": 21, "entries": 1000}
    return {
        "feeds": dict.fromkeys(names, one)
        | {"before": 150.0, "read": read, "busy": 6.5, "unchanged": [3.0, 2, 4], "unchanged_sitemap": [3.0, 2, 4]}
    }


def test_the_page_tells_what_goes_out() -> None:
    keys = ("1000000", "sqlite"), ("1000000", "postgresql")
    page = drawn({key: result(23) | sent(grew) for key, grew in zip(keys, (31, 77), strict=True)}, {}, "")
    assert "| **most it grew by** (sought: < 50 MB) | 31.0 met | 77.0 **not met** |" in page
    assert "shared with others" in page
    assert "| postings a second | 180,000 | 180,000 |" in page and "| 900,000 / 905,000 in 21 |" in page


def test_the_feeds_can_be_measured_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    before = "# Title\n\n## Goals\n\nkept\n\n## Typing\n\nkept too\n"
    monkeypatch.setattr(results, "_measured", lambda: {("10000", "sqlite"): sent(3)})
    once = with_feeds(before)
    assert "## Feeds out" in once and "| 3.0 met |" in once
    monkeypatch.setattr(results, "_measured", lambda: {("10000", "sqlite"): sent(4)})
    again = with_feeds(once)
    assert again.count("## Feeds out") == 1 and "| 4.0 met |" in again and "| 3.0 met |" not in again
    assert before == again[: again.index("## Feeds out")] + again[again.index("## Typing") :]

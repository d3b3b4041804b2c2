"""What the figures must reach, and whether they do."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Results = Mapping[tuple[str, str], Mapping[str, Any]]
"""What was measured, by size and engine."""
BIG, MIDDLE, SMALL = "1000000", "100000", "10000"


class Verdict(NamedTuple):
    """A goal on one engine; `figure` is None where it was not measured."""

    goal: str
    sought: str
    figure: str | None
    met: bool


class Goal(NamedTuple):
    """`of` takes the results and an engine, and answers the number; it raises LookupError where one is missing."""

    what: str
    sought: str
    of: Callable[[Results, str], float]
    holds: Callable[[float], bool]
    said: str = "{:.2f}×"


def at_most(most: float) -> Callable[[float], bool]:
    return lambda found: found <= most


def at_least(least: float) -> Callable[[float], bool]:
    return lambda found: found >= least


def _got(results: Results, size: str, engine: str, *path: str) -> Any:
    found: Any = results[size, engine]
    for name in path:
        found = found[name]
    return found[0] if isinstance(found, list) else found


def _over_empty(name: str) -> Callable[[Results, str], float]:
    return lambda r, e: float(_got(r, BIG, e, "index", name) / _got(r, BIG, e, "floor", "empty"))


def _served(name: str) -> Callable[[Results, str], float]:
    return lambda r, e: float(
        _got(r, BIG, e, "served", "empty", "a_second") / _got(r, BIG, e, "served", name, "a_second")
    )


def _growth(name: str) -> Callable[[Results, str], float]:
    return lambda r, e: float(_got(r, BIG, e, "index", name) / _got(r, SMALL, e, "index", name))


def _deep(results: Results, engine: str) -> float:
    lists = _got(results, BIG, engine, "index", "deep").values()
    return max(float(one["ratio"][0]) for one in lists)


def _engine(name: str) -> Callable[[Results, str], float]:
    return lambda r, e: float(
        _got(r, BIG, e, "search", "index", name) / _got(r, BIG, e, "search", "tantivy", name)
    )


def _faster(size: str, peer: str) -> Callable[[Results, str], float]:
    return lambda r, e: float(
        _got(r, size, e, "served", "mix", "a_second") / max(_got(r, size, e, "served", peer, "a_second"), 1e-9)
    )


def _statements(size: str) -> Callable[[Results, str], float]:
    return lambda r, e: float(max(_got(r, size, e, "index", "statements").values()))


def _statements_grow(results: Results, engine: str) -> float:
    return _statements(BIG)(results, engine) - _statements(SMALL)(results, engine)


def _bytes(results: Results, engine: str) -> float:
    return float(_got(results, BIG, engine, "index", "bytes")) / int(BIG)


def _build(results: Results, engine: str) -> float:
    return float(_got(results, BIG, engine, "index", "build_s"))


GOALS = (
    Goal("full listing at 1M, in process, over an empty view", "≤ 20×", _over_empty("full"), at_most(20)),
    Goal("the same over gunicorn, over an empty view", "≤ 6×", _served("full"), at_most(6)),
    Goal("the mix of 200 listings over gunicorn, over an empty view", "≤ 6×", _served("mix"), at_most(6)),
    Goal("scroll page at 1M, in process, over an empty view", "≤ 4×", _over_empty("scroll"), at_most(4)),
    Goal("page 500 over page 2", "≤ 1.05×", _deep, at_most(1.05)),
    Goal("full listing, 1M over 10k", "≤ 3×", _growth("full"), at_most(3)),
    Goal("scroll page, 1M over 10k", "≤ 1.1×", _growth("scroll"), at_most(1.1)),
    Goal("search and facets at 1M over tantivy, warm", "≤ 0.1×", _engine("full"), at_most(0.1), "{:.3f}×"),
    Goal("search and facets at 1M over tantivy, cold words", "≤ 3×", _engine("cold"), at_most(3)),
    Goal("throughput of the mix at 100k over the naive board", "≥ 1,500×", _faster(MIDDLE, "naive"), at_least(1500),
         "{:,.0f}×"),
    Goal("throughput of the mix at 10k over the Django board", "≥ 5×", _faster(SMALL, "django"), at_least(5),
         "{:,.0f}×"),
    Goal("statements a page at 1M, no cold word", "≤ 3", _statements(BIG), at_most(3), "{:.0f}"),
    Goal("statements more at 1M than at 10k", "0", _statements_grow, at_most(0), "{:.0f}"),
    Goal("bytes of the index, a posting", "≤ 50", _bytes, at_most(50), "{:.1f}"),
    Goal("seconds to build the index of a million", "≤ 2", _build, at_most(2), "{:.2f} s"),
)  # fmt: skip


def verdicts(results: Results, engine: str) -> list[Verdict]:
    """Every goal on one engine."""
    found = []
    for goal in GOALS:
        try:
            number = goal.of(results, engine)
        except LookupError:
            found.append(Verdict(goal.what, goal.sought, None, False))
            continue
        found.append(Verdict(goal.what, goal.sought, goal.said.format(number), goal.holds(number)))
    return found

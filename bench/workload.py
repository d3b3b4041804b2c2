"""What is asked, always the same, of every size and engine."""

import json
from dataclasses import asdict, dataclass

from bench import where

FULL = "q=engineer&type=full_time&country=US&posted_within=30"
"""The ordinary listing: a word of very many postings, and three filters."""
_MADE_BY = 4


@dataclass(frozen=True, slots=True)
class Workload:
    """Query strings of the listing; `cold` and `cold_engine` are words by themselves."""

    mix: list[str]
    cold: list[str]
    cold_engine: list[str]
    nasty: dict[str, str]


def workload() -> Workload:
    """Drawn once from the real postings, then kept: those who only read it need not know the product."""
    kept = where.folder() / f"workload-{_MADE_BY}.json"
    if not kept.exists():
        from bench.drawing import drawn

        kept.write_text(json.dumps(asdict(drawn()), indent=1), encoding="utf-8")
    return Workload(**json.loads(kept.read_text(encoding="utf-8")))

"""Real postings of United States federal agencies: an excerpt of USAJOBS, a work of the government, public domain."""

import gzip
import json
import re
from typing import Any

from app.core.money import Period
from app.demo.maker import Maker
from app.demo.wording import DATA
from app.domain.companies.models import Company
from app.domain.postings import gazetteer
from app.domain.postings.services import Facts

SOURCE = "usajobs-excerpt"
_ABOUT = (
    "An agency of the United States government. Its postings here are an excerpt of USAJOBS from 2016 (public"
    " domain) with their dates moved: part of the demo board, nothing to apply to."
)
_LONGEST_PARAGRAPH = 420
_MARKS = re.compile(r"([\\`*_\[\]<>#|~])")
_HEADING = re.compile(r"^([A-Z][A-Za-z ]{2,40}):$")
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+(?=[A-Z(0-9])")


def rows() -> list[dict[str, Any]]:
    """The excerpt, a dict a posting (written by scripts/build_demo_excerpt.py)."""
    return [json.loads(line) for line in gzip.decompress((DATA / "usajobs_excerpt.jsonl.gz").read_bytes()).splitlines()]


def write(maker: Maker, row: dict[str, Any], agencies: dict[str, Company]) -> None:
    """Publish one posting of the excerpt, making its agency where it is the first."""
    agency = agencies.get(row["company"])
    if agency is None:
        agency = agencies[row["company"]] = maker.company(row["company"], "US", _ABOUT, trusted=True)
    posting = maker.published(agency, _facts(row), None, maker.weekday(maker.rng.uniform(0, 50)))
    posting.source, posting.source_id, posting.source_url = SOURCE, row["id"], row["url"]
    posting.apply_url = row["url"]


def _facts(row: dict[str, Any]) -> Facts:
    low, high, period = row["pay"]
    digits = 2 if period == Period.HOUR else 0
    places = [place for slug in row["places"] if (place := gazetteer.by_slug(slug))]
    return Facts(
        title=row["title"], description=_markdown(row["text"]), category=row["field"], type=row["type"],
        places=tuple(gazetteer.label(place) for place in places), salary_min=f"{low:.{digits}f}",
        salary_max=f"{high:.{digits}f}", salary_currency="USD", salary_period=period,
    )


def _markdown(text: str) -> str:
    """The text with headings and, as it came in one piece, paragraphs at ends of sentences."""
    parts: list[str] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        heading = _HEADING.match(line)
        if heading:
            parts.append(f"### {heading[1]}")
        else:
            parts.extend(_paragraphs(_MARKS.sub(r"\\\1", line)))
    return "\n\n".join(parts)


def _paragraphs(line: str) -> list[str]:
    made = [""]
    for sentence in _SENTENCE.split(line):
        if made[-1] and len(made[-1]) + len(sentence) > _LONGEST_PARAGRAPH:
            made.append("")
        made[-1] = f"{made[-1]} {sentence}".strip()
    return made

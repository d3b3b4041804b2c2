"""The words postings are written in and the titles they carry, as people write them.

Spelling and suggestions draw from them. Rows are only added, and counted up: what is offered to anybody is asked of
the live postings first, so a word that is gone does no harm, and the counts only say what to try first.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.closing import Gathering
from app.domain.search.models import LONGEST_KEY, LONGEST_TITLE
from app.domain.search.text import fold, pieces, written

MOST_WORDS = 6
"""Of a title that is offered to others."""
_BATCH = 10_000

_FROM = {
    "sqlite": ("json_extract(value, '$[0]')", "json_extract(value, '$[1]')", "json_extract(value, '$[2]')",
               "json_each(:rows)"),
    "postgresql": ("value ->> 0", "(value ->> 1)::int", "value ->> 2", "json_array_elements(CAST(:rows AS json))"),
}  # fmt: skip
"""How each engine reads rows [text, number, text] handed over as one value: their number knows no limit."""
_KNOWN = "INSERT INTO search_words (word, titles) SELECT {0}, 0 FROM {3} WHERE true ON CONFLICT (word) DO NOTHING"
_COUNTED = (
    "INSERT INTO search_words (word, titles) SELECT {0}, {1} FROM {3} WHERE true"
    " ON CONFLICT (word) DO UPDATE SET titles = search_words.titles + excluded.titles"
)
_TITLES = (
    "INSERT INTO search_titles (key, seen, label) SELECT {0}, {1}, {2} FROM {3} WHERE true"
    " ON CONFLICT (key) DO UPDATE SET seen = search_titles.seen + excluded.seen"
)


class Titled(NamedTuple):
    """That a posting carries a title."""

    posting_id: int
    title: str


class Heading(NamedTuple):
    """What a title offers to others: its words folded, and how they are written."""

    key: str
    label: str


_ASIDE = re.compile(r"\s[-–—|@:/•·]\s|\s*[([{|,;•]|:\s")
"""What follows is about this one posting: its place, its shift, its reference."""
_MEANT = re.compile(r'["*“”„‟«»＂]|(?:^|\s)[-–—‐|−]|\bOR\b')
"""What a search would not read as words."""


def heading(title: str) -> Heading | None:
    """The part of a title that other postings may share; None where it is no good to anybody."""
    label = " ".join(_ASIDE.split(title.strip(" -–—*|·•!#:"), maxsplit=1)[0].split()).strip(" -–—*|·•!:.")
    key = start_of(label)
    if label.isupper() and len(label) > 5:
        label = label.title()
    if not 2 < len(label) <= LONGEST_TITLE or not 0 < len(key) <= LONGEST_KEY or key.count(" ") >= MOST_WORDS:
        return None
    if _MEANT.search(label) or not any(map(str.isalpha, key)):
        return None
    return Heading(key, label)


def start_of(typed: str) -> str:
    """What the keys of titles that begin with `typed` begin with."""
    return " ".join(written(fold(typed)))


def note(session: Session, posting_id: int, title: str, words: Iterable[str]) -> None:
    """A posting says these words; they are known once this transaction is committed."""
    _noted.add(session, Titled(posting_id, title), *words)


def settle(session: Session) -> None:
    """Write down what was noted so far: for whoever is alone with the database and notes a whole board."""
    _noted.close(session)


def _write(session: Session, noted: set[str | Titled]) -> None:
    titled = sorted(item for item in noted if isinstance(item, Titled))
    words = sorted(item for item in noted if isinstance(item, str))
    counts: Counter[str] = Counter()
    headings: dict[str, tuple[int, str]] = {}
    for _, title in titled:
        counts.update({word for piece in pieces(fold(title)) for word in piece.words})
        found = heading(title)
        if found:
            seen, label = headings.get(found.key, (0, found.label))
            headings[found.key] = (seen + 1, label)
    # New words first and in one order, then counts in the same: no two transactions ever wait for each other.
    _put(session, _KNOWN, [(word, 0, "") for word in words])
    _put(session, _COUNTED, [(word, counts[word], "") for word in sorted(counts)])
    _put(session, _TITLES, [(key, *headings[key]) for key in sorted(headings)])


def _put(session: Session, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    into = text(statement.format(*_FROM[session.get_bind().dialect.name]))
    waiting = iter(rows)
    while batch := list(islice(waiting, _BATCH)):
        session.execute(into, {"rows": json.dumps(batch, ensure_ascii=False, separators=(",", ":"))})


_noted: Gathering[str | Titled] = Gathering("search words", _write)

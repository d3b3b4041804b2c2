"""One question to both, about one moment: what the index answers must be what plain SQL does."""

import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from app.domain.search import changes
from app.domain.search.answers import Card, Facets, Position
from app.domain.search.filters import Filters
from app.domain.search.index.backend import IndexBackend
from app.domain.search.plain.backend import PlainBackend

Cards = list[tuple[Card, Position]]


class Counted(PlainBackend):
    """Plain SQL that counts how often the index leaves an answer to it."""

    def __init__(self) -> None:
        self.asked = 0

    def page(
        self, session: Session, filters: Filters, now: datetime, limit: int, after: Position | None
    ) -> Cards:
        self.asked += 1
        return super().page(session, filters, now, limit, after)

    def total(self, session: Session, filters: Filters, now: datetime) -> int:
        self.asked += 1
        return super().total(session, filters, now)

    def facets(
        self, session: Session, filters: Filters, now: datetime, currency: str, expanded: str | None
    ) -> Facets:
        self.asked += 1
        return super().facets(session, filters, now, currency, expanded)


@dataclass(frozen=True, slots=True)
class Question:
    """A listing, what of it is wanted, and how many of its pages at the most."""

    filters: Filters
    currency: str
    expanded: str | None
    limit: int
    pages: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the two do not say the same, with all it takes to ask again."""

    what: str
    question: str
    now: str
    stand: str
    index: str
    plain: str


class Judge:
    """Asks both and compares. `answers` counts what the index was asked, `plainly` those that it left to plain SQL."""

    def __init__(self) -> None:
        self._counted, self._oracle = Counted(), PlainBackend()
        self.index = IndexBackend(self._counted)
        self.answers = 0
        self.seconds = {"index": 0.0, "plain": 0.0}

    @property
    def plainly(self) -> int:
        return self._counted.asked

    def differences(self, session: Session, question: Question, now: datetime) -> Iterator[Difference]:
        """What differs. The session's transaction is the moment; begin it anew before."""
        filters = question.filters
        after: Position | None = None

        def differs(what: str, ask: Callable[[Any], Any]) -> tuple[Any, Difference | None]:
            return self._both(session, question, now, what, ask)

        for number in range(1, question.pages + 1):
            ask_page = partial(_page, session, filters, now, question.limit, after)
            page, wrong = differs(f"page {number}", ask_page)
            if wrong:
                yield wrong
            if len(page) < question.limit:
                break
            after = page[-1][1]
        for what, ask in (
            ("total", lambda one: one.total(session, filters, now)),
            ("facets", lambda one: one.facets(session, filters, now, question.currency, question.expanded)),
        ):
            _, wrong = differs(what, ask)
            if wrong:
                yield wrong

    def _both(
        self, session: Session, question: Question, now: datetime, what: str, ask: Callable[[Any], Any]
    ) -> tuple[Any, Difference | None]:
        """What plain SQL answers, and the difference to it."""
        self.answers += 1
        began = time.perf_counter()
        try:
            found = ask(self.index)
        except Exception:  # an index that breaks is as wrong as one that errs; without a database plain SQL breaks too
            found = traceback.format_exc()
        between = time.perf_counter()
        expected = ask(self._oracle)
        self.seconds["index"] += between - began
        self.seconds["plain"] += time.perf_counter() - between
        if found == expected:
            return expected, None
        stand = str(changes.stand(session))
        return expected, Difference(what, repr(question), now.isoformat(), stand, *_shown(found, expected))


def _page(
    session: Session, filters: Filters, now: datetime, limit: int, after: Position | None, one: PlainBackend
) -> Cards:
    return one.page(session, filters, now, limit, after)


def _shown(found: Any, expected: Any) -> tuple[str, str]:
    """Both answers, of facets only those that differ and of cards the ids where those differ."""
    if isinstance(found, Facets) and isinstance(expected, Facets):
        named = [name for name in expected.by_argument if found.by_argument[name] != expected.by_argument[name]]
        one, other = ({name: facets.by_argument[name] for name in named} for facets in (found, expected))
        rest = [(facets.total, facets.currency, facets.currencies) for facets in (found, expected)]
        return f"{rest[0]} {one}", f"{rest[1]} {other}"
    if isinstance(found, list) and [card.id for card, _ in found] != [card.id for card, _ in expected]:
        return tuple(repr([(place, card.published_at) for card, place in cards]) for cards in (found, expected))  # type: ignore[return-value]
    return repr(found), repr(expected)

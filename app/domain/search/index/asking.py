"""Where a filter becomes sets of ordinals."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property

from pyroaring import BitMap
from sqlalchemy.orm import Session

from app.core.money import to_minor
from app.domain.postings.models import WORLDWIDE
from app.domain.search.filters import Filters
from app.domain.search.grammar import Term
from app.domain.search.index.board import DAY, Board, instant, micros
from app.domain.search.index.ordinals import bitmap
from app.domain.search.index.reading import CODES, Array
from app.domain.search.index.sets import At, Condition, Fact, Has, Paid, Says


class Asked:
    """One listing on one board: what it always asks, and what each argument that filters does."""

    def __init__(self, board: Board, session: Session, filters: Filters, now: datetime) -> None:
        self.board, self.session, self.filters, self.now = board, session, filters, now
        self.query = filters.query
        self._edges: dict[int, tuple[int, Array]] = {}
        self.by_argument = self._by_argument()

    @cached_property
    def always(self) -> BitMap:
        """Live postings with the words; `sort=salary` keeps those that state pay in its currency."""
        found = self.board.live(self.now)
        for clause in self.query.clauses:
            found = found & self.says(clause)
        if self.query.excluded:
            found = found - self.says(self.query.excluded)
        if self.filters.order == "salary":
            found = found & self.set(Fact("currency", self.currency)) if self.currency else BitMap()
        return found

    @property
    def hits(self) -> BitMap:
        """What the listing holds."""
        return self._met[-1]

    def but(self, argument: str) -> BitMap:
        """The same without the filter of one argument."""
        return self._bases.get(argument, self.hits)

    @cached_property
    def _filters(self) -> list[tuple[str, BitMap]]:
        """The filters, fewest postings first."""
        return sorted(self.by_argument.items(), key=lambda pair: len(pair[1]))

    @cached_property
    def _met(self) -> list[BitMap]:
        """What is left after none of the filters, after the first, and so on."""
        met = [self.always]
        for _, ordinals in self._filters:
            met.append(met[-1] & ordinals)
        return met

    @cached_property
    def _bases(self) -> dict[str, BitMap]:
        """For each argument that filters the hits without it. What several share is met once."""
        bases: dict[str, BitMap] = {}
        later: BitMap | None = None
        for (argument, ordinals), before in zip(reversed(self._filters), reversed(self._met[:-1]), strict=True):
            bases[argument] = before if later is None else before & later
            later = ordinals if later is None else later & ordinals
        return bases

    @property
    def currency(self) -> int:
        """The code of the currency filtered by, 0 where nobody pays in it."""
        return self.board.currencies.known(self.filters.currency or "")

    def set(self, condition: Condition) -> BitMap:
        return self.board.set(self.session, condition)

    def any_of(self, conditions: Iterable[Condition]) -> BitMap:
        found = [self.set(condition) for condition in conditions]
        return found[0] if len(found) == 1 else BitMap.union(*found) if found else BitMap()

    def says(self, terms: Iterable[Term], *, title: bool = False) -> BitMap:
        """Any of the terms, anywhere or in the title."""
        return self.any_of(Says(term, title) for term in terms)

    def _by_argument(self) -> dict[str, BitMap]:
        filters, board, asked = self.filters, self.board, {}
        if filters.category:
            ids = [one.id for one in board.categories(self.session) if one.slug in filters.category]
            asked["category"] = self.any_of(Fact("category", id_) for id_ in ids)
        for argument in ("type", "workplace", "experience"):
            if chosen := filters.values(argument):
                asked[argument] = self.any_of(Fact(argument, CODES[argument][value]) for value in chosen)
        if filters.country:
            codes = {board.country_codes.known(country) for country in (*filters.country, WORLDWIDE)}
            asked["country"] = self.any_of(Has("countries", code) for code in sorted(codes - {0}))
        if filters.company:
            companies = board.companies_of(self.session, filters.company)
            asked["company"] = self.any_of(Fact("company", one.id) for one in companies)
        if filters.place:
            asked["place"] = self.set(At(filters.place, filters.radius_km))
        if filters.salary_min and filters.currency:
            asked["salary_min"] = self.set(Paid(self.currency, to_minor(filters.salary_min, filters.currency)))
        if filters.posted_within:
            asked["posted_within"] = self.younger(filters.posted_within)
        return asked

    def younger(self, days: int) -> BitMap:
        """Postings no older than some days."""
        first, loose = self.edge(days)
        found = BitMap(range(first, self.board.ordered))
        return found | bitmap(loose) if len(loose) else found

    def edge(self, days: int) -> tuple[int, Array]:
        """The first ordinal of those in order that is no older than some days, and the others that are not."""
        if days not in self._edges:
            since = micros(self.now - timedelta(days=days))
            published, ordered = self.board.columns["published"], self.board.ordered
            first = int(published[:ordered].searchsorted(since))
            self._edges[days] = first, (published[ordered:] >= since).nonzero()[0] + ordered
        return self._edges[days]

    def number_younger(self, hits: BitMap, days: int) -> int:
        """How many of `hits` are no older than some days."""
        first, loose = self.edge(days)
        below_ordered = hits.rank(self.board.ordered - 1) if self.board.ordered else 0
        below_first = hits.rank(first - 1) if first else 0
        inside = hits.intersection_cardinality(bitmap(loose)) if len(loose) else 0
        return below_ordered - below_first + inside

    def steady_until(self, ages: Iterable[int]) -> datetime:
        """An instant before which time alone changes nothing: no posting begins, ends, or is one of `ages` days old."""
        published, ordered = self.board.columns["published"], self.board.ordered
        coming = [self.board.steady_until]
        for days in ages:
            first, loose = self.edge(days)
            oldest = [int(published[first])] if first < ordered else []
            oldest += [int(published[loose].min())] if len(loose) else []
            coming += [at + days * DAY for at in oldest]
        return instant(min(coming))

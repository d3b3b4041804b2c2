"""Listings drawn at random from what a board holds, so that most of them find something."""

import random
import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.companies.models import Company
from app.domain.postings.models import Category, CategorySlug, EmploymentType, Experience, Place, Posting, Workplace
from app.domain.search.filters import Filters, parse
from bench.oracle.judging import Question

DEFAULT = "EUR"
_WORD = re.compile(r"\w[\w.+#'-]*")
_FACETS = ("category", "type", "workplace", "experience", "country", "company", "place", "salary_min")
_TEXTS = 250


@dataclass(frozen=True, slots=True)
class Stock:
    """What a board held a moment ago: texts by their words, and the values that filters take."""

    titles: list[list[str]]
    bodies: list[list[str]]
    categories: list[str]
    companies: list[str]
    places: list[str]
    countries: list[str]


def stock(session: Session, dice: random.Random) -> Stock:
    """Look at some of what is there."""
    last = session.scalar(select(Posting.id).order_by(Posting.id.desc()).limit(1)) or 0
    ids = [dice.randint(1, max(1, last)) for _ in range(_TEXTS)]
    ids += range(max(1, last - _TEXTS // 4), last + 1)  # what came last, where the changes are
    rows = session.execute(select(Posting.title, Posting.description_text).where(Posting.id.in_(ids))).all()
    texts = [[_WORD.findall(text[:4000]) for text in row] for row in rows]
    places = session.execute(select(Place.slug, Place.country)).all()
    categories = [*session.scalars(select(Category.slug)), *session.scalars(select(CategorySlug.slug).limit(3))]
    return Stock(
        [title for title, _ in texts if title] or [["nothing"]],
        [body for _, body in texts if len(body) > 3] or [["nothing", "at", "all", "here"]],
        categories or ["none"],
        list(session.scalars(select(Company.slug))) or ["none"],
        [slug for slug, _ in places] or ["berlin-de"],
        [country for _, country in places] or ["DE"],
    )


class Asker:
    """Draws questions."""

    def __init__(self, dice: random.Random, known: Stock) -> None:
        self.dice, self.known = dice, known

    def question(self) -> Question:
        """A listing and what is wanted of it: one page mostly, at times many."""
        pages = self.dice.choices((1, 2, 5, 30), (70, 15, 12, 3))[0]
        limit = self.dice.choice((1, 7, 21, 21, 21, 101))
        expanded = self.dice.choice((None, None, *_FACETS))
        return Question(self.filters(), DEFAULT, expanded, limit, pages)

    def filters(self) -> Filters:
        """None, one or several of every argument there is."""
        dice, known = self.dice, self.known
        choices = {
            "category": self._some(known.categories, 3), "type": self._some([kind.value for kind in EmploymentType], 3),
            "workplace": self._some([kind.value for kind in Workplace], 2),
            "experience": self._some([kind.value for kind in Experience], 3),
            "country": self._some(known.countries, 3), "company": self._some(known.companies, 4),
            "place": [dice.choice(known.places)],
            "salary_min": [str(dice.choice((1, 20_000, 45_000, 63_500, 90_000, 150_000, 400_000)))],
            "posted_within": [str(dice.choice((1, 1, 2, 3, 7, 14, 30, 45, 3650)))],
            "sort": [dice.choice(("newest", "relevance", "salary", "salary"))],
        }  # fmt: skip
        names = dice.sample(list(choices), dice.choices(range(6), (12, 28, 28, 18, 9, 5))[0])
        args = [(name, value) for name in names for value in choices[name]]
        if dice.random() < 0.6:
            args.append(("q", self.words()))
        if {"sort", "salary_min"} & {*names}:
            args.append(("currency", dice.choice(("EUR", "USD", "USD", "GBP", "PLN", "JPY", "XAF"))))
        if "place" in names:
            args.append(("radius_km", str(dice.choice((1, 10, 25, 50, 50, 100, 333, 500)))))
        return parse(args, DEFAULT).filters

    def words(self) -> str:
        """What somebody might type: words, phrases, beginnings, either-or, without."""
        dice = self.dice
        kind = dice.choice(("word", "word", "title", "two", "phrase", "phrase", "without", "only without", "or",
                            "beginning", "letters", "mixed"))  # fmt: skip
        if kind == "two":
            return f"{self._word()} {self._word()}"
        if kind == "phrase":
            return self._phrase()
        if kind == "title":
            return " ".join(dice.choice(self.known.titles))[:120]
        if kind == "without":
            return f"{self._word()} -{dice.choice((self._word(), self._phrase()))}"
        if kind == "only without":
            return f"-{self._word()} -{self._word()}"
        if kind == "or":
            return f"{self._word()} OR {dice.choice((self._word(), self._phrase()))}"
        if kind == "beginning":
            return f"{self._word()[:4]}*"
        if kind == "letters":
            return f"{self._word()[: dice.randint(1, 3)]}"
        if kind == "mixed":
            return f"{self._word()} OR {self._word()[:5]}* {self._phrase()} -{self._word()}"
        return self._word()

    def _word(self) -> str:
        return self.dice.choice(self.dice.choice(self.dice.choice((self.known.titles, self.known.bodies))))

    def _phrase(self) -> str:
        words = self.dice.choice(self.dice.choice((self.known.titles, self.known.bodies)))
        first = self.dice.randrange(max(1, len(words) - 1))
        return f'"{" ".join(words[first : first + self.dice.randint(2, 3)])}"'

    def _some(self, values: list[str], most: int) -> list[str]:
        return [self.dice.choice(values) for _ in range(self.dice.randint(1, most))]

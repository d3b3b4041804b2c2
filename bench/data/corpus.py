"""The postings of one size, each time the same ones: real, and resampled where there are too few."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bench.data.real import DAYS, Real
from bench.data.sentences import sentences
from bench.where import NOW

SHORTEST, LONGEST = 600, 1200
"""Characters of a resampled body."""
FATES = {"live": 94, "frozen": 2, "expired": 2, "to begin": 1, "closed": 1}
"""What a hundred postings are."""
SUSPENDED = 0.005
"""The share of companies that are suspended, and their postings with them."""
_TRIES = 1_000
SWAPPED = 0.5
"""The share of resampled titles that carry a word of another."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A posting to be written. `sentences` is what a resampled text is made of, empty for a real one."""

    id: int
    real: Real
    sentences: tuple[str, ...]
    fate: str
    published_at: datetime
    expires_at: datetime


class Corpus:
    """`size` postings of which no two have one text, as long as `rows` are such; `size` 0 takes them as they came."""

    def __init__(self, rows: Sequence[Real], size: int, seed: int = 20261128) -> None:
        self.rows = rows
        self.size = size or len(rows)
        self.as_they_came = not size
        self.resampled = self.size > len(rows)
        self._dice = random.Random(seed)
        self._taken: set[int] = set()
        self._sentences: dict[int, list[str]] = {}
        self._of_source: defaultdict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(rows):
            self._of_source[row.source].append(number)

    def companies(self) -> dict[str, bool]:
        """Every company's name, and whether it is suspended."""
        dice = random.Random(1)
        names = sorted({row.company for row in self.rows if row.company})
        return {name: dice.random() < SUSPENDED for name in names}

    def __iter__(self) -> Iterator[Draft]:
        order = list(range(len(self.rows)))
        self._dice.shuffle(order)
        for number in range(self.size):
            at = order[number % len(order)]
            row, parts = self._resampled(at) if self.resampled else (self.rows[at], ())
            fate = self._dice.choices(list(FATES), list(FATES.values()))[0]
            yield Draft(number + 1, row, parts, fate, *self._dates(number, fate))

    def _dates(self, number: int, fate: str) -> tuple[datetime, datetime]:
        """Later ids are younger, by and large; every age up to the life of a posting is as common."""
        life, chance = timedelta(days=DAYS), self._dice.random
        age = life * (1 - number / self.size) * 0.99 + timedelta(hours=self._dice.expovariate(1 / 12))
        age = age if age < life else life * 0.99 * chance()
        published = NOW - age
        if fate == "to begin":
            published = NOW + timedelta(days=5 * chance())
        if fate == "expired":
            return NOW - life - timedelta(days=9) + timedelta(days=chance()), NOW - timedelta(days=8 * chance())
        return published, published + life

    # what a new posting is made of

    def _resampled(self, at: int) -> tuple[Real, tuple[str, ...]]:
        """The posting `at` under another title, with its sentences among others, in another company and place.

        Raises LookupError where its source is used up.
        """
        base = self.rows[at]
        for _ in range(_TRIES):
            parts = self._body(at, base.source)
            text = "\n".join(parts)
            if hash(text) not in self._taken:
                break
        else:
            raise LookupError(f"{base.source} is too small: no new text can be made of it")
        self._taken.add(hash(text))
        place, paid, like = (self.rows[self._another(base.source)] for _ in range(3))
        made = replace(
            base, title=self._title(base), company=self.rows[self._another(base.source)].company, html="", text=text,
            type=like.type, workplace=place.workplace, places=place.places, place_label=place.place_label,
            eligible=place.eligible, pay=paid.pay,
        )  # fmt: skip
        return made, parts

    def _another(self, source: str) -> int:
        return self._dice.choice(self._of_source[source])

    def _title(self, base: Real) -> str:
        words = base.title.split()
        if self._dice.random() < SWAPPED:
            others = self.rows[self._another(base.source)].title.split()
            words[self._dice.randrange(len(words))] = self._dice.choice(others)
        return " ".join(words)[:200]

    def _body(self, at: int, source: str) -> tuple[str, ...]:
        """Sentences of this posting and of others of its source, shuffled, each once."""
        least = self._dice.randint(SHORTEST, LONGEST - 100)
        pool = dict.fromkeys([*self._sentences_of(at), *self._sentences_of(self._another(source))])
        for _ in range(_TRIES):
            if sum(map(len, pool)) >= least * 1.2:
                break
            pool |= dict.fromkeys(self._sentences_of(self._another(source)))
        shuffled, length, parts = list(pool), 0, []
        self._dice.shuffle(shuffled)
        for sentence in shuffled:
            if length + len(sentence) < LONGEST:
                parts.append(sentence)
                length += len(sentence) + 1
            if length >= least:
                break
        return tuple(parts)

    def _sentences_of(self, at: int) -> list[str]:
        if at not in self._sentences:
            self._sentences[at] = sentences(self.rows[at].text)
        return self._sentences[at]

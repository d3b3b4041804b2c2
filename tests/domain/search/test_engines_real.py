"""Five hundred questions made of real postings, in all their scripts: both engines answer what plain Python does.

Words as they stand, without their accents and with others, phrases, prefixes, exclusions, alternatives, and words
with a slip, which are set right to the same word.
"""

import json
import random
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.domain.search import queries, vocabulary
from app.domain.search.grammar import Phrase, parse
from app.domain.search.spelling import HEAD, LONG, MOST_TRIED, corrected, distance, neighbours, plain_word
from app.domain.search.text import fold, pieces, tokens
from tests.conftest import DATA
from tests.domain.search.market import NOW, Market
from tests.domain.search.test_listing import KEY, asked, walk

QUESTIONS, SLIPS = 400, 100


class Corpus(Market):
    """Real texts in made-up circumstances, and which live postings say each spelling."""

    def __init__(self) -> None:
        lines = (Path(DATA) / "sample_stratified.jsonl").read_text(encoding="utf-8").splitlines()
        super().__init__(seed=4, size=len(lines))
        for fact, line in zip(self.facts, lines, strict=True):
            row = json.loads(line)
            fact.title = (row["title"] or "untitled")[:200].strip()
            fact.body = (row["description"] or "").replace("\0", "")
        self.said: defaultdict[str, set[int]] = defaultdict(set)
        self.titles: Counter[str] = Counter()
        self.words: set[str] = set()
        for fact in self.facts:
            found = [piece for line in self._lines(fact) for piece in line]
            self.words.update(word for piece in found for word in piece.words)
            self.titles.update({word for piece in self._lines(fact)[0] for word in piece.words})
            if self._live(fact):
                for piece in found:
                    for spelling in (*piece.tokens, *piece.surfaces, *filter(None, [piece.joined])):
                        self.said[spelling].add(fact.id)

    def total(self, word: str) -> int:
        """How many live postings say a word of one token."""
        (token,) = tokens(word)
        return len(self.said.get(token, ()))

    def right(self, slip: str) -> str | None:
        """What a word is set right to, by looking at every word there is."""
        word = plain_word(slip)
        if word is None or self.total(word):
            return None
        near = neighbours(word) & self.words
        far = {w for w in self.words if len(word) >= LONG and w[:HEAD] == word[:HEAD] and distance(w, word) <= 2}
        for reach in (near, far):
            apart: dict[Phrase, str] = {}
            for other in sorted(reach, key=lambda w: (-self.titles[w], w)):
                apart.setdefault(Phrase(tuple(tokens(other))), other)
            tried = [w for w in list(apart.values())[:MOST_TRIED] if self.total(w)]
            if tried:
                return max(tried, key=self.total)
        return None


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _accented(text: str) -> str:
    return "".join(c + "\u0301" if c in "aeiounAEIOUN" else c for c in text)


def _questions(corpus: Corpus, chance: random.Random) -> list[str]:
    found: list[str] = []
    while len(found) < QUESTIONS:
        fact = chance.choice(corpus.facts)
        words = fact.title.split() if chance.random() < 0.6 else f"{fact.title} {fact.body}".split()
        at = chance.randrange(len(words))
        one, two = words[at], " ".join(words[at : at + 2]).replace('"', "")
        other = chance.choice(chance.choice(corpus.facts).title.split())
        made = chance.choice([
            one, two, _bare(one), _accented(one), _bare(two).upper(), f'"{two}"', f'"{_accented(two)}"', f"{one[:4]}*",
            f"{other} -{one}", f'{one} -"{two}"', f"{one} OR {other}", f"{two} OR {other} {one[:3]}*", f"-{other}",
        ])  # fmt: skip
        if len(made) <= 200:
            found.append(made)
    return found


def _slips(corpus: Corpus, chance: random.Random) -> list[str]:
    headings = (piece for fact in corpus.facts for piece in corpus._lines(fact)[0])
    words = sorted({word for piece in headings for word in piece.words if plain_word(word)})
    found = []
    for _ in range(SLIPS):
        word = chance.choice(words)
        for _ in range(1 + (len(word) > LONG and chance.random() < 0.3)):
            word = chance.choice(sorted(neighbours(word)))
        found.append(word)
    return found


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus()


def test_real_questions_are_answered_alike(session: Session, corpus: Corpus) -> None:
    corpus.store(session)
    found = 0
    for text in _questions(corpus, random.Random(8)):
        filters = asked(("q", text))
        expected = [fact.id for fact in corpus.listed(filters)]
        assert walk(session, filters) == expected, text
        found += bool(expected)
    assert found > 0.8 * QUESTIONS


def test_real_slips_are_set_right_alike(session: Session, corpus: Corpus) -> None:
    corpus.store(session)
    vocabulary.settle(session)
    put_right = 0
    for slip in _slips(corpus, random.Random(9)):
        filters = asked(("q", slip))
        answer = corrected(session, filters, NOW)
        expected = corpus.right(slip)
        assert (answer.applied.q if answer and answer.applied else None) == expected, slip
        if answer and answer.applied:
            put_right += 1
            page = queries.search(session, filters, NOW, key=KEY, limit=100, instead=answer.applied)
            listed = [fact.id for fact in corpus.listed(answer.applied)]
            assert [card.id for card in page.cards] == listed[:100], slip
            assert queries.total(session, answer.applied, NOW) == len(listed) == corpus.total(answer.applied.q)
    assert put_right > 0.5 * SLIPS


def test_the_words_asked_for_are_of_many_scripts(corpus: Corpus) -> None:
    texts = _questions(corpus, random.Random(8)) + _slips(corpus, random.Random(9))
    assert all(parse(text) for text in _slips(corpus, random.Random(9)))
    scripts = {unicodedata.name(c, "?").split()[0] for text in texts for c in text if c.isalpha()}
    assert len(scripts) >= 3, scripts
    assert any(fold(text) != text.lower() for text in texts)
    assert any(len(list(pieces(fold(text)))) > 1 for text in texts)

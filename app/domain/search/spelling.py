"""A word that no live posting says, and what may have been meant by it.

Asked only where a listing found nothing. It then costs one total for each of the query's words (`MOST_CLAUSES` at the
most), one or two look-ups in the vocabulary for each word that nobody says, and totals of `MOST_TRIED` candidates,
of nine pairs of them where two words are wrong, and of the links that are offered.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import product

from sqlalchemy import ARRAY, ColumnElement, Text, any_, cast, func, select
from sqlalchemy.orm import Session

from app.domain.search import grammar, queries
from app.domain.search.filters import LONGEST_QUERY, Filters
from app.domain.search.grammar import Phrase, Term, Word
from app.domain.search.models import SearchWord
from app.domain.search.text import LONGEST_KNOWN, fold, is_solitary, tokens, written

SHORTEST = 4
"""Letters of a word that is worth asking about: three are too near to too many."""
LONG = 9
"""Letters from which two slips are forgiven, where none stands among the first `HEAD`."""
HEAD = 4
MOST_CLAUSES = 8
MOST_UNKNOWN = 2
MOST_TRIED = 12
"""Candidates whose live postings are counted: those that stand in most titles."""
MOST_LINKS = 3
_MOST_READ = 5_000


@dataclass(frozen=True, slots=True)
class Meant:
    """A listing in other words, and how many postings it holds."""

    filters: Filters
    total: int


@dataclass(frozen=True, slots=True)
class Correction:
    """`unknown` words that no live posting says, as they were typed.

    `applied` is the listing to answer with instead, which `insisted` switches off; without it, `links` are offered.
    """

    unknown: tuple[str, ...]
    applied: Filters | None = None
    insisted: Filters | None = None
    links: tuple[Meant, ...] = ()


def corrected(session: Session, filters: Filters, now: datetime) -> Correction | None:
    """What may have been meant where `filters` find nothing; None where that is not a matter of spelling.

    One word wrong is set right by itself; with two, or with words excluded, the choice is the reader's. It hangs on
    the words and the board alone, so that it stays the same whatever else is filtered.
    """
    words = list(grammar.read(filters.q))
    unknown = _unknown(session, [word for word in words if not word.excluded], now)
    if not unknown:
        return None
    typed = tuple(unknown.values())
    better = _better(session, filters.q, words, unknown, now)
    insisted = _put(filters.q, words, {term: f'"{text}"' for term, text in unknown.items()})
    if not better:
        return None
    if len(unknown) == 1 and not filters.query.excluded and len(insisted) <= LONGEST_QUERY:
        return Correction(typed, replace(filters, q=better[0]), replace(filters, q=insisted))
    offered = [replace(filters, q=q) for q in better]
    links = (Meant(one, queries.total(session, one, now)) for one in offered[: 2 * MOST_LINKS])
    return Correction(typed, links=tuple(link for link in links if link.total)[:MOST_LINKS])


def _unknown(session: Session, words: Sequence[Word], now: datetime) -> dict[Term, str]:
    """The terms that could be slips and find nothing, as they were typed.

    Empty where another part of the query finds nothing either: then no spelling makes it find something.
    """
    clauses: list[list[Word]] = []
    for word in words:
        if word.joined:
            clauses[-1].append(word)
        else:
            clauses.append([word])
    unknown: dict[Term, str] = {}
    if len(clauses) > MOST_CLAUSES:
        return unknown
    for clause in clauses:
        if any(word.term in unknown for word in clause):
            continue
        if queries.total(session, Filters(q=" OR ".join(word.text for word in clause)), now):
            continue
        slips = {word.term: word.bare for word in clause if word.bare and _may_be_a_slip(word)}
        if not slips:
            return {}
        unknown |= slips
    return unknown if len(unknown) <= MOST_UNKNOWN else {}


def _may_be_a_slip(word: Word) -> bool:
    return isinstance(word.term, Phrase) and plain_word(word.text) is not None


def plain_word(text: str) -> str | None:
    """The folded word that `text` is, where it could be a slip: letters of one alphabet, four or more of them."""
    parts = written(fold(text))
    if len(parts) != 1 or not SHORTEST <= len(parts[0]) <= LONGEST_KNOWN or is_solitary(parts[0]):
        return None
    return parts[0] if parts[0][0].isalpha() and set(parts[0]) <= set(_alphabet(_script(parts[0][0]))) else None


def _better(
    session: Session, q: str, words: Sequence[Word], unknown: Mapping[Term, str], now: datetime
) -> list[str]:
    """`q` with the unknown words replaced, those first that most live postings say; of equals, that most titles say."""
    def living(texts: Iterable[str]) -> list[str]:
        found = ((text, queries.total(session, Filters(q=text), now)) for text in texts if len(text) <= LONGEST_QUERY)
        return [text for text, total in sorted(found, key=lambda pair: -pair[1]) if total]

    for reach in (_a_slip_away, _two_slips_away):
        tried = [reach(session, str(plain_word(text)))[: MOST_TRIED // len(unknown)] for text in unknown.values()]
        if len(tried) > 1:
            tried = [living(candidates)[:3] for candidates in tried]
        if better := living(_put(q, words, dict(zip(unknown, chosen, strict=True))) for chosen in product(*tried)):
            return better
    return []


def _put(q: str, words: Sequence[Word], instead: Mapping[Term, str]) -> str:
    """`q` with bare words of these terms replaced."""
    for word in reversed(words):
        if word.term in instead and word.bare is not None and not word.excluded:
            q = q[: word.start] + instead[word.term] + q[word.end :]
    return q


def _a_slip_away(session: Session, word: str) -> list[str]:
    near: ColumnElement[bool] = SearchWord.word.in_(neighbours(word))
    if session.get_bind().dialect.name == "postgresql":  # which reads one list faster than a thousand parameters
        near = SearchWord.word == any_(cast(list(neighbours(word)), ARRAY(Text)))
    known = select(SearchWord.word).where(near)
    return _apart(word, session.scalars(known.order_by(SearchWord.titles.desc(), SearchWord.word)))


def _two_slips_away(session: Session, word: str) -> list[str]:
    if len(word) < LONG:
        return []
    head = word[:HEAD]
    known = (
        select(SearchWord.word, SearchWord.titles)
        .where(SearchWord.word >= head, SearchWord.word < head + "\U0010ffff")
        .where(func.length(SearchWord.word).between(len(word) - 2, len(word) + 2))
        .order_by(SearchWord.word)
        .limit(_MOST_READ)
    )
    near = [(-titles, other) for other, titles in session.execute(known) if distance(word, other) <= 2]
    return _apart(word, (other for _, other in sorted(near)))


def _apart(word: str, others: Iterable[str]) -> list[str]:
    """Those of the others that ask something else than `word`, and than each other."""
    asked: dict[Phrase, str] = {}
    for other in others:
        asked.setdefault(Phrase(tuple(tokens(other))), other)
    asked.pop(Phrase(tuple(tokens(word))), None)
    return list(asked.values())


def neighbours(word: str) -> set[str]:
    """Every spelling one slip from `word`: a letter left out, put in, put for another, or two neighbours exchanged."""
    letters = _alphabet(_script(word[0]))
    parts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    left_out = {a + b[1:] for a, b in parts if b}
    exchanged = {a + b[1] + b[0] + b[2:] for a, b in parts if len(b) > 1}
    replaced = {a + letter + b[1:] for a, b in parts if b for letter in letters}
    put_in = {a + letter + b for a, b in parts for letter in letters}
    return (left_out | exchanged | replaced | put_in) - {word}


def distance(one: str, other: str) -> int:
    """How many slips lie between two words (optimal string alignment: no stretch is edited twice)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        before, last, row = row, before, [at]
        for to, wanted in enumerate(other, 1):
            steps = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != wanted))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == wanted:
                steps = min(steps, last[to - 2] + 1)
            row.append(steps)
    return row[-1]


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


@cache
def _alphabet(script: str) -> str:
    """The letters of a script that folding leaves as they are, and its signs for vowels."""
    if script == "LATIN":
        return "abcdefghijklmnopqrstuvwxyz"
    return "".join(_letters(script)) if script else ""


def _letters(script: str) -> Iterator[str]:
    for code in (*range(0x370, 0x750), *range(0x900, 0x2000)):  # between them: Arabic letters of very few languages
        sign = chr(code)
        if _script(sign) == script and written(fold(sign) + "x") == [sign + "x"]:
            yield sign

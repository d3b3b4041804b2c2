"""Where a text says what was asked for, by the same rules by which it was found.

Folding does not keep lengths (`Straße`, `ﬁ`, `e` with its accent apart), so each word is folded in the smallest parts
that fold alike alone and together, and what is found is said in characters of the text as it is written.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from app.domain.search.grammar import Phrase, Prefix, Query, Term
from app.domain.search.text import Unit, fold, units

LONGEST_SNIPPET = 160
_ROOM = 120
"""Characters of a snippet within which matches are gathered."""
_LEAD = 40
"""Characters before the first of them, at the most."""
_WORD = re.compile(r"\S+")
_SIGNS = "\u00a0–—‘’“”„•·…«»©®°€£"
"""Beside ASCII, what stands in any English text and folds to nothing that is looked for."""
_SPELLED = ("plusplus", "sharp", "dot")
"""What tokens say of signs: such a token does not begin as its word does."""
_KEPT, _MOST_KEPT = 64, 20_000
"""Characters of a word that is remembered, and how many are for one query."""


class Hit(NamedTuple):
    """A stretch of a text, and which clause of the query it meets."""

    start: int
    end: int
    clause: int


class Highlighter:
    """Finds what one query asks in any number of texts. What the query excludes is not looked for."""

    def __init__(self, query: Query) -> None:
        self._terms = [(number, term) for number, clause in enumerate(query.clauses) for term in clause]
        self._known: dict[str, bool] = {}
        self._sieve = _sieve(term for _, term in self._terms)
        self.clauses = frozenset(range(len(query.clauses)))

    def hits(self, text: str) -> list[Hit]:
        """Every match, in order."""
        found = {
            hit
            for word in self._words(text)
            if self._may_begin(word.group())
            for hit in self._beginning(text, word)
        }
        return sorted(found)

    def ranges(self, text: str) -> list[tuple[int, int]]:
        """Where `text` matches: stretches in order that neither meet nor overlap."""
        found: list[tuple[int, int]] = []
        for start, end, _ in self.hits(text):
            if found and start <= found[-1][1]:
                found[-1] = found[-1][0], max(end, found[-1][1])
            else:
                found.append((start, end))
        return found

    def snippet(self, text: str, shown: Collection[int] = ()) -> str:
        """The stretch of `text` that meets most clauses which are not `shown` elsewhere; empty where none does.

        On one line, cut at words, with an ellipsis where something was cut off; `LONGEST_SNIPPET` at the most.
        """
        hits, wanted = self.hits(text), self.clauses - set(shown)
        best, most = (0, 0), 0
        for at, first in enumerate(hits):
            inside = _within(hits[at:], first.start + _ROOM)
            met = len({hit.clause for hit in inside} & wanted)
            if first.clause in wanted and met > most:
                best, most = (first.start, max(hit.end for hit in inside)), met
            if most == len(wanted):
                break
        return _cut(text, *best) if most else ""

    def _words(self, text: str) -> Iterator[re.Match[str]]:
        """The words of `text` that are worth reading: a description has a thousand, and few of them are."""
        last = 0
        for found in self._sieve.finditer(text):
            start = found.start()
            if start < last:
                continue
            while start > last and not text[start - 1].isspace():
                start -= 1
            word = _WORD.match(text, start)
            if word:
                last = word.end()
                yield word

    def _may_begin(self, word: str) -> bool:
        known = self._known.get(word)
        if known is None:
            known = any(_begins(term, unit) for unit, *_ in _placed(word) for _, term in self._terms)
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            if len(word) <= _KEPT:
                self._known[word] = known
        return known

    def _beginning(self, text: str, word: re.Match[str]) -> Iterator[Hit]:
        placed = _placed(word.group())
        for at, (unit, start, end, whole) in enumerate(placed):
            for clause, term in self._terms:
                if isinstance(term, Phrase) and len(term.tokens) > 1 and unit.token == term.tokens[0]:
                    last = _end_of(term, text, word, placed[at:])
                    if last:
                        yield Hit(word.start() + start, last, clause)
                if _is(term, unit.token) or _is(term, unit.word):
                    yield Hit(word.start() + start, word.start() + end, clause)
                elif any(_is(term, other) for other in unit.others):
                    yield Hit(word.start() + whole[0], word.start() + whole[1], clause)


def _sieve(terms: Iterable[Term]) -> re.Pattern[str]:
    """Where a word may stand that meets one of the terms: a beginning like theirs, or a letter that is not ASCII.

    Stemming changes the end of a word, never more than two letters of what is left, and no letter of the first three
    of a long one. In a compound any two letters may be parted.
    """
    spellings = {
        spelling
        for term in terms
        for spelling in ((term.start,) if isinstance(term, Prefix) else (term.tokens[0], term.joined or ""))
        if spelling
    }
    if any(sign in spelling for spelling in spellings for sign in _SPELLED):
        return _WORD
    heads = {spelling[: 3 if len(spelling) > 4 else max(1, len(spelling) - 2)] for spelling in spellings}
    begun = "|".join("['’ʼ‐‑-]?".join(map(re.escape, head)) for head in sorted(heads))
    return re.compile(rf"(?<![a-z0-9])(?:{begun or '(?!)'})|[^\x00-\x7f{_SIGNS}]", re.IGNORECASE)


def _within(hits: list[Hit], until: int) -> list[Hit]:
    """The first of the hits, and those that follow and end in time."""
    return [hits[0], *takewhile(lambda hit: hit.end <= until, hits[1:])]


Placed = tuple[Unit, int, int, tuple[int, int]]
"""A token, and in characters of the word as it is written: where it begins and ends, and where its piece does."""


def _is(term: Term, spelling: str) -> bool:
    """Whether one spelling alone meets the term."""
    if isinstance(term, Prefix):
        return spelling.startswith(term.start)
    return spelling == term.joined or (len(term.tokens) == 1 and spelling == term.tokens[0])


def _begins(term: Term, unit: Unit) -> bool:
    if isinstance(term, Phrase) and unit.token == term.tokens[0]:
        return True
    return any(_is(term, spelling) for spelling in (unit.token, unit.word, *unit.others))


def _end_of(term: Phrase, text: str, word: re.Match[str], rest: tuple[Placed, ...]) -> int:
    """Where a phrase ends that begins with `rest` of a word; 0 where it does not stand there."""
    at = 0
    while True:
        for unit, _, end, _ in rest:
            if unit.token != term.tokens[at]:
                return 0
            at += 1
            if at == len(term.tokens):
                return word.start() + end
        following = _WORD.search(text, word.end())
        if following is None:
            return 0
        word, rest = following, _placed(following.group())


def _placed(word: str) -> tuple[Placed, ...]:
    return _remembered(word) if len(word) <= _KEPT else _read(word)


def _read(word: str) -> tuple[Placed, ...]:
    folded, starts, ends = _folded(word)
    return tuple(
        (unit, starts[unit.start], ends[unit.end - 1], (starts[unit.whole[0]], ends[unit.whole[1] - 1]))
        for unit in units(folded)
    )


_remembered = lru_cache(maxsize=1 << 15)(_read)


def _folded(word: str) -> tuple[str, list[int], list[int]]:
    """A word folded, and for each of its characters then the beginning and the end of what it comes from."""
    if word.isascii():
        places = range(len(word) + 1)
        return word.lower(), list(places[:-1]), list(places[1:])
    parts = [(start, end, fold(word[start:end])) for start, end in _clusters(word)]
    whole = fold(word)
    if "".join(part for *_, part in parts) != whole:
        parts = [(0, len(word), whole)]
    starts = [start for start, _, part in parts for _ in part]
    return whole, starts, [end for _, end, part in parts for _ in part]


def _clusters(word: str) -> list[tuple[int, int]]:
    """Where each letter of a word begins and ends, with the signs that belong to it."""
    kinds = "".join("m" if unicodedata.category(sign) in {"Mn", "Mc", "Me", "Cf"} else "x" for sign in word)
    return [match.span() for match in re.finditer("xm*|m+", kinds)]


def _cut(text: str, start: int, end: int) -> str:
    room = LONGEST_SNIPPET - 2  # the ellipses
    end = min(end, start + room)
    left = max(0, min(start - min(_LEAD, (room - (end - start)) // 2), len(text) - room))
    right = min(len(text), left + room)
    if left and not text[left - 1].isspace():
        gap = re.search(r"\s", text[left:start])
        left += gap.end() if gap else 0
    if right < len(text) and not text[right].isspace():
        gap = re.search(r"\s\S*\Z", text[end:right])
        right = end + gap.start() if gap else right
    said = " ".join(text[left:right].split())
    if text[right:].strip():
        said = said.rstrip(" .,;:–—-") + "…"
    return f"…{said}" if text[:left].strip() else said

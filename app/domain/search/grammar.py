"""What a person typed, as a query: words, `"phrases"`, `-not`, `OR`, `prefix*`. Nothing typed is an error."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.search.text import STOP, fold, is_solitary, pieces

MOST_TERMS = 12
"""Words and phrases looked for; what follows them is not. Each may stand in half of all postings."""
MOST_PHRASES = 4
"""Phrases of several words among them: PostgreSQL reads every posting that has the words of one."""
MOST_PREFIXES, SHORTEST_PREFIX = 3, 3
"""More of them, and shorter ones, are words: a prefix is as dear as all words that begin so."""
MOST_TOKENS = 32
"""Tokens of one phrase; what follows is not looked at."""
LONGEST_QUERY = 2000
"""Characters read of a query."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that stand side by side, or the one word they make when written together (`front-end`)."""

    tokens: tuple[str, ...]
    joined: str | None = None


@dataclass(frozen=True, slots=True)
class Prefix:
    """Any word beginning so."""

    start: str


Term = Phrase | Prefix


@dataclass(frozen=True, slots=True)
class Query:
    """All of `clauses` (any term of each) and none of `excluded`. False when it asks nothing."""

    clauses: tuple[tuple[Term, ...], ...] = ()
    excluded: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.clauses or self.excluded)


@dataclass(frozen=True, slots=True)
class Word:
    """A term as it was typed: from where to where, bare or quoted, to be excluded, or joined to the term before it."""

    term: Term
    start: int
    end: int
    bare: str | None
    quoted: str | None
    excluded: bool
    joined: bool

    @property
    def text(self) -> str:
        """What asks for this term alone."""
        return self.bare if self.bare is not None else f'"{self.quoted}"'


_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"') | dict.fromkeys("−–—‐", "-"))
_WORD = re.compile(r'(?P<minus>(?<!\S)-+)?(?:"(?P<quoted>[^"]*)"?|(?P<bare>[^\s"]+))')


def _phrase(text: str) -> Phrase | None:
    found = list(pieces(fold(text)))
    tokens = tuple(token for piece in found for token in piece.tokens)[:MOST_TOKENS]
    if not tokens:
        return None
    return Phrase(tokens, found[0].joined if len(found) == 1 else None)


def _bare(word: str) -> Term | None:
    phrase = _phrase(word)
    if phrase is None:
        return None
    start = fold(word.rstrip("*"))
    if word.endswith("*") and len(start) >= SHORTEST_PREFIX and start.isalnum() and not is_solitary(start):
        return Prefix(start[:64])
    return None if len(phrase.tokens) == 1 and fold(word) in STOP else phrase


def read(text: str) -> Iterator[Word]:
    """What `text` asks, one after the other. Bare stop words, empty quotes and lone signs ask nothing."""
    joining = clauses = False
    terms = phrases = prefixes = 0
    for match in _WORD.finditer(text[:LONGEST_QUERY].translate(_QUOTES)):
        bare, quoted = match["bare"], match["quoted"]
        if bare in {"OR", "|"} and not match["minus"]:
            joining = clauses
            continue
        term = _bare(bare) if bare is not None else _phrase(quoted)
        if term is None:
            continue
        terms += 1
        phrases += isinstance(term, Phrase) and len(term.tokens) > 1
        if terms > MOST_TERMS or phrases > MOST_PHRASES:
            return
        prefixes += isinstance(term, Prefix)
        if isinstance(term, Prefix) and prefixes > MOST_PREFIXES:
            term = _phrase(bare) or term
        excluded = bool(match["minus"])
        yield Word(term, match.start(), match.end(), bare, quoted, excluded, joining and not excluded)
        joining, clauses = False, clauses or not excluded


def parse(text: str) -> Query:
    """The query a text means. Never raises."""
    clauses: list[tuple[Term, ...]] = []
    excluded: list[Term] = []
    for word in read(text):
        if word.excluded:
            excluded.append(word.term)
        elif word.joined:
            clauses[-1] = tuple(dict.fromkeys((*clauses[-1], word.term)))
        else:
            clauses.append((word.term,))
    return Query(tuple(dict.fromkeys(clauses)), tuple(dict.fromkeys(excluded)))

"""What the engine would take too long for, because too many postings have it: phrases, and beginnings of words."""

from collections.abc import Iterable

from pyroaring import BitMap
from sqlalchemy.orm import Session

from app.domain.search.grammar import Phrase, Prefix, Query, Term
from app.domain.search.index.board import Board
from app.domain.search.index.reading import on_sqlite
from app.domain.search.index.sets import Says

MOST_READ = {"sqlite": (20_000, 5), "postgresql": (15_000, 40)}
"""Postings that may have all words of a phrase, those of several phrases taken together: so many, and one of so many on
the board. SQLite reads the places of these words (1 µs a posting), PostgreSQL each posting (6 µs)."""
MOST_BEGUN = (50_000, 2)
"""The same for the times that a posting has one of the words known so far that begin as a prefix does (0.4 µs)."""
_FEW = 5_000
"""Postings that share the words looked at so far: it is not worth asking for the others."""


def dear(query: Query) -> list[Term]:
    """What may be dear of a question: single words are not."""
    terms = {term for clause in (*query.clauses, query.excluded) for term in clause}
    return [term for term in terms if isinstance(term, Prefix) or len(term.tokens) > 1]


def too_broad(board: Board, session: Session, terms: Iterable[Term]) -> bool:
    """Whether these would take too long on this board. What was found before costs nothing."""
    unknown = [term for term in terms if not board.sets.has(Says(term))]
    read = sum(_read(board, session, term) for term in unknown if isinstance(term, Phrase))
    begun = sum(_begun(board, term) for term in unknown if isinstance(term, Prefix))
    most = MOST_READ["sqlite" if on_sqlite(session) else "postgresql"]
    return read > _allowed(board, *most) or begun > _allowed(board, *MOST_BEGUN)


def _allowed(board: Board, always: int, one_of: int) -> int:
    """A page of a large board takes longer too: ten times that is the measure (bench/RESULTS.md)."""
    return always + board.columns.size // one_of


def _read(board: Board, session: Session, phrase: Phrase) -> int:
    words = [Says(Phrase((token,))) for token in dict.fromkeys(phrase.tokens)]
    words.sort(key=lambda word: not board.sets.has(word))
    shared: BitMap | None = None
    for word in words:
        if shared is None or len(shared) > _FEW:
            having = board.set(session, word)
            shared = having if shared is None else shared & having
    return len(shared or ())


def _begun(board: Board, prefix: Prefix) -> int:
    return sum(len(ordinals) for token, ordinals in board.sets.words() if token.startswith(prefix.start))

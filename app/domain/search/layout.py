"""How a posting's tokens are laid out, and how a query asks for them, on each engine.

One sequence of tokens holds title, company, place, category and body, with a gap between them that no phrase
crosses. After it stand the title's tokens once more with a mark, so that "in the title" is a lookup of its own,
and (marked too) words as they were written and joined spellings, for prefixes and for `front-end` = `frontend`.
SQLite stores the sequence as text under FTS5, PostgreSQL as a tsvector with the same positions. A tsvector holds
255 positions a word, below 16,384: both engines forget the same tokens beyond.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.search.grammar import Prefix, Query, Term
from app.domain.search.text import fold, pieces

GAP = "\ue000"
_TITLE, _EXTRA, _TITLE_EXTRA = "\ue001", "\ue002", "\ue003"
"""Private-use characters, which the analyser never lets through: no text can imitate a mark."""

_TOKENS_A_LINE, _TOKENS_A_BODY = 64, 12_000
_POSITIONS_A_TOKEN = 200


@dataclass(frozen=True, slots=True)
class Document:
    """A posting's tokens: `sequence` in order (GAP where one is missing), `extras` without positions.

    `words` are those of its texts as they were written, folded.
    """

    sequence: list[str]
    extras: list[str]
    words: set[str]

    def as_text(self) -> str:
        """What FTS5 indexes."""
        return " ".join(self.sequence + self.extras)

    def as_tsvector(self) -> str:
        """The same as a tsvector literal."""
        positions: defaultdict[str, list[str]] = defaultdict(list)
        for position, token in enumerate(self.sequence, 1):
            if token != GAP:
                positions[token].append(str(position))
        words = [f"'{token}':{','.join(places)}" for token, places in positions.items()]
        return " ".join(words + [f"'{extra}'" for extra in self.extras])


def _analyse(text: str, most: int, words: set[str]) -> tuple[list[str], set[str]]:
    tokens: list[str] = []
    extras: set[str] = set()
    for piece in pieces(fold(text)):
        if len(tokens) + len(piece.tokens) > most:
            break
        tokens += piece.tokens
        words.update(piece.words)
        extras.update(piece.surfaces)
        if piece.joined:
            extras.add(piece.joined)
    return tokens, extras


def _thinned(sequence: list[str]) -> list[str]:
    seen: defaultdict[str, int] = defaultdict(int)
    for place, token in enumerate(sequence):
        seen[token] += 1
        if seen[token] > _POSITIONS_A_TOKEN:
            sequence[place] = GAP
    return sequence


def document(title: str, lines: Sequence[str], body: str) -> Document:
    """The tokens of a posting; `lines` are short texts found like the body (company, place, category)."""
    words: set[str] = set()
    heading, heading_extras = _analyse(title, _TOKENS_A_LINE, words)
    sequence, extras = list(heading), set(heading_extras)
    for text, most in (*((line, _TOKENS_A_LINE) for line in lines), (body, _TOKENS_A_BODY)):
        tokens, more = _analyse(text, most, words)
        sequence += [GAP, *tokens]
        extras |= more
    sequence += [GAP, *(_TITLE + token for token in heading)]
    marked = [_EXTRA + extra for extra in extras] + [_TITLE_EXTRA + extra for extra in heading_extras]
    return Document(_thinned(sequence), sorted(marked), words)


@dataclass(frozen=True, slots=True)
class Wording:
    """How an engine writes a phrase, a prefix, and how it says or, and, not."""

    opening: str
    side_by_side: str
    closing: str
    prefix: str
    either: str
    both: str
    neither: str

    def _phrase(self, tokens: Sequence[str], mark: str) -> str:
        return self.opening + self.side_by_side.join(mark + token for token in tokens) + self.closing

    def _term(self, term: Term, plain: str, extra: str) -> str:
        if isinstance(term, Prefix):
            found = [self.prefix.format(mark + term.start) for mark in (plain, extra)]
        else:
            found = [self._phrase(term.tokens, plain)]
            together = term.joined or (term.tokens[0] if len(term.tokens) == 1 else None)
            if together:
                found.append(self._phrase((together,), extra))
            if term.joined:
                found.append(self._phrase((term.joined,), plain))
        return self.either.join(found)

    def any_of(self, terms: Sequence[Term], *, title: bool = False) -> str:
        """Any of the terms, anywhere or in the title only."""
        marks = (_TITLE, _TITLE_EXTRA) if title else ("", _EXTRA)
        return "(" + self.either.join(self._term(term, *marks) for term in terms) + ")"

    def all_of(self, query: Query, *, title: bool = False) -> str:
        """Every clause of the query; exclusions are not looked at."""
        return self.both.join(self.any_of(clause, title=title) for clause in query.clauses)

    def matching(self, query: Query) -> str:
        """The whole query; it has at least one clause."""
        if not query.excluded:
            return self.all_of(query)
        return f"({self.all_of(query)}){self.neither}{self.any_of(query.excluded)}"


FTS5 = Wording('"', " ", '"', prefix='"{}" *', either=" OR ", both=" AND ", neither=" NOT ")
TSQUERY = Wording("('", "' <-> '", "')", prefix="'{}':*", either=" | ", both=" & ", neither=" & !")

"""Which stretches of a text a query speaks of."""

from app.domain.search.grammar import Prefix, Query, Term
from app.domain.search.text import Piece, fold, spans


def _folded(text: str) -> tuple[str, list[int]]:
    """`text` folded character by character, and for each folded character where it came from."""
    folded = ""
    origins: list[int] = []
    for place, character in enumerate(text):
        plain = fold(character)
        folded += plain
        origins += [place] * len(plain)
    return folded, [*origins, len(text)]


def _reach(term: Term, found: list[Piece], start: int) -> int:
    """How many pieces from `start` on a term covers; 0 when it does not stand there."""
    piece = found[start]
    if isinstance(term, Prefix):
        words = (*piece.tokens, *piece.surfaces, piece.joined or "")
        return int(any(word.startswith(term.start) for word in words))
    if len(term.tokens) == 1 and term.tokens[0] in (*piece.tokens, *piece.surfaces, piece.joined):
        return 1
    if term.joined and term.joined in (*piece.tokens, piece.joined):
        return 1
    tokens: tuple[str, ...] = ()
    for count, following in enumerate(found[start : start + len(term.tokens)], 1):
        tokens += following.tokens
        if tokens == term.tokens:
            return count
    return 0


def highlight(text: str, query: Query) -> list[tuple[str, bool]]:
    """`text` in stretches, each with whether the query's words stand in it. Joined again they are `text`."""
    folded, origins = _folded(text)
    found = list(spans(folded))
    pieces = [piece for _, _, piece in found]
    terms = [term for clause in query.clauses for term in clause]
    stretches: list[tuple[str, bool]] = []
    done = place = 0
    while place < len(found):
        reach = max((_reach(term, pieces, place) for term in terms), default=0)
        if reach:
            begin, end = origins[found[place][0]], origins[found[place + reach - 1][1] - 1] + 1
            while end < len(text) and not fold(text[end]):
                end += 1  # an accent written as a character of its own
            stretches += [(text[done:begin], False), (text[begin:end], True)]
            done = end
        place += reach or 1
    stretches.append((text[done:], False))
    return [stretch for stretch in stretches if stretch[0]]

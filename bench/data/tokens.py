"""The tokens of made postings, fast: what a sentence says is read once, however many texts hold it."""

from collections.abc import Sequence

from app.domain.search.layout import GAP, Document, document

_MOST = 180
"""Tokens of one kind in a row up to which the layout surely keeps every place; above, it is asked."""
_Read = tuple[list[str], frozenset[str], frozenset[str]]


class Analyser:
    """Answers as `document()` does for a body of sentences that are joined by line ends."""

    def __init__(self) -> None:
        self._known: dict[str, _Read] = {}

    def document(self, title: str, lines: Sequence[str], sentences: Sequence[str]) -> Document:
        head = document(title, lines, "")
        read = [self._read(sentence) for sentence in sentences]
        body = [token for tokens, _, _ in read for token in tokens]
        if len(body) - len(set(body)) >= _MOST:
            return document(title, lines, "\n".join(sentences))
        marks = head.sequence.index(GAP) + 1  # the title once more, behind its gap, ends the sequence
        sequence = [*head.sequence[:-marks], *body, *head.sequence[-marks:]]
        extras = {*head.extras}.union(*(found for _, found, _ in read))
        return Document(sequence, sorted(extras), {*head.words}.union(*(words for _, _, words in read)))

    def _read(self, sentence: str) -> _Read:
        if sentence not in self._known:
            alone = document("", (), sentence)
            self._known[sentence] = (alone.sequence[1:-1], frozenset(alone.extras), frozenset(alone.words))
        return self._known[sentence]

"""What spelling and suggestions draw from, gathered while a corpus is written."""

from app.core.db import transaction
from app.domain.search import vocabulary
from app.domain.search.layout import Document

_AT_A_TIME = 100_000


class Known:
    """The words and titles of a corpus."""

    def __init__(self) -> None:
        self._words: set[str] = set()
        self._titles: list[tuple[int, str]] = []

    def learn(self, posting_id: int, title: str, tokens: Document) -> None:
        self._titles.append((posting_id, title))
        self._words.update(tokens.words)

    def write(self) -> None:
        """Write them down as the product does, in a transaction of its own."""
        with transaction() as session:
            vocabulary.note(session, *self._titles[0], self._words)
            for place, (id_, title) in enumerate(self._titles[1:], 1):
                vocabulary.note(session, id_, title, ())
                if place % _AT_A_TIME == 0:
                    vocabulary.settle(session)

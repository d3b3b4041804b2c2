"""Answers out of the index, never stale: it follows the log first, and leaves to plain SQL what it cannot know."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import cast
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core.db import is_writing
from app.domain.search import changes
from app.domain.search.answers import Card, Facets, Position
from app.domain.search.changes import Stand
from app.domain.search.facets import Sheet, draw
from app.domain.search.filters import Filters
from app.domain.search.grammar import Query
from app.domain.search.index.asking import Asked
from app.domain.search.index.board import Board, Remembered, build
from app.domain.search.index.common import common
from app.domain.search.index.counting import IndexCounts
from app.domain.search.index.dear import dear, too_broad
from app.domain.search.index.ordering import top
from app.domain.search.index.reading import take_time
from app.domain.search.index.saving import load, save
from app.domain.search.plain.backend import PlainBackend, placed

_MOST_FOLLOWED = 20_000
"""Changes up to which following them is faster than building anew."""
_MOST_SAVED = 1_000
"""Changes a saved board may be behind before it is saved again."""
_log = logging.getLogger(__name__)


class _Shelf:
    """The board of one database in this process, and who may touch it."""

    def __init__(self) -> None:
        self.board: Board | None = None
        self.asked: dict[tuple[Filters, datetime], Asked] | None = None
        """What the listing that holds the board asks of it; a page and its counts ask the same."""
        self.using = threading.RLock()
        self.building = threading.Lock()


class IndexBackend:
    """One board for each database this process reads."""

    def __init__(self, plain: PlainBackend) -> None:
        self._plain = plain
        self._shelves: WeakKeyDictionary[Engine, _Shelf] = WeakKeyDictionary()

    @contextmanager
    def steady(self, session: Session) -> Iterator[None]:
        """Nobody leads the board on meanwhile, and a session that is behind it sees what it has followed."""
        shelf = self._shelf(session)
        with shelf.using:
            board = shelf.board
            if board is not None and board.stand.version > changes.stand(session).version and not is_writing():
                session.rollback()
            shelf.asked = {}
            try:
                yield
            finally:
                shelf.asked = None

    def page(
        self, session: Session, filters: Filters, now: datetime, limit: int, after: Position | None
    ) -> list[tuple[Card, Position]]:
        with self._board(session, now) as board:
            if board is None:
                return self._plain.page(session, filters, now, limit, after)
            found = top(self._asked(board, session, filters, now), limit, after)
            cards = board.cards(session, [id_ for id_, _ in found])
        return [placed(filters, card, tier) for card, (_, tier) in zip(cards, found, strict=True)]

    def total(self, session: Session, filters: Filters, now: datetime) -> int:
        with self._board(session, now) as board:
            if board is None:
                return self._plain.total(session, filters, now)
            return len(self._asked(board, session, filters, now).hits)

    def facets(self, session: Session, filters: Filters, now: datetime, currency: str, expanded: str | None) -> Facets:
        with self._board(session, now) as board:
            if board is None:
                return self._plain.facets(session, filters, now, currency, expanded)
            sheet = Sheet(filters, filters.currency or currency, expanded)
            found = board.memo.get(sheet)
            if found is None or not found.since <= now < found.until:
                asked = self._asked(board, session, filters, now)
                drawn = draw(sheet, IndexCounts(asked, sheet))
                found = board.remember(sheet, Remembered(drawn, now, asked.steady_until(sheet.ages)))
            return found.facets

    def warm(self, session: Session, now: datetime, file: Path, currency: str) -> None:
        """Have the board at hand before anybody asks: from `file` and what changed since, else from the database.

        What every listing's facets need is made as well, and for a board that was read, the words that most postings
        say: a file has those it knew. A file that was far behind, or none, is written anew.
        """
        shelf, stand, saved = self._shelf(session), changes.stand(session), -_MOST_SAVED
        board = load(file)
        if board is not None and changes.since(session, board.stand, _MOST_FOLLOWED) is not None:
            board.map.learn(session)
            shelf.board, saved = board, board.stand.version
        self.facets(session, Filters(), now, currency, None)
        if shelf.board is not board:
            self.learn(session, now)
        if stand.version - saved >= _MOST_SAVED:
            self.save(session, file, now)

    def save(self, session: Session, file: Path, now: datetime) -> None:
        """Write the board down, where there is one."""
        shelf = self._shelf(session)
        with shelf.using:
            if shelf.board is not None:
                save(shelf.board, file, now)

    def too_broad(self, session: Session, query: Query, now: datetime) -> bool:
        terms = dear(query)
        if not terms:
            return False
        with self._board(session, now) as board:
            return board is not None and too_broad(board, session, terms)

    def forget(self) -> None:
        """Build anew when next asked."""
        self._shelves.clear()

    @contextmanager
    def _board(self, session: Session, now: datetime) -> Iterator[Board | None]:
        """The board as it stands in the session's transaction, for this thread alone; None where it cannot be had.

        That is so beside changes that are not committed, for a transaction older than what the board has followed,
        and while another thread reads it from the database.
        """
        if is_writing():
            yield None
            return
        shelf, stand = self._shelf(session), changes.stand(session)
        with shelf.using:
            if shelf.board is not None and shelf.board.stand.version <= stand.version != 0:
                self._follow(session, shelf, shelf.board, stand, now)
            board = shelf.board
            if board is not None:
                yield board if board.stand == stand and now >= board.read_at else None
                return
        built = self._built(session, shelf, stand, now)
        with shelf.using:
            yield built if built is not None and built.stand == stand else None  # others may have led it on by now

    def learn(self, session: Session, now: datetime) -> None:
        """Ask the engine for the common words; the commonest last, to be let go last."""
        with self._board(session, now) as board:
            if board is None:
                return
            take_time(session)
            words = common(session, board.columns)
            for number, word in enumerate(reversed(words), 1):
                board.set(session, word)
                if number % 50 == 0 or number == len(words):
                    _log.info("search: %d of %d common words are known", number, len(words))

    def _follow(self, session: Session, shelf: _Shelf, board: Board, stand: Stand, now: datetime) -> None:
        """Bring the board to the stand, or let it go where the log does not lead there."""
        if board.stand == stand:
            return
        shelf.board = None  # half followed it would be wrong
        tail = changes.since(session, board.stand, _MOST_FOLLOWED)
        if tail is not None:
            board.follow(session, tail, now)
            shelf.board = board

    def _built(self, session: Session, shelf: _Shelf, stand: Stand, now: datetime) -> Board | None:
        if not shelf.building.acquire(blocking=False):
            return None
        try:
            board = build(session, stand, now)
        finally:
            shelf.building.release()
        with shelf.using:
            if shelf.board is None or shelf.board.stand.version < stand.version:
                shelf.board = board
        return board

    def _shelf(self, session: Session) -> _Shelf:
        return self._shelves.setdefault(cast(Engine, session.get_bind()), _Shelf())

    def _asked(self, board: Board, session: Session, filters: Filters, now: datetime) -> Asked:
        known, key = self._shelf(session).asked, (filters, now)
        if known is None:
            return Asked(board, session, filters, now)
        if key not in known:
            known[key] = Asked(board, session, filters, now)
        return known[key]

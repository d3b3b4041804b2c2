"""The one place where the bench asks the product for what no page tells: its index, its memo, its statements."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any
from unittest import mock

from flask import Flask
from sqlalchemy import event

from app.core import clock
from app.core.db import db, let_go, reading
from app.domain.search import queries
from app.domain.search.filters import Filters
from app.domain.search.index.board import Board
from app.domain.search.plain.backend import PlainBackend
from bench import where
from bench.weight import weight


@contextmanager
def memo(on: bool) -> Iterator[None]:
    """With what the product remembers of whole answers, or without."""
    with ExitStack() as stack:
        if not on:
            stack.enter_context(mock.patch.object(Board, "remember", lambda board, sheet, found: found))
            for shelf in queries.index._shelves.values():
                if shelf.board is not None:
                    shelf.board.memo.clear()
        yield


_LASTING = ExitStack()


def for_good(change: AbstractContextManager[object]) -> None:
    """Make a change that holds as long as this process does: entered and let go of, it would end at once."""
    _LASTING.enter_context(change)


def plainly() -> None:
    """From now on this process finds by plain SQL."""
    queries.backend = PlainBackend()


def built(app: Flask) -> dict[str, float]:
    """Make the index anew: seconds it takes, and bytes it holds afterwards."""
    with app.app_context():
        queries.index.forget()
        began = time.perf_counter()
        queries.index.total(reading(), Filters(), clock.now())
        seconds = time.perf_counter() - began
        queries.index.facets(reading(), Filters(), clock.now(), "USD", None)
        held = weight([shelf.board for shelf in queries.index._shelves.values()], "app.domain.search.index")
        let_go()
    return {"seconds": seconds, "bytes": held}


def standing(engine: str, size: str) -> Flask:
    """The product whose clock stands at the bench's instant: nothing begins or ends while it is read."""
    from bench.data import store

    for_good(clock.stopped(where.NOW))
    return store.board(where.database(engine, size))


def listed(app: Flask) -> int:
    """How many postings are live, as the search index counts them."""
    with app.app_context():
        found = queries.index.total(reading(), Filters(), clock.now())
        let_go()
    return found


def learned(app: Flask) -> float:
    """Ask for the common words, as a start does that finds no file: seconds it takes."""
    with app.app_context():
        began = time.perf_counter()
        queries.index.learn(reading(), clock.now())
        let_go()
        return time.perf_counter() - began


def weighed() -> int:
    """Bytes the index holds by now, with the words it has learned."""
    return weight([shelf.board for shelf in queries.index._shelves.values()], "app.domain.search.index")


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """What is asked of the database meanwhile, without the beginnings and ends of transactions."""
    asked: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN", "COMMIT", "ROLLBACK")):
            asked.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)

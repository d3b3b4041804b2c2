"""The database goes away in the middle of a request: 503 and a page for everybody, and all is well afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from app.core.db import db
from tests.factories import Board


@contextmanager
def lost(app: Flask, after: int) -> Iterator[None]:
    """Every connection is cut at its statement number `after` of this block, and at each one behind it."""
    seen = 0

    def cut(connection: Connection, cursor: Any, statement: str, *more: Any) -> None:
        nonlocal seen
        seen += 1
        if seen > after:
            connection.invalidate()
            raise OperationalError(statement, None, Exception("server closed the connection unexpectedly"))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", cut)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", cut)


def test_an_answer_that_is_ready_is_not_lost_with_the_database(app: Flask, client: FlaskClient) -> None:
    def refuse(connection: Connection) -> None:
        event.remove(engine, "rollback", refuse)
        connection.invalidate()
        raise OperationalError("ROLLBACK", None, Exception("server closed the connection unexpectedly"))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "rollback", refuse)
    assert client.get("/jobs").status_code == 200
    assert not event.contains(engine, "rollback", refuse)
    assert client.get("/jobs").status_code == 200


@pytest.mark.parametrize("after", range(12))
def test_a_lost_database_is_a_sentence_and_not_a_break(
    app: Flask, board: Board, client: FlaskClient, after: int
) -> None:
    posting = board.posting()
    board.user("ada@example.org")
    signed_in = board.sign_in("ada@example.org")
    for browser in (client, signed_in):
        for path in ("/jobs", posting.path, "/me"):
            with lost(app, after):
                answer = browser.get(path)
            assert answer.status_code in (200, 302, 303, 503), (path, after)
            if after < 2 and browser is signed_in:
                assert answer.status_code == 503
                assert answer.headers["Retry-After"]
                assert "cannot reach its database" in answer.get_data(as_text=True)
    assert client.get("/jobs").status_code == signed_in.get("/me/applications").status_code == 200

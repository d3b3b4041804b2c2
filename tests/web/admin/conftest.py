"""What the admin's tests share."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import event

from app.core.db import db


@pytest.fixture
def queries(app: Flask) -> Callable[[Callable[[], object]], int]:
    """Counts the statements that a piece of work sends to the database."""

    def count(work: Callable[[], object]) -> int:
        sent: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
                sent.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            work()
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(sent)

    return count

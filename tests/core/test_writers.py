"""SQLite lets one write at a time: whoever waits is let in or told in time, and nothing is left open behind it."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, Integer, column, create_engine, select, table, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.core import db

VISITS = table("visits", column("who", Integer))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{tmp_path / 'a.db'}", connect_args={"isolation_level": None})
    with db.writing(), made.begin() as connection:
        connection.execute(text("CREATE TABLE visits (who INTEGER)"))
        connection.execute(text("INSERT INTO visits VALUES (0)"))
    yield made
    made.dispose()


def test_a_crowd_of_writers_is_let_in_whole(engine: Engine) -> None:
    def write(who: int) -> None:
        for _ in range(20):
            with db.writing(), engine.begin() as connection:
                connection.execute(text("INSERT INTO visits VALUES (:who)"), {"who": who})

    crowd = [threading.Thread(target=write, args=(who,)) for who in range(1, 9)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM visits")) == 161


def test_whoever_waits_too_long_is_told_and_reads_on(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "LONGEST_WAIT", 0.05)
    with engine.connect() as other:
        with db.writing(), engine.begin(), pytest.raises(OperationalError, match="locked"):
            other.execute(text("INSERT INTO visits VALUES (1)"))
        monkeypatch.undo()
    with engine.connect() as other:
        assert other.scalar(text("SELECT count(*) FROM visits")) == 1
        other.rollback()
        with db.writing(), other.begin():
            other.execute(text("INSERT INTO visits VALUES (1)"))
            assert other.scalar(text("PRAGMA busy_timeout")) == db.LONGEST_WAIT * 1000


def test_nobody_asks_while_another_of_this_process_does(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """One asks for all: a hundred threads that all asked would keep the machine from the one that writes."""
    monkeypatch.setattr(db, "LONGEST_WAIT", 0.1)
    asked: list[str] = []
    with engine.connect() as other, db.writing(), engine.begin(), db._turn:
        other.connection.dbapi_connection.set_trace_callback(asked.append)  # type: ignore[union-attr]
        with pytest.raises(OperationalError, match="locked"):
            other.execute(text("INSERT INTO visits VALUES (1)"))
    assert asked.count("BEGIN IMMEDIATE") == 1  # the last, to be told what is wrong


def test_what_no_waiting_mends_is_not_waited_for(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*asked: object) -> None:
        raise AssertionError("it slept")

    monkeypatch.setattr(db.time, "sleep", fail)
    with engine.connect() as connection, db.writing():
        connection.exec_driver_sql("SELECT 1")
        with pytest.raises(OperationalError, match="within a transaction"):
            db._become_the_writer(connection)


def test_a_lock_leaves_no_answer_unread(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unread one keeps its connection at that moment, also for the request that takes it next."""
    with db.writing(), Session(engine) as session:
        execute, kept = session.execute, []
        monkeypatch.setattr(session, "execute", lambda query: kept.append(execute(query)) or kept[-1])
        db.lock_rows(session, select(VISITS.c.who))
        driver = session.connection().connection.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.execute("COMMIT")
        with engine.begin() as other:
            other.execute(text("INSERT INTO visits VALUES (1)"))
        assert driver.execute("SELECT count(*) FROM visits").fetchall() == [(2,)]
        driver.execute("BEGIN IMMEDIATE")

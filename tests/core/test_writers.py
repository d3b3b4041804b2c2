"""SQLite lets one write at a time: whoever waits is let in, or told in time; what it waited with is put back."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from app.core import db


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{tmp_path / 'a.db'}", connect_args={"isolation_level": None})
    with db.writing(), made.begin() as connection:
        connection.execute(text("CREATE TABLE visits (who INTEGER)"))
    yield made
    made.dispose()


def test_a_crowd_of_writers_is_let_in_whole(engine: Engine) -> None:
    def write(who: int) -> None:
        for _ in range(20):
            with db.writing(), engine.begin() as connection:
                connection.execute(text("INSERT INTO visits VALUES (:who)"), {"who": who})

    crowd = [threading.Thread(target=write, args=(who,)) for who in range(8)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM visits")) == 160


def test_whoever_waits_too_long_is_told_and_reads_on(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "LONGEST_WAIT", 0)
    with engine.connect() as other:
        with db.writing(), engine.begin(), pytest.raises(OperationalError, match="locked"):
            other.execute(text("INSERT INTO visits VALUES (1)"))
        monkeypatch.undo()
        other.rollback()
        with db.writing(), other.begin():
            other.execute(text("INSERT INTO visits VALUES (1)"))
            assert other.scalar(text("PRAGMA busy_timeout")) == db.LONGEST_WAIT * 1000


def test_what_is_no_queue_is_not_waited_for(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*asked: object) -> None:
        raise AssertionError("it slept")

    monkeypatch.setattr(db.time, "sleep", fail)
    with engine.connect() as connection, db.writing():
        connection.exec_driver_sql("SELECT 1")
        with pytest.raises(OperationalError, match="within a transaction"):
            db._become_the_writer(connection)

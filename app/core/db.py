"""The database: base class, column types, the one extension and the one transaction."""

import enum
import logging
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from flask_sqlalchemy import SQLAlchemy
from psycopg import IsolationLevel
from sqlalchemy import BigInteger, DateTime, Engine, Enum, ForeignKey, Integer, MetaData, Select, event, text
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.orm import Session as Session
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import ConnectionPoolEntry, Pool
from sqlalchemy.types import TypeDecorator

from app.core.errors import Conflict
from app.core.events import work_owed

_log = logging.getLogger(__name__)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

LONGEST_WAIT = 4
"""Seconds a change waits for somebody else's, on either engine; then the edge answers 503 and when to try again."""

Unavailable = OperationalError
"""What a lost, locked or overloaded database raises: the edge answers 503."""

NoSchema = ProgrammingError
"""What PostgreSQL raises where a table is missing; SQLite says it as Unavailable."""


def ran_out_of_time(error: Unavailable) -> bool:
    """Whether the database stopped a statement because it took too long (PostgreSQL's `statement_timeout`)."""
    return getattr(error.orig, "sqlstate", None) == "57014"


class UTCDateTime(TypeDecorator[datetime]):
    """An aware instant, always UTC; SQLite keeps it naive, PostgreSQL with its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {datetime: UTCDateTime()}


DERIVED, SEEDED, UPLOAD_KEY = {"is": "derived"}, {"is": "seeded"}, {"is": "upload key"}
"""`info` for backups: of a table made anew from others, of one that migrations fill, of a column of upload keys."""

BigId = BigInteger().with_variant(Integer, "sqlite")
Id = Annotated[int, mapped_column(BigId, primary_key=True, autoincrement=True)]


def by_value(kind: type[enum.StrEnum], name: str) -> Enum:
    """A column type that stores an enum's values as text, held to them by a named check."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


def reference(target: str, *, ondelete: str = "RESTRICT", index: bool = True, **more: Any) -> Mapped[Any]:
    """A foreign key column to `table.column`."""
    return mapped_column(BigId, ForeignKey(target, ondelete=ondelete), index=index, **more)


db = SQLAlchemy(metadata=Base.metadata)

_writing: ContextVar[bool] = ContextVar("writing", default=False)


@event.listens_for(Engine, "connect")
def _prepare(connection: Any, record: ConnectionPoolEntry) -> None:
    if type(connection).__module__.startswith("sqlite3"):
        wait = f"busy_timeout={LONGEST_WAIT * 1000}"
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", wait, "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    writing = _writing.get()
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        driver.execute(f"PRAGMA query_only={'OFF' if writing else 'ON'}").close()
        if writing:
            _become_the_writer(connection)
        else:
            driver.execute("BEGIN").close()
    elif bool(driver.read_only) == writing:
        driver.read_only = not writing
        # all of a request's reads see one moment, as on SQLite: what an index counted fits the rows it names
        driver.isolation_level = None if writing else IsolationLevel.REPEATABLE_READ


_turn = threading.Lock()
"""One thread of a process at a time asks SQLite to let it write; the others stand in line behind it."""


def _become_the_writer(connection: Connection) -> None:
    """Begin SQLite's one transaction that may write, after `LONGEST_WAIT` seconds at the latest.

    SQLite's own waiting asks ever more seldom, so that whoever came last is let in first and some never: here all ask
    equally often. Raises OperationalError (database is locked).
    """
    driver: Any = connection.connection.dbapi_connection
    until = time.monotonic() + LONGEST_WAIT
    driver.execute("PRAGMA busy_timeout=0").close()
    in_line = _turn.acquire(timeout=LONGEST_WAIT)
    try:
        while time.monotonic() < until:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY):
                    break  # there is nobody to wait for
            time.sleep(random.uniform(0.001, 0.008))
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        if in_line:
            _turn.release()
        driver.execute(f"PRAGMA busy_timeout={LONGEST_WAIT * 1000}").close()


pool_watchers: list[Callable[[int], object]] = []
"""Who is told of every connection taken (1) and given back (-1)."""


@event.listens_for(Pool, "checkout")
def _taken(connection: Any, record: ConnectionPoolEntry, proxy: Any) -> None:
    for tell in pool_watchers:
        tell(1)


@event.listens_for(Pool, "checkin")
def _given_back(connection: Any, record: ConnectionPoolEntry) -> None:
    for tell in pool_watchers:
        tell(-1)


@contextmanager
def writing() -> Iterator[None]:
    """Transactions begun inside may write (used by `transaction()` and by migrations)."""
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


def is_writing() -> bool:
    """Whether this is inside `transaction()` or `writing()`."""
    return _writing.get()


@contextmanager
def transaction() -> Iterator[Session]:
    """The one way to change anything: begins anew, commits at the end, undoes everything on any error.

    Raises Conflict where a version or a uniqueness guard refused the commit.
    """
    if _writing.get():
        raise RuntimeError("transactions do not nest")
    db.session.rollback()  # ends the reading snapshot
    db.session().info.pop(_WAKE, None)  # what was never committed is not owed
    with writing():
        try:
            yield db.session()
            db.session.commit()
            _wake(db.session())
        except (StaleDataError, IntegrityError) as error:
            db.session.rollback()
            raise Conflict("Somebody changed this at the same moment. Look again and repeat.") from error
        except BaseException:
            db.session.rollback()
            raise


_WAKE = "wake at"


def wake_at(session: Session, due_at: datetime) -> None:
    """Once this transaction is committed, tell whoever does work in the background that some is due at `due_at`."""
    session.info.setdefault(_WAKE, set()).add(due_at)


def _wake(session: Session) -> None:
    """Tell of the work that the transaction owed. It is committed: nothing that fails here may undo that."""
    due: set[datetime] = session.info.pop(_WAKE, set())
    if not due:
        return
    try:
        work_owed.send("db", due=due)
    except Exception:
        _log.exception("background work was not woken; its sweep will find it")


def reading() -> Session:
    """The session of this request or command, for reads: it refuses to write outside `transaction()`."""
    return db.session()


def lock_rows(session: Session, rows: Select[Any], *, shared: bool = False) -> None:
    """Hold these rows until the transaction ends, alone or with others who only read them.

    The answer is read to its end: on SQLite an unread one keeps its connection in the past, even for who takes it next.
    """
    session.execute(rows.with_for_update(read=shared)).all()


def let_go() -> None:
    """Leave the transaction of this request, whatever state a lost database left it in.

    What was read stays readable: a rollback would ask for it anew.
    """
    if not db.session.registry.has():
        return
    try:
        db.session.close()
    except Unavailable:
        db.session().invalidate()


def alive(session: Session) -> None:
    """Ask the database for nothing. Raises Unavailable where it does not answer."""
    session.execute(text("SELECT 1"))


def engine_options(url: str) -> dict[str, Any]:
    """Engine settings for one database URL: a driver in autocommit (SQLite), time-outs and a pool (PostgreSQL).

    What people wrote stays out of errors, and by that out of the log.
    """
    if url.startswith("sqlite"):
        return {"hide_parameters": True, "connect_args": {"isolation_level": None, "timeout": LONGEST_WAIT}}
    return {
        "hide_parameters": True,
        "pool_pre_ping": True,
        "pool_size": 10,
        "max_overflow": 10,
        "pool_timeout": 5,
        "connect_args": {
            "connect_timeout": 3,
            "options": f"-c statement_timeout=15000 -c lock_timeout={LONGEST_WAIT * 1000} -c timezone=UTC",
        },
    }

"""What an operator wants to know of the database and of what else the board leans on."""

import errno
import os
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, inspect, literal, select, text, union_all
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.core.db import Base, NoSchema, Unavailable
from app.core.redis import Lifeline
from app.core.settings import ROOT

LEAST_ROOM = 50 * 1024 * 1024
"""Free bytes below which uploads are said to have no room."""

_VERSION = {"sqlite": "SELECT sqlite_version()", "postgresql": "SHOW server_version"}


@dataclass(frozen=True, slots=True)
class Health:
    """Engine, its version, the schema's revision, and rows by table."""

    engine: str
    version: str
    revision: str
    rows: dict[str, int]
    size: int
    """Bytes of the database."""


_CLOCK = {
    "sqlite": "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')",
    "postgresql": "SELECT clock_timestamp()",
}
_SIZE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


def health(session: Session) -> Health:
    """How the database is. Counts every table whole: for an operator's page, not for a probe."""
    engine = session.get_bind().dialect.name
    tables = Base.metadata.sorted_tables
    counted = union_all(*(select(literal(table.name), func.count()).select_from(table) for table in tables))
    return Health(
        engine=engine,
        version=str(session.scalar(text(_VERSION[engine]))),
        revision=str(session.scalar(text("SELECT version_num FROM alembic_version"))),
        rows=dict(sorted(session.execute(counted).all())),
        size=int(session.scalar(text(_SIZE[engine])) or 0),
    )


def engine_version(session: Session) -> tuple[str, str]:
    """The database's engine and its version, as it says it."""
    engine = session.get_bind().dialect.name
    return engine, str(session.scalar(text(_VERSION[engine])))


def address(bind: Engine | Connection) -> str:
    """Which database this is: its address, without a password."""
    return bind.engine.url.difference_update_query(["password", "sslpassword"]).render_as_string()


def trouble(bind: Engine | Connection, error: DatabaseError) -> str:
    """What to tell an operator whose database does not do what it is asked."""
    said = str(error.orig or error).strip().splitlines()[0].rstrip(".")
    return f"{address(bind)} does not answer: {said}. Check DATABASE_URL and that it runs."


def clock_of(session: Session) -> datetime:
    """What time the database has, as it says it."""
    told = session.scalar(text(_CLOCK[session.get_bind().dialect.name]))
    return told if isinstance(told, datetime) else datetime.fromisoformat(str(told))


@cache
def schema_head() -> str:
    """The schema this release wants: the last of its migrations."""
    return str(ScriptDirectory(str(ROOT / "migrations")).get_current_head())


def schema_here(connection: Connection) -> str:
    """The schema the database has; empty before the first migration. Raises Unavailable where it does not answer."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")) or "")


def room(folder: Path) -> int:
    """Free bytes where uploads go. Raises OSError where nothing can be written there."""
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, "is not writable")
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


def readiness(session: Session, uploads: Path, redis: Lifeline | None) -> dict[str, str]:
    """What the board leans on, each `ok` or what is wrong; `status` says all of it in a word.

    `unavailable` when it cannot serve, `degraded` when it serves with less: no new uploads, no shared limits.
    """
    found = {"database": "ok", "schema": "ok", "uploads": "ok"}
    try:
        here = schema_here(session.connection())
        found["schema"] = "ok" if here == schema_head() else f"is {here or 'empty'}, should be {schema_head()}"
    except (Unavailable, NoSchema):
        found |= {"database": "unreachable", "schema": "unknown"}
    try:
        if room(uploads) < LEAST_ROOM:
            found["uploads"] = "no room left"
    except OSError:
        found["uploads"] = "not writable"
    if redis is not None:
        found["redis"] = "ok" if redis.alive() else "unreachable"
    lost = found["database"] != "ok" or found["schema"] != "ok"
    whole = all(state == "ok" for state in found.values())
    return {"status": "unavailable" if lost else "ok" if whole else "degraded"} | found

"""What an operator wants to know of the database."""

from dataclasses import dataclass

from sqlalchemy import func, literal, select, text, union_all
from sqlalchemy.orm import Session

from app.core.db import Base

_VERSION = {"sqlite": "SELECT sqlite_version()", "postgresql": "SHOW server_version"}


@dataclass(frozen=True, slots=True)
class Health:
    """Engine, its version, the schema's revision, and rows by table."""

    engine: str
    version: str
    revision: str
    rows: dict[str, int]


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
    )

"""Writing many rows at once: what is looked up is taken aside first and made again, whole, at the end."""

import enum
from collections.abc import Sequence
from typing import Any, Protocol

import psycopg
from sqlalchemy import Engine, insert, text
from sqlalchemy.schema import Table

from app.core.db import writing
from bench.data.rows import TABLES, Row

FILLED = [table.__tablename__ for table in TABLES]


class Sink(Protocol):
    """A database that is filled."""

    def write(self, table: Table, rows: Sequence[Row]) -> None:
        """Append rows that all have the same columns."""

    def finish(self) -> None:
        """Make indexes and statistics, and let the database go."""

    def close(self) -> None:
        """Let it go, whatever it holds."""


class Sqlite:
    """One transaction without a journal: a load that is interrupted is begun again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._wire = engine.connect()
        driver: Any = self._wire.connection.dbapi_connection
        for pragma in ("query_only=OFF", "foreign_keys=OFF", "journal_mode=OFF", "synchronous=OFF",
                       "cache_size=-1000000", "temp_store=MEMORY"):  # fmt: skip
            driver.execute(f"PRAGMA {pragma}").close()
        with writing():
            self._wire.begin()
        found = self._wire.execute(text(
            "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
        )).all()  # fmt: skip
        aside = [(kind, name, sql) for kind, name, table, sql in found if table in FILLED]
        self._aside = [sql for _, _, sql in aside]
        for kind, name, _ in aside:
            self._wire.execute(text(f'DROP {kind} "{name}"'))

    def write(self, table: Table, rows: Sequence[Row]) -> None:
        self._wire.execute(insert(table), rows)

    def finish(self) -> None:
        for sql in self._aside:
            self._wire.exec_driver_sql(sql)
        self._wire.exec_driver_sql("INSERT INTO posting_fts(posting_fts) VALUES ('rebuild')")
        self._wire.exec_driver_sql("ANALYZE")
        self._wire.commit()
        self.close()

    def close(self) -> None:
        if not self._wire.closed:
            self._wire.invalidate()  # its settings are nobody else's
            self._wire.close()
        self._engine.dispose()


class Postgres:
    """COPY, without the checks of what cannot be wrong here."""

    def __init__(self, url: str) -> None:
        self._wire = psycopg.connect(url, autocommit=True)
        for setting in ("session_replication_role = replica", "synchronous_commit = off",
                        "maintenance_work_mem = '1GB'", "timezone = 'UTC'"):  # fmt: skip
            self._wire.execute(f"SET {setting}".encode())
        found = self._wire.execute(
            "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.schemaname = 'public' AND i.tablename = ANY(%s)"
            " AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)", [FILLED],
        ).fetchall()  # fmt: skip
        self._aside = [sql for _, sql in found]
        for name, _ in found:
            self._wire.execute(f'DROP INDEX "{name}"'.encode())

    def write(self, table: Table, rows: Sequence[Row]) -> None:
        names = list(rows[0])
        columns = ", ".join(f'"{name}"' for name in names)
        with self._wire.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row([_plain(row[name]) for name in names])

    def finish(self) -> None:
        for sql in self._aside:
            self._wire.execute(sql.encode())
        for table in ("postings", "companies", "places"):
            last = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608  ours
            self._wire.execute(last.encode())
        self._wire.execute("VACUUM ANALYZE")
        self.close()

    def close(self) -> None:
        self._wire.close()


def written_again(url: str) -> None:
    """Lay every row out as the schema says now, as if it had been written today."""
    with psycopg.connect(url, autocommit=True) as wire:
        for name in FILLED:
            wire.execute(f'VACUUM FULL "{name}"'.encode())
        wire.execute("VACUUM ANALYZE")


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, enum.Enum) else value


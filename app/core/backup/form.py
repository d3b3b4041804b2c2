"""What a backup looks like: a tar of `tables/<name>.jsonl.gz`, `uploads/<key>` and, last, `manifest.json`.

A table's file is a JSON line of its column names and one for each row. The manifest names every member with its
SHA-256; it comes last, so that an archive which was cut off has none.
"""

import base64
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    LargeBinary,
    String,
    Table,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.core.db import DERIVED, Base

FORMAT = 1
MANIFEST = "manifest.json"
TABLES, UPLOADS = "tables/", "uploads/"


class NotFit(Exception):
    """This cannot be done here; the message is for the operator. Nothing was changed."""


class Damaged(NotFit):
    """The archive is not what was written."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself. `sequences` are the last ids given out, by table."""

    made_at: str
    release: str
    engine: str
    schema: str
    rows: dict[str, int] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    uploads: int = 0
    members: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def dumped(self) -> bytes:
        """As it stands in the archive."""
        return json.dumps(asdict(self), indent=1).encode()

    @classmethod
    def loaded(cls, raw: bytes) -> "Manifest":
        """The manifest written so. Raises Damaged, or NotFit for a format of another time."""
        try:
            facts = json.loads(raw)
            if facts["format"] != FORMAT:
                raise NotFit(f"This backup has format {facts['format']}; this release reads {FORMAT}.")
            return cls(**facts)
        except (ValueError, KeyError, TypeError):
            raise Damaged("The archive's manifest cannot be read.") from None


def tables() -> list[Table]:
    """What is kept, a table after those it points to."""
    return [table for table in Base.metadata.sorted_tables if table.info != DERIVED]


def late_columns(table: Table) -> list[str]:
    """Columns that point to rows of the same table, which may come later in it."""
    return [key.parent.name for key in table.foreign_keys if key.column.table is table]


def plain(value: object) -> object:
    """For `json.dumps`: what JSON has no word for."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"a backup has no form for {type(value).__name__}")


def _as_it_is(value: Any) -> Any:
    return value


_READERS: tuple[tuple[type[TypeEngine[Any]], Callable[[Any], Any]], ...] = (
    (DateTime, datetime.fromisoformat),
    (Date, date.fromisoformat),
    (LargeBinary, base64.b64decode),
    (Enum, _as_it_is),
    (String, _as_it_is),
    (Boolean, _as_it_is),
    (Integer, _as_it_is),
    (BigInteger, _as_it_is),
    (Float, _as_it_is),
    (JSON, _as_it_is),
)


def reader(column: Column[Any]) -> Callable[[Any], Any]:
    """What turns JSON back into a value of this column. Raises TypeError for a type nobody thought of."""
    kind: Any = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    for known, read in _READERS:
        if isinstance(kind, known):
            return lambda value: None if value is None else read(value)
    raise TypeError(f"a backup has no form for {column.type!r}")

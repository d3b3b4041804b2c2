"""Looking for words whatever their case, on both engines: SQLite's own `lower` knows the English letters only."""

from typing import Any

from sqlalchemy import ColumnElement, Engine, String, event
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.functions import FunctionElement


class _Small(FunctionElement[str]):
    """A text in small letters."""

    type = String()
    inherit_cache = True


@compiles(_Small)
def _on_postgresql(element: Any, compiler: Any, **how: Any) -> str:
    return f"lower({compiler.process(element.clauses, **how)})"


@compiles(_Small, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **how: Any) -> str:
    return f"nexus_lower({compiler.process(element.clauses, **how)})"


@event.listens_for(Engine, "connect")
def _teach(connection: Any, record: ConnectionPoolEntry) -> None:
    if type(connection).__module__.startswith("sqlite3"):
        connection.create_function("nexus_lower", 1, lambda text: text and text.lower(), deterministic=True)


def holds(column: Any, word: str) -> ColumnElement[bool]:
    """Whether a text column holds this word, in capitals or not, in any alphabet that has them."""
    return _Small(column).contains(word.lower(), autoescape=True)

"""Runs migrations on the application's own engine, in the application's own kind of transaction."""

from alembic import context

from app.core.db import UTCDateTime, db, writing

FOREIGN_PREFIXES = ("posting_fts", "huey_")
"""Tables and indexes that are not models: the engines' own, and the task queue's."""


def include_name(name: str | None, type_: str, parent_names: object) -> bool:
    return name is None or not name.startswith(FOREIGN_PREFIXES)


def render_item(kind: str, item: object, autogen_context: object) -> str | bool:
    """Migrations name plain SQLAlchemy types, so that they never import the application."""
    return "sa.DateTime(timezone=True)" if isinstance(item, UTCDateTime) else False


def run() -> None:
    engine = db.engine
    with writing(), engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_name=include_name,
            render_item=render_item,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations run on a database, not offline: set DATABASE_URL.")
run()

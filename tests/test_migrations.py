"""The migrations make exactly what the models say, on both engines, up and down and up again."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from app.core.db import db

OWN = ("posting_fts", "huey_")
"""Tables that are no models: the engines' own, and the task queue's."""


def test_the_models_and_the_migrations_say_the_same(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True, "target_metadata": db.metadata,
                "include_name": lambda name, kind, parents: name is None or not name.startswith(OWN),
            },
        )
        assert compare_metadata(context, db.metadata) == []

"""versions of what is kept; who is over, by the clock

Policy. A migration works up and down on SQLite and on PostgreSQL, on a filled database, while the
release before it still runs: add first, move data in batches, take away one release later. No migration
imports the application: it must mean the same next year.

Revision: 0013, after 0012.
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _be_brief() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '4s'")
        op.execute("SET LOCAL statement_timeout = '5min'")


def upgrade() -> None:
    _be_brief()
    versions = op.create_table(
        "cache_versions",
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cache_versions")),
    )
    op.bulk_insert(versions, [{"name": "postings", "version": secrets.token_hex(8)}])
    # In PostgreSQL this lets nobody write postings while it is built: a second on a million of them.
    op.create_index(
        op.f("ix_postings_expires_at"), "postings", ["expires_at"], sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    _be_brief()
    op.drop_index(op.f("ix_postings_expires_at"), table_name="postings")
    op.drop_table("cache_versions")

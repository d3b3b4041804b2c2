"""keeping the board: reports, categories, companies, its own settings

Policy. A migration works up and down on SQLite and on PostgreSQL, on a filled database, while the
release before it still runs: add first, move data in batches, take away one release later. No migration
imports the application: it must mean the same next year.

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _be_brief() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '4s'")
        op.execute("SET LOCAL statement_timeout = '5min'")


def upgrade() -> None:
    _be_brief()
    op.add_column("categories", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("categories", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "category_slugs",
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("category_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_category_slugs_category_id_categories"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_category_slugs")),
    )
    op.create_index(op.f("ix_category_slugs_category_id"), "category_slugs", ["category_id"])
    _merged_companies()
    op.create_table(
        "posting_editions",
        sa.Column("posting_id", _ID, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["postings.id"], name=op.f("fk_posting_editions_posting_id_postings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("posting_id", name=op.f("pk_posting_editions")),
    )
    op.create_index(op.f("ix_audit_entries_actor_id_id"), "audit_entries", ["actor_id", "id"])
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeats")),
    )


def _merged_companies() -> None:
    """SQLite adds a column with its reference in one statement; making the table anew would break those upon it."""
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE companies ADD COLUMN merged_into_id {kind}"
        " CONSTRAINT fk_companies_merged_into_id_companies REFERENCES companies (id)"
    )
    op.create_index(op.f("ix_companies_merged_into_id"), "companies", ["merged_into_id"])


def downgrade() -> None:
    _be_brief()
    op.drop_table("heartbeats")
    op.drop_index(op.f("ix_audit_entries_actor_id_id"), "audit_entries")
    op.drop_table("posting_editions")
    op.drop_index(op.f("ix_companies_merged_into_id"), "companies")
    op.drop_column("companies", "merged_into_id")
    op.drop_table("category_slugs")
    op.drop_column("categories", "version")
    op.drop_column("categories", "archived_at")

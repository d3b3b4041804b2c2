"""facts of access: outward clicks

Policy. A migration works up and down on SQLite and on PostgreSQL, on a filled database, while the
release before it still runs: add first, move data in batches, take away one release later. No migration
imports the application: it must mean the same next year.

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _be_brief() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '4s'")
        op.execute("SET LOCAL statement_timeout = '5min'")


def upgrade() -> None:
    _be_brief()
    op.create_table(
        "outward_clicks",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("posting_id", _ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["postings.id"], name=op.f("fk_outward_clicks_posting_id_postings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outward_clicks")),
    )
    op.create_index(op.f("ix_outward_clicks_posting_id"), "outward_clicks", ["posting_id"])


def downgrade() -> None:
    _be_brief()
    op.drop_table("outward_clicks")

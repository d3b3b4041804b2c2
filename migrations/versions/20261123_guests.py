"""guests: what becomes of an application without an account

Policy. A migration works up and down on SQLite and on PostgreSQL, on a filled database, while the
release before it still runs: add first, move data in batches, take away one release later. No migration
imports the application: it must mean the same next year.

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_REASONS = ("scam", "discriminatory", "not_a_job", "over", "wrong_facts", "other")
_OUTCOMES = ("dismissed", "upheld")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _be_brief() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '4s'")
        op.execute("SET LOCAL statement_timeout = '5min'")


def upgrade() -> None:
    _be_brief()
    op.add_column("applications", sa.Column("link_number", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "posting_reports",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("posting_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=True),
        sa.Column("sender", sa.String(length=70), nullable=False),
        sa.Column("network", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Enum(*_REASONS, name="reason", native_enum=False, length=32), nullable=False),
        sa.Column("words", sa.String(length=1000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Enum(*_OUTCOMES, name="outcome", native_enum=False, length=32), nullable=True),
        sa.CheckConstraint(
            f"reason IN ({', '.join(map(repr, _REASONS))})", name=op.f("ck_posting_reports_reason")
        ),
        sa.CheckConstraint(
            f"outcome IN ({', '.join(map(repr, _OUTCOMES))})", name=op.f("ck_posting_reports_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["postings.id"], name=op.f("fk_posting_reports_posting_id_postings"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_posting_reports_user_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting_reports")),
    )
    op.create_index(op.f("ix_posting_reports_posting_id"), "posting_reports", ["posting_id"])
    op.create_index(op.f("ix_posting_reports_user_id"), "posting_reports", ["user_id"])
    op.create_index(
        "uq_posting_reports_open", "posting_reports", ["posting_id", "sender"], unique=True,
        sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL"),
    )


def downgrade() -> None:
    _be_brief()
    op.drop_table("posting_reports")
    op.drop_column("applications", "link_number")

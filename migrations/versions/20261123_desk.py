"""the desk: views, invitations, logos, drafts

Policy. A migration works up and down on SQLite and on PostgreSQL, on a filled database, while the
release before it still runs: add first, move data in batches, take away one release later. No migration
imports the application: it must mean the same next year.

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _be_brief() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '4s'")
        op.execute("SET LOCAL statement_timeout = '5min'")


def _company_id(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id"], ["companies.id"], name=op.f(f"fk_{table}_company_id_companies"), ondelete="CASCADE"
    )


def _posting_id(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["posting_id"], ["postings.id"], name=op.f(f"fk_{table}_posting_id_postings"), ondelete="CASCADE"
    )


def upgrade() -> None:
    _be_brief()
    op.add_column("companies", sa.Column("logo_key", sa.String(64), nullable=True))
    op.add_column("memberships", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "company_invitations",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("email_key", sa.String(320), nullable=False),
        sa.Column("role", sa.Enum("owner", "recruiter", "reviewer", name="role", native_enum=False, length=32),
                  nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=True),
        sa.Column("times_sent", sa.Integer(), nullable=False),
        sa.Column("invited_by_id", _ID, nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by_id", _ID, nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("role IN ('owner', 'recruiter', 'reviewer')", name=op.f("ck_company_invitations_role")),
        _company_id("company_invitations"),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["users.id"], name=op.f("fk_company_invitations_invited_by_id_users"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["accepted_by_id"], ["users.id"], name=op.f("fk_company_invitations_accepted_by_id_users"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_company_invitations_token_hash")),
    )
    for column in ("company_id", "invited_by_id", "accepted_by_id"):
        op.create_index(op.f(f"ix_company_invitations_{column}"), "company_invitations", [column])
    op.create_index(
        "uq_company_invitations_open", "company_invitations", ["company_id", "email_key"], unique=True,
        sqlite_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
        postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
    )
    op.create_table(
        "company_dismissals",
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("item", sa.String(30), nullable=False),
        _company_id("company_dismissals"),
        sa.PrimaryKeyConstraint("company_id", "item", name=op.f("pk_company_dismissals")),
    )
    op.create_table(
        "posting_views",
        sa.Column("posting_id", _ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        _posting_id("posting_views"),
        sa.PrimaryKeyConstraint("posting_id", "day", name=op.f("pk_posting_views")),
    )
    op.create_table(
        "posting_drafts",
        sa.Column("posting_id", _ID, nullable=False),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        _posting_id("posting_drafts"),
        sa.PrimaryKeyConstraint("posting_id", name=op.f("pk_posting_drafts")),
    )


def downgrade() -> None:
    _be_brief()
    for table in ("posting_drafts", "posting_views", "company_dismissals", "company_invitations"):
        op.drop_table(table)
    op.drop_column("memberships", "version")
    op.drop_column("companies", "logo_key")

"""people: what proves who they are, and which news they want

Policy. A migration works up and down on SQLite and on PostgreSQL, on a filled database, while the
release before it still runs: add first, move data in batches, take away one release later. No migration
imports the application: it must mean the same next year.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)


def _be_brief() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '4s'")
        op.execute("SET LOCAL statement_timeout = '5min'")


def upgrade() -> None:
    _be_brief()
    op.create_table(
        "notice_choices",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("notice", sa.Enum("new_applicant", "posting_expiring", name="notice", native_enum=False, length=32),
                  nullable=False),
        sa.Column("frequency", sa.Enum("instant", "daily", "off", name="frequency", native_enum=False, length=32),
                  nullable=False),
        sa.CheckConstraint(
            "notice IN ('new_applicant', 'posting_expiring')", name=op.f("ck_notice_choices_notice")
        ),
        sa.CheckConstraint("frequency IN ('instant', 'daily', 'off')", name=op.f("ck_notice_choices_frequency")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notice_choices_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_choices")),
        sa.UniqueConstraint("user_id", "notice", name=op.f("uq_notice_choices_user_id_notice")),
    )
    op.add_column("users", sa.Column("second_factor_at", _INSTANT, nullable=True))
    op.add_column("users", sa.Column("closed_at", _INSTANT, nullable=True))
    op.add_column("user_sessions", sa.Column("last_seen_at", _INSTANT, nullable=True))
    _tokens()
    _second_factors()
    op.create_table(
        "failed_attempts",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_attempts")),
        sa.UniqueConstraint("address_hash", name=op.f("uq_failed_attempts_address_hash")),
    )
    op.create_index(op.f("ix_failed_attempts_last_at"), "failed_attempts", ["last_at"])


def _user(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id_users"), ondelete="CASCADE"
    )


def _tokens() -> None:
    op.create_table(
        "email_changes",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("old_confirmed_at", _INSTANT, nullable=True),
        sa.Column("new_confirmed_at", _INSTANT, nullable=True),
        sa.Column("ended_at", _INSTANT, nullable=True),
        _user("email_changes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_changes")),
    )
    op.create_index(op.f("ix_email_changes_user_id"), "email_changes", ["user_id"])
    purposes = ("verify_email", "reset_password", "change_email_old", "change_email_new")
    op.create_table(
        "account_tokens",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("purpose", sa.Enum(*purposes, name="purpose", native_enum=False, length=32), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("change_id", _ID, nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "purpose IN ('verify_email', 'reset_password', 'change_email_old', 'change_email_new')",
            name=op.f("ck_account_tokens_purpose"),
        ),
        _user("account_tokens"),
        sa.ForeignKeyConstraint(
            ["change_id"], ["email_changes.id"], name=op.f("fk_account_tokens_change_id_email_changes"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_account_tokens_token_hash")),
    )
    op.create_index(op.f("ix_account_tokens_user_id"), "account_tokens", ["user_id"])
    op.create_index(op.f("ix_account_tokens_change_id"), "account_tokens", ["change_id"])


def _second_factors() -> None:
    op.create_table(
        "second_factors",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        _user("second_factors"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factors")),
        sa.UniqueConstraint("user_id", name=op.f("uq_second_factors_user_id")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        _user("recovery_codes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_user_id"), "recovery_codes", ["user_id"])


def downgrade() -> None:
    _be_brief()
    for table in ("failed_attempts", "recovery_codes", "second_factors", "account_tokens", "email_changes"):
        op.drop_table(table)
    op.drop_column("user_sessions", "last_seen_at")
    op.drop_column("users", "closed_at")
    op.drop_column("users", "second_factor_at")
    op.drop_table("notice_choices")

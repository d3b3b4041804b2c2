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


def downgrade() -> None:
    _be_brief()
    op.drop_table("notice_choices")

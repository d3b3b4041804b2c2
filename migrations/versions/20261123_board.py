"""the board's own settings

Policy. A migration works up and down on SQLite and on PostgreSQL, on a filled database, while the
release before it still runs: add first, move data in batches, take away one release later. No migration
imports the application: it must mean the same next year.

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
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
        "board_settings",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("site_name", sa.String(length=60), nullable=True),
        sa.Column("default_currency", sa.String(length=3), nullable=True),
        sa.Column("posting_days", sa.Integer(), nullable=True),
        *(
            sa.Column(f"{page}_{kind}", sa.Text(), nullable=False)
            for page in ("imprint", "privacy", "terms")
            for kind in ("md", "html")
        ),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_board_settings_only")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_settings")),
    )


def downgrade() -> None:
    _be_brief()
    op.drop_table("board_settings")

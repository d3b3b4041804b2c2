"""flagged applications by themselves: admins look at them

Policy. A migration works up and down on SQLite and on PostgreSQL, on a filled database, while the
release before it still runs: add first, move data in batches, take away one release later. No migration
imports the application: it must mean the same next year.

Revision: 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _be_brief() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '4s'")
        op.execute("SET LOCAL statement_timeout = '5min'")


def upgrade() -> None:
    _be_brief()
    flagged = sa.text("stage = 'spam'")
    op.create_index(
        "ix_applications_flagged", "applications", ["id"], sqlite_where=flagged, postgresql_where=flagged
    )


def downgrade() -> None:
    _be_brief()
    op.drop_index("ix_applications_flagged", table_name="applications")

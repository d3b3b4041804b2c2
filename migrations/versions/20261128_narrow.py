"""tokens beside their rows on PostgreSQL, so that whoever has a word is read from few pages

Policy. A migration works up and down on SQLite and on PostgreSQL, on a filled database, while the
release before it still runs: add first, move data in batches, take away one release later. No migration
imports the application: it must mean the same next year.

Rows that are there move when they are written again; `VACUUM FULL posting_search` moves all of them at once.

Revision: 0017, after 0016.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def _be_brief() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '5min'")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _be_brief()
        op.execute("ALTER TABLE posting_search SET (toast_tuple_target = 128)")
        op.execute("ALTER TABLE posting_search ALTER COLUMN terms SET STORAGE EXTERNAL")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _be_brief()
        op.execute("ALTER TABLE posting_search RESET (toast_tuple_target)")
        op.execute("ALTER TABLE posting_search ALTER COLUMN terms SET STORAGE MAIN")

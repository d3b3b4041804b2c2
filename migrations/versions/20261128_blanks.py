"""every row of tokens laid aside on PostgreSQL, short ones too

Policy. A migration works up and down on SQLite and on PostgreSQL, on a filled database, while the
release before it still runs: add first, move data in batches, take away one release later. No migration
imports the application: it must mean the same next year.

PostgreSQL lays values aside for rows of 2 kB or more, whatever `toast_tuple_target` says (access/heaptoast.h,
TOAST_TUPLE_THRESHOLD): each row is made that long by blanks, which compress to next to nothing, so that its tokens
lie aside and the rows of those who have a word are few pages. The table is written anew: a million rows take three
minutes, and searches for words wait for them.

Revision: 0018, after 0017.
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def _begin() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("SET LOCAL statement_timeout = '60min'")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _begin()
        op.execute(
            "ALTER TABLE posting_search ADD COLUMN posting_fts_blanks text"
            " GENERATED ALWAYS AS (repeat(' ', 2100 + 0 * length(terms))) STORED"  # anew with every change of terms
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _begin()
        op.execute("ALTER TABLE posting_search DROP COLUMN posting_fts_blanks")

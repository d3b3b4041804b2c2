"""full text over posting_search

Policy. A migration works up and down on SQLite and on PostgreSQL, on a filled database, while the
release before it still runs: add first, move data in batches, take away one release later. No migration
imports the application: it must mean the same next year.

Revision: 0002, after 0001.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE = (
    "CREATE VIRTUAL TABLE posting_fts USING fts5"
    "(terms, content='posting_search', content_rowid='posting_id', tokenize='ascii')",
    "CREATE TRIGGER posting_search_added AFTER INSERT ON posting_search BEGIN"
    " INSERT INTO posting_fts(rowid, terms) VALUES (new.posting_id, new.terms); END",
    "CREATE TRIGGER posting_search_removed AFTER DELETE ON posting_search BEGIN"
    " INSERT INTO posting_fts(posting_fts, rowid, terms) VALUES ('delete', old.posting_id, old.terms); END",
    "CREATE TRIGGER posting_search_changed AFTER UPDATE ON posting_search BEGIN"
    " INSERT INTO posting_fts(posting_fts, rowid, terms) VALUES ('delete', old.posting_id, old.terms);"
    " INSERT INTO posting_fts(rowid, terms) VALUES (new.posting_id, new.terms); END",
)


def _be_brief() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '4s'")
        op.execute("SET LOCAL statement_timeout = '5min'")


def upgrade() -> None:
    _be_brief()
    if op.get_bind().dialect.name == "postgresql":
        # Kept in the row where it fits: the planner does not see what reading it elsewhere costs.
        op.execute("ALTER TABLE posting_search ALTER COLUMN terms SET STORAGE MAIN")
        op.execute(
            "CREATE INDEX posting_fts_terms ON posting_search USING gin (terms) WITH (fastupdate = on)"
        )
        return
    for statement in SQLITE:
        op.execute(statement)
    op.execute("INSERT INTO posting_fts(posting_fts) VALUES ('rebuild')")


def downgrade() -> None:
    _be_brief()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX posting_fts_terms")
        return
    for event in ("added", "removed", "changed"):
        op.execute(f"DROP TRIGGER posting_search_{event}")
    op.execute("DROP TABLE posting_fts")

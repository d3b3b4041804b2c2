"""mail: delivery

Policy. A migration works up and down on SQLite and on PostgreSQL, on a filled database, while the
release before it still runs: add first, move data in batches, take away one release later. No migration
imports the application: it must mean the same next year.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _be_brief() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '4s'")
        op.execute("SET LOCAL statement_timeout = '5min'")


_COLUMNS = {
    "claimed_until": sa.DateTime(timezone=True), "message_id": sa.String(200), "last_error": sa.String(300),
    "subject": sa.String(300), "body_text": sa.Text(), "body_html": sa.Text(),
}
_BEFORE = "status IN ('waiting', 'sent', 'cancelled', 'parked')"
_AFTER = "status IN ('waiting', 'sent', 'kept', 'cancelled', 'parked')"


def _states(check: str) -> None:
    """Hold the states to `check`."""
    name = op.f("ck_outbox_mails_status")
    with op.batch_alter_table("outbox_mails") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, check)


def upgrade() -> None:
    _be_brief()
    for name, kind in _COLUMNS.items():
        op.add_column("outbox_mails", sa.Column(name, kind, nullable=True))
    _states(_AFTER)


def downgrade() -> None:
    _be_brief()
    op.execute("UPDATE outbox_mails SET status = 'sent' WHERE status = 'kept'")
    _states(_BEFORE)
    for name in _COLUMNS:
        op.drop_column("outbox_mails", name)

"""${message}

Policy. A migration works up and down on SQLite and on PostgreSQL, on a filled database, while the
release before it still runs: add first, move data in batches, take away one release later. No migration
imports the application: it must mean the same next year.

Revision: ${up_revision}, after ${down_revision | comma,n}.
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def _be_brief() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '4s'")
        op.execute("SET LOCAL statement_timeout = '5min'")


def upgrade() -> None:
    _be_brief()
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    _be_brief()
    ${downgrades if downgrades else "pass"}

"""runs of imports, what their rows became, signatures of near repeats

Policy. A migration works up and down on SQLite and on PostgreSQL, on a filled database, while the
release before it still runs: add first, move data in batches, take away one release later. No migration
imports the application: it must mean the same next year.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _be_brief() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '4s'")
        op.execute("SET LOCAL statement_timeout = '5min'")


def upgrade() -> None:
    _be_brief()
    op.create_table(
        "import_runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_runs")),
    )
    with op.batch_alter_table("import_runs", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_import_runs_fingerprint_finished_at"), ["fingerprint", "finished_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_import_runs_started_at"), ["started_at"], unique=False)

    op.create_table(
        "import_problems",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_runs.id"], name=op.f("fk_import_problems_run_id_import_runs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_problems")),
    )
    with op.batch_alter_table("import_problems", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_problems_run_id_line"), ["run_id", "line"], unique=False)

    op.create_table(
        "import_links",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("own", "repeat", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("company", sa.String(length=160), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["postings.id"], name=op.f("fk_import_links_posting_id_postings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_links")),
    )
    with op.batch_alter_table("import_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_links_content_hash"), ["content_hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_links_posting_id"), ["posting_id"], unique=False)
        batch_op.create_index("uq_import_links_key", ["source", "key"], unique=True)

    op.create_table(
        "import_signatures",
        sa.Column("posting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.Column("band_1", sa.BigInteger(), nullable=False),
        sa.Column("band_2", sa.BigInteger(), nullable=False),
        sa.Column("band_3", sa.BigInteger(), nullable=False),
        sa.Column("band_4", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["postings.id"], name=op.f("fk_import_signatures_posting_id_postings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("posting_id", name=op.f("pk_import_signatures")),
    )
    with op.batch_alter_table("import_signatures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_signatures_band_1"), ["band_1"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_signatures_band_2"), ["band_2"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_signatures_band_3"), ["band_3"], unique=False)
        batch_op.create_index(batch_op.f("ix_import_signatures_band_4"), ["band_4"], unique=False)



def downgrade() -> None:
    _be_brief()
    with op.batch_alter_table("import_signatures", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_signatures_band_4"))
        batch_op.drop_index(batch_op.f("ix_import_signatures_band_3"))
        batch_op.drop_index(batch_op.f("ix_import_signatures_band_2"))
        batch_op.drop_index(batch_op.f("ix_import_signatures_band_1"))

    op.drop_table("import_signatures")
    with op.batch_alter_table("import_links", schema=None) as batch_op:
        batch_op.drop_index("uq_import_links_key")
        batch_op.drop_index(batch_op.f("ix_import_links_posting_id"))
        batch_op.drop_index(batch_op.f("ix_import_links_content_hash"))

    op.drop_table("import_links")
    with op.batch_alter_table("import_problems", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_problems_run_id_line"))

    op.drop_table("import_problems")
    with op.batch_alter_table("import_runs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_runs_started_at"))
        batch_op.drop_index(batch_op.f("ix_import_runs_fingerprint_finished_at"))

    op.drop_table("import_runs")

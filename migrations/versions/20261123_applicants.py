"""applicants: notes and stages of a company

Policy. A migration works up and down on SQLite and on PostgreSQL, on a filled database, while the
release before it still runs: add first, move data in batches, take away one release later. No migration
imports the application: it must mean the same next year.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_STAGES = ("submitted", "in_review", "interview", "offer", "hired", "rejected", "withdrawn", "declined",
           "not_selected", "spam")
_TOLD = """
UPDATE application_events SET notify = CASE WHEN EXISTS (
    SELECT 1 FROM outbox_mails
    WHERE outbox_mails.key = 'application-moved:' || application_events.id AND outbox_mails.status <> 'cancelled'
) THEN 'now' ELSE 'no' END
WHERE before IS NOT NULL
"""


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def _be_brief() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET LOCAL lock_timeout = '4s'")
        op.execute("SET LOCAL statement_timeout = '5min'")


def _refer_to_stages(table: str) -> None:
    """SQLite adds a constraint to a table that is there only with its column."""
    name = f"fk_{table}_company_stage_id_company_stages"
    kind = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN company_stage_id {kind} "
        f"CONSTRAINT {name} REFERENCES company_stages (id)"
    )


def upgrade() -> None:
    _be_brief()
    op.create_table(
        "company_stages",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("company_id", _ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_key", sa.String(length=60), nullable=False),
        sa.Column("stage", sa.Enum(*_STAGES, name="stage", native_enum=False, length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(_one_of("stage", _STAGES), name=op.f("ck_company_stages_stage")),
        sa.CheckConstraint("stage IN ('in_review', 'interview')", name=op.f("ck_company_stages_maps_onto")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_company_stages_company_id_companies"),
                                ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_stages")),
        sa.UniqueConstraint("company_id", "name_key", name=op.f("uq_company_stages_company_id_name_key")),
    )
    op.create_table(
        "application_notes",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("application_id", _ID, nullable=False),
        sa.Column("author_id", _ID, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"],
                                name=op.f("fk_application_notes_application_id_applications"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_application_notes_author_id_users"),
                                ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_notes")),
    )
    op.create_index(op.f("ix_application_notes_application_id"), "application_notes", ["application_id"])
    op.create_index(op.f("ix_application_notes_author_id"), "application_notes", ["author_id"])
    op.create_table(
        "application_ratings",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("application_id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_application_ratings_score")),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"],
                                name=op.f("fk_application_ratings_application_id_applications"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_application_ratings_user_id_users"),
                                ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_ratings")),
        sa.UniqueConstraint("application_id", "user_id",
                            name=op.f("uq_application_ratings_application_id_user_id")),
    )
    op.create_index(op.f("ix_application_ratings_user_id"), "application_ratings", ["user_id"])
    for table in ("applications", "application_events"):
        _refer_to_stages(table)
        op.create_index(op.f(f"ix_{table}_company_stage_id"), table, ["company_stage_id"])
    op.add_column("applications", sa.Column("rating", sa.Integer(), nullable=True))
    op.add_column("application_events", sa.Column("notify", sa.String(length=8), nullable=True))
    op.execute(_TOLD)


def downgrade() -> None:
    _be_brief()
    op.drop_column("application_events", "notify")
    op.drop_column("applications", "rating")
    for table in ("application_events", "applications"):
        op.drop_index(op.f(f"ix_{table}_company_stage_id"), table)
        op.drop_column(table, "company_stage_id")
    op.drop_table("application_ratings")
    op.drop_table("application_notes")
    op.drop_table("company_stages")

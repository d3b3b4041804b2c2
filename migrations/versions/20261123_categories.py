"""The usual fields of work, so that a new board takes postings at once

Policy. A migration works up and down on SQLite and on PostgreSQL, on a filled database, while the
release before it still runs: add first, move data in batches, take away one release later. No migration
imports the application: it must mean the same next year.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FIELDS = (
    ("software", "Software"),
    ("data", "Data and analytics"),
    ("it-security", "IT and cybersecurity"),
    ("engineering", "Engineering and architecture"),
    ("science", "Science and research"),
    ("design", "Design and creative"),
    ("product", "Product and projects"),
    ("marketing", "Marketing and communication"),
    ("media", "Media and writing"),
    ("sales", "Sales and business development"),
    ("customer-support", "Customer support"),
    ("finance", "Finance and accounting"),
    ("people", "People and recruiting"),
    ("legal", "Legal and compliance"),
    ("management", "Management and consulting"),
    ("operations", "Office and administration"),
    ("healthcare", "Health and care"),
    ("education", "Education and training"),
    ("public-sector", "Public sector, safety and social work"),
    ("logistics", "Logistics and transport"),
    ("manufacturing", "Manufacturing and production"),
    ("construction", "Construction and skilled trades"),
    ("hospitality", "Hospitality, food and tourism"),
    ("retail", "Retail"),
    ("other", "Other work"),
)


def upgrade() -> None:
    categories = sa.table("categories", sa.column("slug"), sa.column("name"), sa.column("position"))
    if op.get_bind().scalar(sa.select(sa.func.count()).select_from(categories)) == 0:
        rows = [{"slug": slug, "name": name, "position": place} for place, (slug, name) in enumerate(FIELDS)]
        op.bulk_insert(categories, rows)


def downgrade() -> None:
    """They stay: postings may stand under them."""

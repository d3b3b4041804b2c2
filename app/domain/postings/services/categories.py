"""The board's fields of work."""

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.domain.postings.models import Category
from app.domain.postings.taxonomy import CATEGORIES


def seed_categories(session: Session) -> None:
    """Give a board that has no fields of work yet the usual ones; a board that has some keeps its own."""
    if session.scalar(select(Category.id).limit(1)) is None:
        rows = [{"slug": slug, "name": name, "position": place} for place, (slug, name) in enumerate(CATEGORIES)]
        session.execute(insert(Category), rows)

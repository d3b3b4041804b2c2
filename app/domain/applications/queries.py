"""Reading applications."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.applications.models import Application, Stage


def applied_ids(session: Session, user_id: int, posting_ids: Sequence[int]) -> set[int]:
    """To which of these postings the person has applied, and not withdrawn."""
    return set(
        session.scalars(
            select(Application.posting_id).where(
                Application.user_id == user_id, Application.posting_id.in_(posting_ids),
                Application.stage != Stage.WITHDRAWN,
            )
        )
    )

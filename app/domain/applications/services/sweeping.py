"""Files that came with a form nobody ever sent whole."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.orm import Session

from app.core.db import Base
from app.domain.applications.models import StoredFile

KEPT_FOR_A_FORM = timedelta(days=1)
"""How long a file waits for the form it came with to be mended and sent."""


def unused_files(session: Session, now: datetime, limit: int) -> list[int]:
    """Ids of files, at most `limit`, that nothing refers to and whose form had its time."""
    query = select(StoredFile.id).where(StoredFile.created_at <= now - KEPT_FOR_A_FORM, _unused())
    return list(session.scalars(query.order_by(StoredFile.id).limit(limit)))


def forget_unused(session: Session, ids: list[int]) -> list[str]:
    """Delete those of these files that are still unused; answers the store's keys, to be deleted after the commit."""
    held = select(StoredFile.id).where(StoredFile.id.in_(ids)).order_by(StoredFile.id)
    mine = session.scalars(held.with_for_update(skip_locked=True)).all()
    gone = session.execute(
        delete(StoredFile).where(StoredFile.id.in_(mine), _unused()).returning(StoredFile.key)
        .execution_options(synchronize_session=False)
    )
    return [key for (key,) in gone]


def _unused() -> ColumnElement[bool]:
    """No row of any table refers to it."""
    columns = [
        key.parent for table in Base.metadata.sorted_tables for key in table.foreign_keys
        if key.column is StoredFile.__table__.c.id
    ]
    return and_(*(~select(1).where(column == StoredFile.id).correlate(StoredFile).exists() for column in columns))

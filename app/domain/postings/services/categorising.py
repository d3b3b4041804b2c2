"""An admin putting a posting into another field of work."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Invalid
from app.domain.audit import queries as audit
from app.domain.audit.services import record
from app.domain.postings.models import Posting
from app.domain.postings.queries import category_by_slug
from app.domain.postings.services.moving import check_version, touch


def set_category(session: Session, posting: Posting, slug: str, version: int, actor: Actor, now: datetime) -> Posting:
    """Put a posting into another field. There already, it stays.

    Raises Conflict (fresh: the posting) where `version` is stale, Invalid where there is no such field.
    """
    category = category_by_slug(session, slug)
    if category is None:
        raise Invalid("There is no such field of work.", {"category": "Choose a field of work from the list."})
    repeated = audit.repeats(session, ("posting", posting.id), "posting.category", actor)
    if posting.category_id == category.id and (repeated or posting.version == version):
        return posting
    check_version(posting, version)
    before = posting.category.slug if posting.category else None
    posting.category = category
    record(
        session, actor, "posting.category", ("posting", posting.id), now, before=before, after=category.slug
    )
    touch(session, posting, now)
    return posting

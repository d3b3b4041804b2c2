"""A posting as the admin's tables show it."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.postings import moderation
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.transitions import status_at


@dataclass(frozen=True, slots=True)
class Row:
    """A posting as the table shows it."""

    id: int
    title: str
    url: str
    company: str
    place: str
    status: PostingStatus
    frozen: bool
    featured: bool
    changed: datetime
    version: int
    acts: tuple[str, ...]
    category: str
    scheduled: datetime | None


def row_of(posting: Posting, now: datetime) -> Row:
    """The facts of one row."""
    return Row(
        id=posting.id, title=posting.title, url=f"/jobs/{posting.id}/{posting.slug}" if posting.slug else "",
        company=posting.company.name if posting.company else "Company not named", place=posting.place_label,
        status=status_at(posting, now), frozen=posting.frozen, featured=posting.featured,
        changed=posting.updated_at, version=posting.version, acts=moderation.offers(posting, now),
        category=posting.category.slug if posting.category else "",
        scheduled=posting.published_at if posting.published_at is not None and posting.published_at > now else None,
    )

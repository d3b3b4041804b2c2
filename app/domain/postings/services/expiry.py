"""What the clock does to postings, written down. Nothing public waits for it: the clock alone ends a posting."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, and_, cast, literal, select
from sqlalchemy.orm import Session

from app.core.actor import SYSTEM
from app.core.events import postings_changed
from app.domain.accounts.models import User
from app.domain.accounts.notices import Frequency, Notice, NoticeChoice
from app.domain.companies.models import Company, CompanyRole, Membership
from app.domain.companies.policies import GRANTS, Permission
from app.domain.mail.models import OutboxMail
from app.domain.mail.services import owe
from app.domain.postings.models import Posting, PostingStatus
from app.domain.postings.services.moving import move
from app.domain.postings.transitions import SHOWN, Mover

WARNED = (timedelta(days=7), timedelta(days=1))
"""How long before its end a posting's company is told."""
_DAY = timedelta(days=1)


def run_out(session: Session, now: datetime, limit: int) -> list[int]:
    """Ids of postings whose time is over and that do not say so yet, at most `limit`."""
    return list(
        session.scalars(
            select(Posting.id)
            .where(Posting.status.in_(SHOWN), Posting.expires_at <= now, Posting.ended_at.is_(None))
            .order_by(Posting.expires_at, Posting.id)
            .limit(limit)
        )
    )


def stamp_expired(session: Session, ids: Sequence[int], now: datetime) -> int:
    """Write down that these postings expired, at the instant at which they did; answers how many.

    Who is changed by somebody just now is left for the next time; saying it twice changes nothing.
    """
    postings = session.scalars(
        select(Posting)
        .where(Posting.id.in_(ids), Posting.status.in_(SHOWN), Posting.expires_at <= now)
        .order_by(Posting.id)
        .with_for_update(skip_locked=True, of=Posting)
    ).all()
    for posting in postings:
        move(session, posting, PostingStatus.EXPIRED, Mover.SYSTEM, SYSTEM, "", now, 1)
        posting.ended_at, posting.updated_at = posting.expires_at, now
    session.flush()
    if postings:
        postings_changed.send("postings", session=session, posting_ids=[one.id for one in postings], now=now)
    return len(postings)


def owe_warnings(session: Session, now: datetime, limit: int) -> int:
    """Owe everybody who may change a posting a mail 7 days and 1 day before its end, once each; answers how many.

    Not to those who turned this news off. Call it until it answers less than `limit`.
    """
    owed = 0
    for before in WARNED:
        key = _key(before.days)
        rows = session.execute(
            select(Posting.id, User.id, User.email, key)
            .join(Membership, Membership.company_id == Posting.company_id)
            .join(User, User.id == Membership.user_id)
            .join(Company, Company.id == Posting.company_id)
            .where(
                Posting.status.in_(SHOWN), Posting.frozen_at.is_(None),
                Posting.expires_at > now + before - _DAY, Posting.expires_at <= now + before,
                _may_change(), _wants(), Company.suspended_at.is_(None), User.suspended_at.is_(None),
                ~select(OutboxMail.id).where(OutboxMail.key == key).exists(),
            )
            .order_by(Posting.id, User.id)
            .limit(limit - owed)
        ).all()
        for posting_id, user_id, email, named in rows:
            owe(session, "posting-expiring", email, named, now, posting_id=posting_id, user_id=user_id)
        owed += len(rows)
    return owed


def _key(days: int) -> ColumnElement[str]:
    """`posting-expiring:<days>:<posting>:<user>`, made by the database."""
    return literal(f"posting-expiring:{days}:") + cast(Posting.id, String) + literal(":") + cast(User.id, String)


def _may_change() -> ColumnElement[bool]:
    roles = [role for role in CompanyRole if Permission.POSTINGS_POSTING_EDIT in GRANTS[role]]
    return and_(Membership.ended_at.is_(None), Membership.role.in_(roles))


def _wants() -> ColumnElement[bool]:
    off = select(NoticeChoice.user_id).where(
        NoticeChoice.notice == Notice.POSTING_EXPIRING, NoticeChoice.frequency == Frequency.OFF
    )
    return User.id.not_in(off)

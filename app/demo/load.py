"""Loads the demo board: everything, in one transaction, or nothing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.files import UploadStore
from app.demo import agencies, desk, market, story
from app.demo.maker import Maker
from app.demo.wording import employers
from app.domain.accounts import passwords
from app.domain.accounts.demo import ADMIN, EMPLOYER, PASSWORD, RECRUITER, RIVAL, SEEKER
from app.domain.accounts.queries import by_email
from app.domain.applications.models import Application
from app.domain.companies.models import Company, CompanyRole
from app.domain.mail.models import MailStatus, OutboxMail
from app.domain.postings.models import Category, CategorySlug, Posting, PostingStatus
from app.domain.postings.queries import live
from app.domain.postings.taxonomy import CATEGORIES

Track = Callable[[Sequence[Any], str], Iterable[Any]]
"""Goes through a sequence and shows how far it is; the second argument says what with."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the demo board holds."""

    companies: int
    live: int
    waiting: int
    applications: int


def is_loaded(session: Session) -> bool:
    """Whether the demo's people are there."""
    return by_email(session, SEEKER.email) is not None


def load(session: Session, store: UploadStore, now: datetime, posting_days: int, track: Track) -> Loaded:
    """Make the demo board as of `now`. Writes; the caller commits."""
    _categories(session)
    maker = Maker(session, now, posting_days, passwords.hashed(PASSWORD))
    admin_user = maker.user(ADMIN, is_admin=True)
    admin = Actor(admin_user.id, admin_user.name, admin_user.email, is_admin=True, how="session")
    known: dict[str, Company] = {}
    for row in track(agencies.rows(), "Federal postings (USAJOBS excerpt)"):
        agencies.write(maker, row, known)
    elsewhere = [market.write(maker, each, admin) for each in track(employers(maker.rng), "Invented employers")]
    for row in market.review_rows():
        market.write_review(maker, row)
    _people(maker, store, elsewhere)
    for ids in track(maker.batches(), "Search index"):
        maker.index(ids)
    maker.happen()
    session.flush()
    session.execute(
        update(OutboxMail).where(OutboxMail.due_at <= now).values(status=MailStatus.SENT, sent_at=OutboxMail.due_at)
    )
    return counted(session, now)


def counted(session: Session, now: datetime) -> Loaded:
    """What is on the board at `now`."""
    def number(query: Any) -> int:
        return int(session.scalar(query) or 0)

    return Loaded(
        companies=number(select(func.count(Company.id))),
        live=number(select(func.count(Posting.id)).where(live(now))),
        waiting=number(select(func.count(Posting.id)).where(Posting.status == PostingStatus.PENDING)),
        applications=number(select(func.count(Application.id))),
    )


def _categories(session: Session) -> None:
    known = {*session.scalars(select(Category.slug)), *session.scalars(select(CategorySlug.slug))}
    session.add_all(
        Category(slug=slug, name=name, position=position)
        for position, (slug, name) in enumerate(CATEGORIES)
        if slug not in known
    )
    session.flush()


def _people(maker: Maker, store: UploadStore, elsewhere: Sequence[Sequence[Posting]]) -> None:
    """The two companies of the story, the seeker, and what happens between them."""
    northwind = story.company(maker, "northwind", trusted=False)
    southgate = story.company(maker, "southgate", trusted=True)
    owner = maker.member(northwind, maker.user(EMPLOYER), CompanyRole.OWNER)
    recruiter = maker.member(northwind, maker.user(RECRUITER), CompanyRole.RECRUITER)
    rival = maker.member(southgate, maker.user(RIVAL), CompanyRole.OWNER)
    person = maker.user(SEEKER)
    seeker = Actor(person.id, person.name, person.email, how="session")
    here, there = story.Hiring(maker, store, (owner, recruiter)), story.Hiring(maker, store, (rival,))
    ours = story.publish_all(maker, northwind, "northwind", owner)
    theirs = story.publish_all(maker, southgate, "southgate", rival)
    story.hire(here, ours)
    story.hire(there, theirs)
    story.unfinished(here, northwind, owner)
    wanted = [ours[0][0], ours[3][0], ours[2][0], theirs[0][0], theirs[1][0]]
    story.seek((here, here, here, there, there), wanted, seeker)
    desk.looked_at(maker, [*ours, *theirs])
    desk.worked(maker, northwind, (owner, recruiter), ours[0][0])
    day_ago = maker.now - timedelta(days=1)
    older = [each for postings in elsewhere for each in postings if each.published_at and each.published_at < day_ago]
    desk.reported(maker, older[50::400])
    story.remember(maker, seeker, [postings[-1] for postings in elsewhere[::16]])

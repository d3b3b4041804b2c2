"""What came of a company's postings in a stretch of time: views, applications, how far people got, how fast they heard.

Whatever the applicants' desk shows as spam is left out.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import NamedTuple

from sqlalchemy import ColumnElement, String, and_, cast, func, select
from sqlalchemy.orm import Session

from app.domain.applications.models import Application, ApplicationEvent, Stage
from app.domain.postings.models import Posting, PostingViews

LADDER = (Stage.SUBMITTED, Stage.IN_REVIEW, Stage.INTERVIEW, Stage.OFFER, Stage.HIRED)
"""The steps towards a hire, in order."""
MOST_WAITS = 1000
"""So many of the latest applicants who heard are asked how long they waited."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """`number` spans of `step` days each, the last of them ending with `today` (UTC)."""

    today: date
    number: int
    step: int

    @property
    def first(self) -> date:
        return self.today - timedelta(days=self.number * self.step - 1)

    @property
    def began(self) -> datetime:
        return datetime.combine(self.first, datetime.min.time(), UTC)


class Span(NamedTuple):
    """`step` days from `first` on."""

    first: date
    views: int
    applications: int


class Step(NamedTuple):
    """How many of those who applied in the stretch got at least as far as `stage`."""

    stage: Stage
    people: int


class Looked(NamedTuple):
    """A posting, with what came of it in the stretch."""

    posting_id: int
    title: str
    views: int
    applications: int


def spans(session: Session, company_id: int, stretch: Stretch) -> list[Span]:
    """Views and applications, span by span, the oldest first; a span without any is there with zeros."""
    day = func.substr(cast(Application.submitted_at, String), 1, 10)
    seen = session.execute(
        select(PostingViews.day, func.sum(PostingViews.views))
        .join(Posting, Posting.id == PostingViews.posting_id)
        .where(Posting.company_id == company_id, PostingViews.day >= stretch.first)
        .group_by(PostingViews.day)
    ).all()
    sent = session.execute(
        select(day, func.count()).join(Application.posting).where(*_sent(company_id, stretch)).group_by(day)
    ).all()
    views, applications = [0] * stretch.number, [0] * stretch.number
    for when, number in seen:
        _count(views, when, number, stretch)
    for text, number in sent:
        _count(applications, date.fromisoformat(text), number, stretch)
    starts = (stretch.first + timedelta(days=at * stretch.step) for at in range(stretch.number))
    return [Span(*each) for each in zip(starts, views, applications, strict=True)]


def _count(into: list[int], day: date, number: int, stretch: Stretch) -> None:
    at = (day - stretch.first).days // stretch.step
    if at < stretch.number:  # a clock that was set back leaves days after today
        into[at] += number


def ladder(session: Session, company_id: int, stretch: Stretch) -> list[Step]:
    """How far those got who applied in the stretch: whose application ended counts for where they stood then."""
    ended = (
        select(ApplicationEvent.application_id, func.max(ApplicationEvent.id).label("event_id"))
        .join(Application, Application.id == ApplicationEvent.application_id)
        .join(Application.posting)
        .where(
            *_sent(company_id, stretch), Application.stage.not_in(LADDER),
            ApplicationEvent.before != ApplicationEvent.after,
        )
        .group_by(ApplicationEvent.application_id)
        .subquery()
    )
    rows = session.execute(
        select(Application.stage, ApplicationEvent.before, func.count())
        .join(Application.posting)
        .outerjoin(ended, ended.c.application_id == Application.id)
        .outerjoin(ApplicationEvent, ApplicationEvent.id == ended.c.event_id)
        .where(*_sent(company_id, stretch))
        .group_by(Application.stage, ApplicationEvent.before)
    )
    reached = [0] * len(LADDER)
    for stage, before, number in rows:
        stood = stage if stage in LADDER else before
        for at in range(LADDER.index(stood) + 1 if stood in LADDER else 1):
            reached[at] += number
    return [Step(*each) for each in zip(LADDER, reached, strict=True)]


def usual_wait(session: Session, company_id: int, stretch: Stretch) -> timedelta | None:
    """How long half of those who applied in the stretch and heard had waited at the most; None where nobody heard.

    Hearing is the first step that was not the applicant's own. Of more than `MOST_WAITS` the latest are asked.
    """
    own = (Stage.WITHDRAWN, Stage.DECLINED)
    heard = func.min(ApplicationEvent.at)
    rows = session.execute(
        select(Application.submitted_at, heard)
        .join(Application.posting)
        .join(ApplicationEvent, and_(
            ApplicationEvent.application_id == Application.id, ApplicationEvent.before != ApplicationEvent.after,
            ApplicationEvent.after.not_in(own),
        ))
        .where(*_sent(company_id, stretch))
        .group_by(Application.id)
        .order_by(Application.id.desc())
        .limit(MOST_WAITS)
    ).all()
    return timedelta(seconds=median((at - sent).total_seconds() for sent, at in rows)) if rows else None


def most_looked_at(session: Session, company_id: int, stretch: Stretch, limit: int) -> list[Looked]:
    """The postings with the most views in the stretch, at most `limit`."""
    views = func.sum(PostingViews.views)
    applications = (
        select(func.count())
        .select_from(Application)
        .where(Application.posting_id == Posting.id, *_counted(stretch))
        .correlate(Posting)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Posting.id, Posting.title, views, applications)
        .join(PostingViews, PostingViews.posting_id == Posting.id)
        .where(Posting.company_id == company_id, PostingViews.day >= stretch.first)
        .group_by(Posting.id, Posting.title)
        .order_by(views.desc(), Posting.id.desc())
        .limit(limit)
    )
    return [Looked(*row) for row in rows]


def _sent(company_id: int, stretch: Stretch) -> tuple[ColumnElement[bool], ...]:
    return Posting.company_id == company_id, *_counted(stretch)


def _counted(stretch: Stretch) -> tuple[ColumnElement[bool], ...]:
    return Application.submitted_at >= stretch.began, Application.stage != Stage.SPAM

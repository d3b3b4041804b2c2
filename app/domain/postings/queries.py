"""Reading postings. `live` is the one liveness predicate; every door asks it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from app.core.actor import Actor
from app.core.db import lock_rows
from app.core.errors import Gone, NotFound
from app.core.money import Period
from app.domain.companies.models import Company
from app.domain.companies.policies import Permission, require
from app.domain.postings.models import (
    WORLDWIDE,
    Category,
    CategorySlug,
    EmploymentType,
    Experience,
    Place,
    Posting,
    PostingCountry,
    PostingPlace,
    PostingStatus,
    Workplace,
)
from app.domain.postings.transitions import TIMED


def live(now: datetime) -> ColumnElement[bool]:
    """What counts as live at `now`: published, begun, not ended, not frozen, company not suspended."""
    return and_(lasting(now), Posting.published_at <= now)


def lasting(now: datetime) -> ColumnElement[bool]:
    """What is live at `now` or becomes so by time alone."""
    suspended = select(Company.id).where(Company.suspended_at.is_not(None))
    return and_(
        Posting.status == PostingStatus.PUBLISHED,
        Posting.expires_at > now,
        Posting.frozen_at.is_(None),
        or_(Posting.company_id.is_(None), Posting.company_id.not_in(suspended)),
    )


def in_state(status: PostingStatus, now: datetime) -> ColumnElement[bool]:
    """Postings whose state at `now` is this one: the clock ends some, whether or not that was written down."""
    over = and_(Posting.status.in_(TIMED), Posting.expires_at <= now)
    if status is PostingStatus.EXPIRED:
        return or_(Posting.status == status, over)
    lasting = or_(Posting.expires_at.is_(None), Posting.expires_at > now)
    return and_(Posting.status == status, lasting) if status in TIMED else and_(Posting.status == status)


def is_live(session: Session, posting: Posting, now: datetime) -> bool:
    """Whether this posting is live at `now`."""
    return session.scalar(select(Posting.id).where(Posting.id == posting.id, live(now))) is not None


def by_id(session: Session, posting_id: int) -> Posting:
    """Any posting with its places and company, for those who may see it. Raises NotFound."""
    posting = session.scalar(
        select(Posting)
        .where(Posting.id == posting_id)
        .options(
            joinedload(Posting.company),
            joinedload(Posting.category),
            selectinload(Posting.places).joinedload(PostingPlace.place),
            selectinload(Posting.countries),
            selectinload(Posting.questions),
        )
    )
    if posting is None:
        raise NotFound
    return posting


def once_public(session: Session, posting_id: int, now: datetime) -> Posting:
    """A posting that was or is public; whether it is live is another question. Raises NotFound otherwise."""
    posting = by_id(session, posting_id)
    if posting.published_at is None or posting.published_at > now:
        raise NotFound
    return posting


def still_live(session: Session, posting_id: int, now: datetime) -> Posting:
    """A live posting. Raises NotFound where it never was public, Gone where it is not live any more."""
    posting = once_public(session, posting_id, now)
    if not is_live(session, posting, now):
        raise Gone("This job is not on the board any more.")
    return posting


def for_member(
    session: Session, posting_id: int, actor: Actor, permission: Permission, *, lock: bool = False
) -> Posting:
    """A posting of a company the actor belongs to. Raises NotFound to strangers, Forbidden without the right."""
    if lock:
        lock_rows(session, select(Posting.id).where(Posting.id == posting_id))
    posting = by_id(session, posting_id)
    require(actor, permission, posting.company_id)
    return posting


def of_company(
    session: Session, company_id: int, before_id: int | None, limit: int, status: PostingStatus | None = None
) -> list[Posting]:
    """A company's postings without their texts, newest first, at most `limit` + 1, behind the id `before_id`."""
    query = (
        select(Posting)
        .where(Posting.company_id == company_id)
        .options(
            defer(Posting.description_md), defer(Posting.description_html), defer(Posting.description_text),
            joinedload(Posting.company),
        )
        .order_by(Posting.id.desc())
        .limit(limit + 1)
    )
    if before_id is not None:
        query = query.where(Posting.id < before_id)
    if status is not None:
        query = query.where(Posting.status == status)
    return list(session.scalars(query))


def _documents() -> Select[Posting]:
    """Postings with all that machines are told of them."""
    return select(Posting).options(
        defer(Posting.description_md), defer(Posting.description_text), joinedload(Posting.company),
        joinedload(Posting.category), selectinload(Posting.places).joinedload(PostingPlace.place),
        selectinload(Posting.countries),
    )  # fmt: skip


def told(session: Session, posting_ids: Collection[int]) -> dict[int, Posting]:
    """These postings with all that machines are told of them, by id."""
    found = session.scalars(_documents().where(Posting.id.in_(posting_ids))) if posting_ids else ()
    return {posting.id: posting for posting in found}


Columns = Select[*tuple[Any, ...]]


class Page(NamedTuple):
    """What a posting's address is made of, and when what it leads to last changed."""

    id: int
    slug: str
    updated_at: datetime


class Sent(NamedTuple):
    """What is sent of a posting to those who take the whole board: plain columns, for a million rows cost little so."""

    id: int
    slug: str
    title: str
    description_html: str
    published_at: datetime
    expires_at: datetime | None
    source_id: str | None
    type: EmploymentType | None
    workplace: Workplace
    experience: Experience | None
    salary_min: int | None
    salary_max: int | None
    salary_currency: str | None
    salary_period: Period | None
    company: str | None
    category: str | None
    city: str | None
    region: str | None
    country: str | None


def live_behind(session: Session, after_id: int, limit: int, now: datetime) -> list[Sent]:
    """The next live postings in the order of their ids, each with its first place, or a country where it names none."""
    first = select(PostingPlace.place_id).where(PostingPlace.posting_id == Posting.id)
    first = first.order_by(PostingPlace.position, PostingPlace.place_id).limit(1)
    listed = select(func.min(PostingCountry.country)).where(
        PostingCountry.posting_id == Posting.id, PostingCountry.country != WORLDWIDE
    )
    query = (
        select(
            *(getattr(Posting, name) for name in Sent._fields[:14]), Company.name, Category.name, Place.city,
            Place.region, func.coalesce(Place.country, listed.scalar_subquery()),
        )
        .outerjoin(Company, Posting.company_id == Company.id)
        .outerjoin(Category, Posting.category_id == Category.id)
        .outerjoin(Place, Place.id == first.scalar_subquery())
    )  # fmt: skip
    return [Sent._make(row) for row in session.execute(_behind(query, after_id, limit, now))]


def live_pages(session: Session, after_id: int, limit: int, now: datetime, until_id: int) -> list[Page]:
    """The next live postings' addresses in the order of their ids, up to `until_id`."""
    query = select(Posting.id, Posting.slug, Posting.updated_at).where(Posting.id <= until_id)
    return [Page._make(row) for row in session.execute(_behind(query, after_id, limit, now))]


def _behind(query: Columns, after_id: int, limit: int, now: datetime) -> Columns:
    return query.where(live(now), Posting.id > after_id).order_by(Posting.id).limit(limit)


def live_ranges(session: Session, size: int, now: datetime) -> list[tuple[int, datetime]]:
    """Ranges of `size` ids that hold live postings (0 is that from 1 on), and when one of these last changed."""
    part = ((Posting.id - 1) // literal_column(str(size), Integer)).label("part")
    rows = select(part, func.max(Posting.updated_at)).where(live(now)).group_by(part).order_by(part)
    return [(number, updated) for number, updated in session.execute(rows)]


def hiring(session: Session, now: datetime, limit: int) -> list[str]:
    """Addresses of companies with live postings, at most `limit`."""
    has_some = select(Posting.company_id).where(live(now))
    query = select(Company.slug).where(Company.id.in_(has_some)).order_by(Company.id).limit(limit)
    return list(session.scalars(query))


def counts_of_company(session: Session, company_id: int) -> dict[PostingStatus, int]:
    """How many postings a company has in each stored state."""
    rows = session.execute(
        select(Posting.status, func.count()).where(Posting.company_id == company_id).group_by(Posting.status)
    )
    return {row[0]: row[1] for row in rows}


def live_counts(session: Session, company_ids: Collection[int], now: datetime) -> dict[int, int]:
    """How many live postings each of these companies has; none where it has none."""
    if not company_ids:
        return {}
    rows = session.execute(
        select(Posting.company_id, func.count())
        .where(Posting.company_id.in_(company_ids), live(now))
        .group_by(Posting.company_id)
    )
    return {company_id: number for company_id, number in rows if company_id is not None}


def all_ids(session: Session) -> list[int]:
    """The id of every posting there is, whatever its state; for work on the whole board."""
    return list(session.scalars(select(Posting.id).order_by(Posting.id)))


def categories(session: Session, *, archived: bool = False) -> list[Category]:
    """The fields of work one may choose, in the board's order; with `archived` the others too."""
    query = select(Category).order_by(Category.position, Category.id)
    return list(session.scalars(query if archived else query.where(Category.archived_at.is_(None))))


def category_sizes(session: Session) -> dict[int, int]:
    """How many postings, of any state, each field of work holds; none where it holds none."""
    query = select(Posting.category_id, func.count()).where(Posting.category_id.is_not(None))
    return {id_: number for id_, number in session.execute(query.group_by(Posting.category_id)) if id_ is not None}


def former_slugs(session: Session, slugs: Collection[str]) -> dict[str, str]:
    """The present addresses of the fields of work that had these before."""
    query = select(CategorySlug.slug, Category.slug).join(Category, Category.id == CategorySlug.category_id)
    return dict(session.execute(query.where(CategorySlug.slug.in_(slugs))).all())


def category_by_id(session: Session, category_id: int) -> Category:
    """Any field of work. Raises NotFound."""
    category = session.get(Category, category_id)
    if category is None:
        raise NotFound
    return category


def category_by_slug(session: Session, slug: str) -> Category | None:
    """A field of work that may be chosen, by its address or a former one."""
    present = former_slugs(session, [slug]).get(slug, slug)
    return session.scalar(select(Category).where(Category.slug == present, Category.archived_at.is_(None)))


class TypicalPay(NamedTuple):
    """The middle half of what live jobs of one kind pay, in minor units a year, and how many there are."""

    low: int
    high: int
    number: int


def typical_pay(
    session: Session, category_slug: str, currency: str, now: datetime, fewest: int = 5
) -> TypicalPay | None:
    """What live jobs of a field of work pay in this currency; None where fewer than `fewest` say so."""
    quarter = func.ntile(4).over(order_by=Posting.salary_year_max)
    known = (
        select(
            func.coalesce(Posting.salary_year_min, Posting.salary_year_max).label("low"),
            Posting.salary_year_max.label("high"), quarter.label("quarter"), func.count().over().label("number"),
        )
        .join(Posting.category)
        .where(
            live(now), Category.slug == category_slug, Posting.salary_currency == currency,
            Posting.salary_year_max.is_not(None),
        )
        .subquery()
    )
    low, high, number = session.execute(
        select(func.min(known.c.low), func.max(known.c.high), func.max(known.c.number)).where(
            known.c.quarter.in_((2, 3))
        )
    ).one()
    return TypicalPay(low, high, number) if number is not None and number >= fewest else None

"""A board in the plain idiom of Flask and SQLAlchemy's ORM: LIKE, OFFSET, COUNT, and a GROUP BY for each facet."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from flask import Flask, render_template, request
from sqlalchemy import (
    ColumnElement,
    DateTime,
    ForeignKey,
    String,
    Text,
    case,
    create_engine,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    joinedload,
    mapped_column,
    relationship,
    scoped_session,
    sessionmaker,
)

from bench.peers.jobs import AGES, ON_A_PAGE, STEPS, TOP, Asked, Job

SMALL = ("category", "type", "workplace", "experience", "country")


class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True)}  # noqa: RUF012  SQLAlchemy's own idiom


class NaiveCompany(Base):
    __tablename__ = "naive_companies"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), index=True)
    name: Mapped[str] = mapped_column(String(200))


class NaiveJob(Base):
    __tablename__ = "naive_jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200), index=True)
    description: Mapped[str] = mapped_column(Text)
    company_id: Mapped[int | None] = mapped_column(ForeignKey("naive_companies.id"), index=True)
    category: Mapped[str] = mapped_column(String(60), index=True)
    city: Mapped[str] = mapped_column(String(120), index=True)
    place: Mapped[str] = mapped_column(String(200))
    country: Mapped[str] = mapped_column(String(2), index=True)
    type: Mapped[str] = mapped_column(String(20), index=True)
    workplace: Mapped[str] = mapped_column(String(20), index=True)
    experience: Mapped[str] = mapped_column(String(20), index=True)
    pay: Mapped[int | None] = mapped_column(index=True)
    currency: Mapped[str] = mapped_column(String(3))
    posted_at: Mapped[datetime] = mapped_column(index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    company: Mapped[NaiveCompany | None] = relationship()


def fill(url: str, jobs: Iterable[Job]) -> None:
    """Make the tables and put the jobs in."""
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    companies: dict[str, int] = {}
    waiting = iter(jobs)
    with engine.begin() as wire:
        while batch := list(islice(waiting, 2_000)):
            fresh = {job.company_slug: job.company for job in batch if job.company_slug not in companies}
            fresh.pop("", None)
            rows = [{"id": len(companies) + n, "slug": slug, "name": name}
                    for n, (slug, name) in enumerate(fresh.items(), 1)]  # fmt: skip
            if rows:
                wire.execute(insert(NaiveCompany), rows)
                companies |= {str(row["slug"]): int(str(row["id"])) for row in rows}
            wire.execute(insert(NaiveJob), [_row(job, companies.get(job.company_slug)) for job in batch])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as wire:
        wire.exec_driver_sql("ANALYZE")
    engine.dispose()


def _row(job: Job, company_id: int | None) -> dict[str, Any]:
    facts = job._asdict()
    del facts["company"], facts["company_slug"]
    return facts | {"company_id": company_id}


def application(url: str, now: Callable[[], datetime]) -> Flask:
    """The board on a filled database."""
    app = Flask(__name__, template_folder=str(Path(__file__).parent / "templates"))
    engine = create_engine(url)
    session = scoped_session(sessionmaker(engine))
    on_sqlite = engine.dialect.name == "sqlite"

    @app.teardown_appcontext
    def _leave(error: BaseException | None) -> None:
        session.remove()

    @app.get("/jobs")
    def listing() -> str:
        asked = Asked(request.args.to_dict(flat=False), _moment(now(), on_sqlite))
        found = asking(select(NaiveJob), asked)
        total = session.scalar(asking(select(func.count()).select_from(NaiveJob), asked)) or 0
        jobs = session.scalars(
            found.options(joinedload(NaiveJob.company))
            .order_by(NaiveJob.posted_at.desc(), NaiveJob.id.desc())
            .offset((asked.page - 1) * ON_A_PAGE)
            .limit(ON_A_PAGE)
        ).all()
        facets = {name: list(map(tuple, session.execute(query))) for name, query in counted(asked).items()}
        return render_template("jobs.html", jobs=jobs, total=total, facets=facets, asked=asked, args=request.args)

    return app


def _moment(now: datetime, on_sqlite: bool) -> datetime:
    return now.astimezone(UTC).replace(tzinfo=None) if on_sqlite else now


def asking(query: Any, asked: Asked, but: str = "") -> Any:
    """The query with the listing's filters, without that of one facet."""
    query = query.where(NaiveJob.expires_at > asked.now)
    for word in asked.words:
        like = f"%{word}%"
        query = query.where(or_(NaiveJob.title.ilike(like), NaiveJob.description.ilike(like)))
    for name, values in asked.chosen.items():
        if name != but:
            query = query.where(getattr(NaiveJob, name).in_(values))
    if asked.companies and but != "company":
        query = query.where(NaiveJob.company.has(NaiveCompany.slug.in_(asked.companies)))
    if asked.city and but != "city":
        query = query.where(NaiveJob.city == asked.city)
    if asked.least_pay and but != "pay":
        query = query.where(NaiveJob.currency == asked.currency, NaiveJob.pay >= asked.least_pay)
    if asked.since and but != "age":
        query = query.where(NaiveJob.posted_at >= asked.since)
    return query


def counted(asked: Asked) -> dict[str, Any]:
    """A statement a facet."""
    number = func.count()
    top = {name: getattr(NaiveJob, name) for name in (*SMALL, "city")}
    queries = {
        name: asking(select(column, number), asked, name).group_by(column).order_by(number.desc()).limit(
            TOP if name in ("city", "country") else None
        )
        for name, column in top.items()
    }
    named = asking(select(NaiveCompany.name, number).join(NaiveJob, NaiveJob.company_id == NaiveCompany.id),
                   asked, "company")  # fmt: skip
    queries["company"] = named.group_by(NaiveCompany.id, NaiveCompany.name).order_by(number.desc()).limit(TOP)
    queries["pay"] = _bucketed("pay", asked, [(NaiveJob.pay >= step, step) for step in reversed(STEPS)])
    queries["pay"] = queries["pay"].where(NaiveJob.currency == asked.currency)
    spans = [(NaiveJob.posted_at >= asked.now - timedelta(days=days), days) for days in AGES]
    queries["age"] = _bucketed("age", asked, spans)
    return queries


def _bucketed(name: str, asked: Asked, steps: list[tuple[ColumnElement[bool], int]]) -> Any:
    bucket = case(*steps, else_=0).label("bucket")
    return asking(select(bucket, func.count()), asked, name).group_by(bucket)

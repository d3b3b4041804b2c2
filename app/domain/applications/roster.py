"""The employer's list of applicants: one filter for board, table and export, and the rows it finds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select, tuple_
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.db import BigId, UTCDateTime
from app.domain.applications.models import (
    Application,
    ApplicationEvent,
    CompanyStage,
    Notify,
    Stage,
    StoredFile,
)
from app.domain.applications.transitions import UNDO_FOR

SORTS = {"moved": "Last moved", "newest": "Newest", "name": "Name", "rating": "Best rated", "stage": "Stage"}
ANSWERS = {"no": "Not answered", "yes": "Answered"}
RATINGS = {"4": "4 and better", "3": "3 and better", "2": "2 and better", "none": "Not rated"}
_MOST_WORDS, _LONGEST = 8, 200


@dataclass(frozen=True, slots=True)
class ApplicantFilter:
    """Which applicants of a posting, in which order. Board, table, export and an opened applicant share it."""

    view: str = "board"
    q: str = ""
    stage: Stage | None = None
    rating: str = ""
    answered: str = ""
    sort: str = "moved"
    problems: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def arguments(self) -> dict[str, str]:
        """The query that asks for exactly this, without what is the default."""
        given = {
            "view": "table" if self.view == "table" else "", "q": self.q, "stage": self.stage or "",
            "rating": self.rating, "answered": self.answered, "sort": self.sort if self.sort != "moved" else "",
        }
        return {name: str(value) for name, value in given.items() if value}

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.q or self.stage or self.rating or self.answered)

    def but(self, **changes: Any) -> "ApplicantFilter":
        """The same with something changed."""
        return replace(self, **changes)


def parse(arguments: Mapping[str, str]) -> ApplicantFilter:
    """The filter a query asks for; what it cannot mean is told in `problems` and left out."""
    problems: dict[str, str] = {}

    def one_of(name: str, choices: Any, default: str = "") -> str:
        value = arguments.get(name, "").strip()
        if not value or value in choices:
            return value or default
        problems[name] = "There is no such choice; it was left out."
        return default

    stage = one_of("stage", [each.value for each in Stage])
    q = " ".join(arguments.get("q", "").split())
    if len(q) > _LONGEST:
        problems["q"], q = f"Only the first {_LONGEST} characters were looked for.", q[:_LONGEST]
    return ApplicantFilter(
        view=one_of("view", ("board", "table"), "board"), q=q, stage=Stage(stage) if stage else None,
        rating=one_of("rating", RATINGS), answered=one_of("answered", ANSWERS), sort=one_of("sort", SORTS, "moved"),
        problems=problems,
    )


@dataclass(frozen=True, slots=True)
class ApplicantCard:
    """An application as a board or table shows it. `key` is what its place in the order is told by."""

    id: int
    posting_id: int
    name: str
    email: str
    stage: Stage
    submitted_at: datetime
    moved_at: datetime
    version: int
    rating: int | None
    company_stage_id: int | None
    file_id: str | None
    """Opaque id of the résumé."""
    key: Any = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the board: a fixed stage, or a stage of the company's own within it."""

    stage: Stage
    own_id: int | None = None
    name: str = ""
    archived: bool = False

    @property
    def slug(self) -> str:
        """Its name in addresses and ids."""
        return f"{self.stage.value}-{self.own_id}" if self.own_id else self.stage.value


_ROW = (
    Application.id, Application.posting_id, Application.name, Application.email, Application.stage,
    Application.submitted_at, Application.moved_at, Application.version, Application.rating,
    Application.company_stage_id, StoredFile.public_id,
)
_RANK = case({stage.value: number for number, stage in enumerate(Stage)}, value=Application.stage)
_BY: dict[str, tuple[ColumnElement[Any], Any, bool]] = {
    "moved": (Application.moved_at.expression, UTCDateTime(), True),
    "newest": (Application.submitted_at.expression, UTCDateTime(), True),
    "name": (func.lower(Application.name), None, False),
    "rating": (func.coalesce(Application.rating, 0), None, True),
    "stage": (_RANK, None, False),
}
"""Sort → (what it goes by, the type of its value where the database has it otherwise, downwards)."""


def _order(sort: str) -> tuple[Any, Any]:
    by, _, down = _BY[sort]
    return (by.desc(), Application.id.desc()) if down else (by.asc(), Application.id.asc())


def _matching(chosen: ApplicantFilter) -> list[ColumnElement[bool]]:
    """The conditions of a filter but its stage."""
    found: list[ColumnElement[bool]] = []
    for word in chosen.q.split()[:_MOST_WORDS]:
        found.append(
            or_(
                Application.name.icontains(word, autoescape=True), Application.email.icontains(word, autoescape=True),
                Application.cover_letter.icontains(word, autoescape=True),
            )
        )
    if chosen.rating == "none":
        found.append(Application.rating.is_(None))
    elif chosen.rating:
        found.append(Application.rating >= 100 * int(chosen.rating))
    if chosen.answered:
        told = (
            select(ApplicationEvent.id)
            .where(
                ApplicationEvent.application_id == Application.id,
                ApplicationEvent.notify.in_((Notify.NOW, Notify.LATER)),
            )
            .exists()
        )
        found.append(told if chosen.answered == "yes" else ~told)
    return found


def _rows(posting_id: int, chosen: ApplicantFilter) -> Any:
    by = _BY[chosen.sort][0]
    query = (
        select(*_ROW, by.label("key"))
        .outerjoin(StoredFile, StoredFile.id == Application.resume_id)
        .where(Application.posting_id == posting_id, *_matching(chosen))
        .order_by(*_order(chosen.sort))
    )
    return query if chosen.stage is None else query.where(Application.stage == chosen.stage)


def _beyond(chosen: ApplicantFilter, key: Any, application_id: int, *, back: bool = False) -> ColumnElement[bool]:
    by, kind, down = _BY[chosen.sort]
    here = tuple_(by, Application.id)
    there = tuple_(key, application_id, types=(kind or by.type, BigId))
    return here < there if down is not back else here > there


def thawed(sort: str, key: Any) -> Any:
    """A key as a cursor carries it, back as the database knows it."""
    return datetime.fromisoformat(key) if _BY[sort][1] is not None else key


def frozen(key: Any) -> Any:
    """A card's key as a cursor can carry it."""
    return key.isoformat() if isinstance(key, datetime) else key


def page(
    session: Session, posting_id: int, chosen: ApplicantFilter, after: tuple[Any, int] | None, limit: int,
    column: Column | None = None,
) -> list[ApplicantCard]:
    """Applicants in the filter's order, of one column or all, at most `limit` + 1."""
    query = _rows(posting_id, chosen).limit(limit + 1)
    if column is not None:
        query = query.where(Application.stage == column.stage, Application.company_stage_id == column.own_id)
    if after is not None:
        query = query.where(_beyond(chosen, *after))
    return [ApplicantCard(*row) for row in session.execute(query)]


def board(
    session: Session, posting_id: int, chosen: ApplicantFilter, each: int
) -> dict[tuple[Stage, int | None], list[ApplicantCard]]:
    """The first cards of every column, at most `each` + 1 of one, in one query."""
    rank = func.row_number().over(
        partition_by=(Application.stage, Application.company_stage_id), order_by=_order(chosen.sort)
    )
    ranked = (
        select(Application.id, rank.label("rank"))
        .where(Application.posting_id == posting_id, *_matching(chosen))
        .subquery()
    )
    query = _rows(posting_id, chosen).join(ranked, ranked.c.id == Application.id).where(ranked.c.rank <= each + 1)
    columns: dict[tuple[Stage, int | None], list[ApplicantCard]] = {}
    for row in session.execute(query):
        card = ApplicantCard(*row)
        columns.setdefault((card.stage, card.company_stage_id), []).append(card)
    return columns


def counts(session: Session, posting_id: int, chosen: ApplicantFilter) -> dict[tuple[Stage, int | None], int]:
    """How many the filter, whatever stage it chooses, finds in each column that has any."""
    rows = session.execute(
        select(Application.stage, Application.company_stage_id, func.count())
        .where(Application.posting_id == posting_id, *_matching(chosen))
        .group_by(Application.stage, Application.company_stage_id)
    )
    return {(stage, own): number for stage, own, number in rows}


def neighbours(
    session: Session, application: Application, chosen: ApplicantFilter
) -> tuple[int | None, int | None]:
    """The applicants before and after this one in the filter's order."""
    by = _BY[chosen.sort][0]
    key = session.scalar(select(by).where(Application.id == application.id))
    found = []
    for back in (True, False):
        order = _order(chosen.sort) if not back else tuple(
            part.element.asc() if _BY[chosen.sort][2] else part.element.desc() for part in _order(chosen.sort)
        )
        query = select(Application.id).where(
            Application.posting_id == application.posting_id, *_matching(chosen),
            _beyond(chosen, key, application.id, back=back),
        )
        if chosen.stage is not None:
            query = query.where(Application.stage == chosen.stage)
        found.append(session.scalar(query.order_by(*order).limit(1)))
    return found[0], found[1]


def exported(session: Session, posting_id: int, chosen: ApplicantFilter, each: int) -> Iterator[ApplicantCard]:
    """Every applicant the filter finds, in its order, fetched a page at a time."""
    after: tuple[Any, int] | None = None
    while True:
        found = page(session, posting_id, chosen, after, each)
        yield from found[:each]
        if len(found) <= each:
            return
        after = (found[each - 1].key, found[each - 1].id)


def own_stages(session: Session, company_id: int | None) -> list[CompanyStage]:
    """A company's own stages in their order, archived ones too."""
    if company_id is None:
        return []
    return list(
        session.scalars(
            select(CompanyStage)
            .where(CompanyStage.company_id == company_id)
            .order_by(CompanyStage.stage, CompanyStage.position, CompanyStage.id)
            .limit(200)
        )
    )


def columns(stages: list[CompanyStage]) -> list[Column]:
    """The board's columns: each fixed stage, behind it the company's own within it."""
    found: list[Column] = []
    for stage in Stage:
        found.append(Column(stage))
        found += [Column(stage, own.id, own.name, own.archived_at is not None) for own in stages if own.stage is stage]
    return found


def card_of(application: Application) -> ApplicantCard:
    """The card of a loaded application."""
    return ApplicantCard(
        application.id, application.posting_id, application.name, application.email, application.stage,
        application.submitted_at, application.moved_at, application.version, application.rating,
        application.company_stage_id, application.resume.public_id if application.resume else None,
    )


def just_moved(session: Session, posting_id: int, actor: Actor, now: datetime) -> list[tuple[int, int]]:
    """(id, version) of the applicants whose last step is the actor's own of the last ten seconds."""
    newest = (
        select(func.max(ApplicationEvent.id))
        .where(ApplicationEvent.application_id == Application.id)
        .correlate(Application)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Application.id, Application.version)
        .join(ApplicationEvent, ApplicationEvent.application_id == Application.id)
        .where(
            Application.posting_id == posting_id, Application.moved_at >= now - UNDO_FOR,
            ApplicationEvent.id == newest, ApplicationEvent.actor_id == actor.user_id,
            ApplicationEvent.before.is_not(None),
        )
        .order_by(Application.id)
        .limit(200)
    )
    return [(row[0], row[1]) for row in rows]

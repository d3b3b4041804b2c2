"""What may be asked for: the documents of REST, with what leads from one to another."""

import enum
from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

import strawberry
from pydantic import BaseModel
from strawberry.experimental import pydantic

from app.core.money import Period
from app.domain.applications.models import Notify, Stage
from app.domain.postings.models import EmploymentType, Experience, PostingStatus, QuestionKind, Workplace
from app.web.api.graphql.loading import Info
from app.web.api.schemas import applications, postings, shapes

for known in (EmploymentType, Experience, Notify, Period, PostingStatus, QuestionKind, Stage, Workplace):
    strawberry.enum(known, graphql_name_from="value")

Row = TypeVar("Row")


def told(shape: type[BaseModel], name: str | None = None) -> Callable[[type], type]:
    """A type with all fields of a document of REST, described as it is."""

    def declare(kind: type) -> type:
        return pydantic.type(model=shape, all_fields=True, name=name, description=kind.__doc__)(kind)

    return declare


@strawberry.enum(graphql_name_from="value")
class PostingSort(enum.StrEnum):
    """The order of a listing; left out, relevance where words are given, else newest."""

    NEWEST = "newest"
    RELEVANCE = "relevance"
    SALARY = "salary"


@strawberry.type
class PageInfo:
    """Whether and where a list goes on."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Edge(Generic[Row]):
    """A row, and what leads to those behind it."""

    cursor: str
    node: Row


@strawberry.type
class Connection(Generic[Row]):
    """A page of a list."""

    edges: list[Edge[Row]]
    page_info: PageInfo


@told(postings.Place)
class Place:
    """Where work is done; coordinates in degrees (WGS 84)."""


@told(postings.Salary)
class Salary:
    """Pay as it is stated, and what it comes to in a year."""


@told(postings.Option)
class Option:
    """A value of a filter; `count` is the total that choosing it alone under its argument would give."""


@strawberry.type
class Facet:
    """A filter's options, each counted without it."""

    argument: str
    options: list[Option]


@told(shapes.Named, "Company")
class Company:
    """An employer as everybody may read it; null where it is not on the board any more."""

    @strawberry.field
    async def website(self, info: Info) -> str | None:
        return cast(str | None, await _of_company(self, info, "website"))

    @strawberry.field
    async def description_html(self, info: Info) -> str | None:
        return cast(str | None, await _of_company(self, info, "description_html"))

    @strawberry.field
    async def url(self, info: Info) -> str | None:
        return cast(str | None, await _of_company(self, info, "url"))

    @strawberry.field(description="Its live postings.")
    async def count(self, info: Info) -> int:
        company_id = await _of_company(self, info, "id")
        return int(await info.context.live_numbers.load(company_id)) if company_id else 0


async def _of_company(named: Any, info: Info, fact: str) -> Any:
    found = await info.context.companies.load(named.slug)
    return found[fact] if found else None


@told(shapes.Named, "Category")
class Category:
    """A field of work."""

    @strawberry.field(description="Its live postings.")
    def count(self, info: Info) -> int:
        return info.context.by_field.get(cast(Any, self).slug, 0)


@told(postings.Posting)
class Posting:
    """A job as everybody may read it."""

    id: strawberry.ID
    company: Company | None
    category: Category | None


@strawberry.type
class PostingConnection(Connection[Posting]):
    """A page of a listing."""

    total_count: int
    facets: list[Facet]


async def _live(info: Info, posting_id: int) -> Any:
    found = await info.context.postings.load(posting_id)
    return postings.Posting.model_validate(found) if found else None


@told(applications.Milestone)
class Milestone:
    """A step as its applicant is told of it."""


@told(applications.Own, "OwnApplication")
class OwnApplication:
    """An application as its applicant may know it."""

    id: strawberry.ID
    posting_id: strawberry.ID

    @strawberry.field(description="Null when the job is not on the board any more.")
    async def posting(self, info: Info) -> Posting | None:
        return cast(Posting | None, await _live(info, int(cast(Any, self).posting_id)))


@strawberry.type
class SavedPosting:
    """A posting one keeps an eye on."""

    id: strawberry.ID
    title: str
    saved_at: datetime

    @strawberry.field(description="Null when the job is not on the board any more.")
    async def posting(self, info: Info) -> Posting | None:
        return cast(Posting | None, await _live(info, int(self.id)))


@strawberry.type
class SavedSearch:
    """A listing one comes back to."""

    id: strawberry.ID
    name: str
    query: str = strawberry.field(description="Its arguments, as an address carries them.")
    url: str
    saved_at: datetime


@told(applications.Answered)
class Answered:
    """A question as it was put, and its answer."""


@told(applications.ApplicationEvent, "ApplicationEvent")
class ApplicationEvent:
    """A step of an application."""


@told(applications.Applicant)
class Applicant:
    """An application as the company's members see it."""

    id: strawberry.ID
    posting_id: strawberry.ID
    stage_id: strawberry.ID | None

    @strawberry.field
    async def cover_letter(self, info: Info) -> str:
        return cast(str, (await _whole(self, info)).cover_letter)

    @strawberry.field
    async def answers(self, info: Info) -> list[Answered]:
        return cast(list[Answered], (await _whole(self, info)).answers)

    @strawberry.field
    async def events(self, info: Info) -> list[ApplicationEvent]:
        return cast(list[ApplicationEvent], (await _whole(self, info)).events)


async def _whole(applicant: Any, info: Info) -> Any:
    return await info.context.applicants.load(int(applicant.id))



"""Postings as they are read, asked for and stated. Money is in major units, times are UTC."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError

from app.core.lines import one_line
from app.core.money import Period
from app.domain.postings.models import EmploymentType, Experience, PostingStatus, QuestionKind, Workplace
from app.domain.postings.services.facts import MOST_QUESTIONS
from app.domain.search.queries import MOST_ON_A_PAGE
from app.web.api.schemas.shapes import Named, Shape


class Place(Shape):
    """Where work is done; coordinates in degrees (WGS 84)."""

    slug: str = Field(examples=["berlin-de"])
    city: str | None = Field(examples=["Berlin"])
    region: str | None = Field(examples=["Berlin"])
    country: str = Field(description="ISO 3166-1 alpha-2.", examples=["DE"])
    lat: float | None = Field(examples=[52.52437])
    lon: float | None = Field(examples=[13.41053])


class Salary(Shape):
    """Pay as it is stated, and what it comes to in a year."""

    min: float | None = Field(examples=[60000])
    max: float = Field(examples=[80000])
    currency: str = Field(description="ISO 4217.", examples=["EUR"])
    period: Period = Field(examples=["year"])
    year_min: float | None = Field(examples=[60000])
    year_max: float = Field(examples=[80000])


class Posting(Shape):
    """A job as everybody may read it."""

    id: int = Field(examples=[1728])
    slug: str | None = Field(description="Fixed at first publication.", examples=["backend-engineer"])
    title: str = Field(examples=["Backend Engineer"])
    company: Named | None = Field(
        description="None where an import names none.", examples=[{"slug": "northwind", "name": "Northwind"}]
    )
    category: Named | None
    type: EmploymentType | None
    workplace: Workplace
    place: Place | None = Field(description="The first of `places`.")
    places: list[Place]
    countries: list[str] = Field(description="Its places', or those it accepts.", examples=[["DE"]])
    place_label: str = Field(examples=["Berlin, DE"])
    salary: Salary | None = Field(description="None where an import states none.")
    description_html: str = Field(description="Cleaned of all but simple markup.", examples=["<p>Build things.</p>"])
    experience: Experience | None
    openings: int = Field(examples=[1])
    status: PostingStatus
    published_at: datetime | None
    expires_at: datetime | None
    times_reposted: int = Field(examples=[0])
    url: str | None = Field(examples=["https://board.example/jobs/1728/backend-engineer"])
    apply_url: str | None = Field(description="Where one applies, when not here.", examples=[None])
    version: int = Field(description="What a change must name.")


class Asking(Shape):
    """Something a posting asks its applicants."""

    prompt: str = Field(min_length=1, max_length=300, pattern=r"\S", examples=["Do you have a climbing licence?"])
    kind: QuestionKind = Field(QuestionKind.TEXT, description="How it is answered.")
    required: bool = Field(False, description="Whether one applies only with an answer.")

    @field_validator("prompt")
    @classmethod
    def _seen(cls, prompt: str) -> str:
        if not one_line(prompt):
            raise PydanticCustomError("blank", "Ask something that can be read")
        return prompt


class Question(Asking):
    """The same with the number under which an application answers it."""

    id: int = Field(examples=[12])


class WholePosting(Posting):
    """A job with all that is told of it."""

    questions: list[Question] = Field(description="What its applicants are asked, in this order.")


class Option(Shape):
    """A value of a filter; `count` is the total that choosing it alone under its argument would give."""

    value: str = Field(examples=["full_time"])
    label: str = Field(examples=["Full time"])
    count: int = Field(examples=[1322])


class Postings(Shape):
    """A page of a listing."""

    items: list[Posting]
    next: str | None = Field(description="The cursor of the following page: `after`.", examples=[None])
    total: int = Field(examples=[1728])
    facets: dict[str, list[Option]] = Field(
        description="For each argument its options, each counted without it.",
        examples=[{"type": [{"value": "full_time", "label": "Full time", "count": 1322}]}],
    )


Several = Annotated[list[str] | None, Field(description="Repeatable: any of them.")]


class Listing(BaseModel):
    """The arguments of every listing. Unknown ones are ignored, empty ones absent."""

    q: str | None = Field(None, description='Words; `"phrase"`, `-not`, `OR`, `prefix*`.')
    category: Several = None
    type: list[EmploymentType] | None = Field(None, description="Repeatable: any of them.")
    workplace: list[Workplace] | None = Field(None, description="Repeatable: any of them.")
    country: list[str] | None = Field(None, description="ISO 3166-1 alpha-2; repeatable.")
    place: str | None = Field(None, description="Free text or a slug such as `berlin-de`.")
    radius_km: int | None = Field(None, ge=1, le=500)
    salary_min: int | None = Field(None, ge=1, le=1_000_000_000, description="Least pay a year.")
    currency: str | None = Field(None, description="Of `salary_min` and `sort=salary`.")
    posted_within: int | None = Field(None, ge=1, le=3650, description="Days.")
    experience: list[Experience] | None = Field(None, description="Repeatable: any of them.")
    company: Several = None
    sort: str | None = Field(None, json_schema_extra={"enum": ["newest", "relevance", "salary"]})
    after: str | None = Field(None, description="The `next` of the page before, for the same filters and order.")
    limit: int = Field(20, ge=1, le=MOST_ON_A_PAGE)


class Paying(Shape):
    """Pay as an employer states it."""

    min: Decimal | None = Field(None, ge=0, le=10**12, examples=[60000])
    max: Decimal = Field(ge=0, le=10**12, examples=[80000])
    currency: str = Field(max_length=3, examples=["EUR"])
    period: Period = Field(examples=["year"])


class Stated(Shape):
    """What an employer states of a posting; what is left out stays as it is."""

    title: str | None = Field(None, max_length=2000, examples=["Backend Engineer"])
    description: str | None = Field(None, max_length=30_000, description="Markdown.", examples=["Build **things**."])
    category: str | None = Field(None, max_length=80, description="A slug.", examples=["software"])
    type: EmploymentType | None = None
    workplace: Workplace | None = None
    places: list[str] | None = Field(None, max_length=10, description="As people write them.", examples=[["Berlin"]])
    remote_countries: list[str] | None = Field(
        None, max_length=60, description="Where a remote posting may be worked from, or `Worldwide`.", examples=[["DE"]]
    )
    salary: Paying | None = None
    experience: Experience | None = None
    openings: int | None = Field(None, ge=1, le=9999, examples=[1])
    questions: list[Asking] | None = Field(
        None, max_length=MOST_QUESTIONS, description="All that applicants are asked, in this order; `[]` for nothing."
    )


class NewPosting(Stated):
    """A posting to be made. It is a draft, or handed in at once, or not made at all."""

    title: str = Field(max_length=2000, examples=["Backend Engineer"])
    company: str | None = Field(None, max_length=80, description="A slug; left out, the company you belong to longest.")
    submit: bool = Field(False, description="Hand it in: to review, or to the public where the company is trusted.")


class Changed(Stated):
    """A change, made against one version of the posting."""

    version: int | None = Field(None, ge=1, examples=[1], description="Its `version`; or send `If-Match`.")


class Transition(Shape):
    """A move of a posting."""

    to: PostingStatus = Field(examples=["pending"])
    version: int | None = Field(None, ge=1, examples=[1], description="Its `version`; or send `If-Match`.")
    reason: str = Field("", max_length=2000, description="Needed where somebody is refused.")

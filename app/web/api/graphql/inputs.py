"""What is given with a question, named as everywhere."""

from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Any

import strawberry
from strawberry.experimental import pydantic

from app.core.errors import NotFound
from app.domain.postings.models import EmploymentType, Experience, Workplace
from app.web.api.graphql.types import PostingSort
from app.web.api.schemas import applications, postings
from app.web.forms import whole_number


@strawberry.input
class PostingFilter:
    """The arguments of every listing; of several values under one, any fits."""

    q: str | None = strawberry.field(default=None, description='Words; `"phrase"`, `-not`, `OR`, `prefix*`.')
    category: list[str] | None = None
    type: list[EmploymentType] | None = None
    workplace: list[Workplace] | None = None
    country: list[str] | None = strawberry.field(default=None, description="ISO 3166-1 alpha-2.")
    place: str | None = strawberry.field(default=None, description="Free text or a slug such as `berlin-de`.")
    radius_km: int | None = None
    salary_min: int | None = strawberry.field(default=None, description="Least pay a year.")
    currency: str | None = strawberry.field(default=None, description="Of `salaryMin` and the order by salary.")
    posted_within: int | None = strawberry.field(default=None, description="Days.")
    experience: list[Experience] | None = None
    company: list[str] | None = None

    def arguments(self, sort: PostingSort | None) -> Iterator[tuple[str, str]]:
        """The same as an address would carry it."""
        for one in fields(self):
            given = getattr(self, one.name)
            for value in given if isinstance(given, list) else [given]:
                if value is not None:
                    yield one.name, str(value)
        if sort is not None:
            yield "sort", str(sort)


def number(given: strawberry.ID) -> int:
    """The number of a row. Raises NotFound where it can be none."""
    found = whole_number(str(given))
    if not found:
        raise NotFound("There is nothing of that number.")
    return found


@pydantic.input(model=postings.Paying, all_fields=True, name="PayInput")
class PayInput:
    """Pay as an employer states it."""


@pydantic.input(model=postings.Asking, all_fields=True, name="QuestionInput")
class QuestionInput:
    """Something a posting asks its applicants."""


@pydantic.input(model=postings.NewPosting, all_fields=True, name="NewPosting")
class NewPosting:
    """A posting to be made. It is a draft, or handed in at once, or not made at all."""


@pydantic.input(model=postings.Stated, all_fields=True, name="PostingChange")
class PostingChange:
    """What is to be stated of a posting; what is left out stays as it is."""


@pydantic.input(model=applications.Resume, all_fields=True, name="ResumeInput")
class ResumeInput:
    """A file as JSON carries it."""


@strawberry.input
class AnswerInput:
    """An answer to one of a posting's questions."""

    question: strawberry.ID
    answer: str


@pydantic.input(model=applications.NewApplication, all_fields=True, name="NewApplication")
class NewApplication:
    """An application to be sent."""

    answers: list[AnswerInput] = strawberry.field(default_factory=list)
    resume: ResumeInput


def plain(given: Any) -> dict[str, Any]:
    """What is given, as a body of REST would carry it."""
    return {name: value for name, value in asdict(given).items() if value is not None}

"""Applications, each as its audience sees it. Times are UTC."""

from datetime import datetime

from pydantic import BaseModel, Field, RootModel

from app.domain.applications.models import Notify, Stage
from app.web.api.schemas.shapes import VERSION, Shape


class Resume(Shape):
    """A file as JSON carries it."""

    filename: str = Field(min_length=1, max_length=200, examples=["resume.txt"])
    content_base64: str = Field(
        max_length=7_200_000, description="PDF, DOCX, ODT, RTF or text, 5 MB at the most.",
        examples=["QWRhIExvdmVsYWNlIHdyaXRlcyBwcm9ncmFtcyBmb3IgZW5naW5lcyBvZiBtYW55IGtpbmRzLg=="],
    )


class _Letter(BaseModel):
    """What an application says, however it is sent."""

    name: str = Field(max_length=200, examples=["Ada Lovelace"])
    email: str = Field(
        "", max_length=320, description="Left out by who is signed in: the account's is taken.",
        examples=["ada@example.org"],
    )
    cover_letter: str = Field("", max_length=20_000, examples=["I like the wind."])


class NewApplication(_Letter, Shape):
    """An application to be sent."""

    answers: dict[str, str] = Field(default={}, max_length=20, description="By the question's id.")
    resume: Resume


class ApplicationForm(_Letter):
    """An application as forms send it. Each answer is a field of its own, `answers-` and the question's id."""

    resume: bytes = Field(
        description="PDF, DOCX, ODT, RTF or text, 5 MB at the most.",
        examples=["Ada Lovelace writes programs for engines of many kinds."],
    )
    idempotency_key: str = Field("", max_length=200, description="As the header `Idempotency-Key`, which goes first.")


class Received(Shape):
    """The receipt: the same whoever applies, and however often."""

    posting_id: int = Field(examples=[1728])
    received: bool


class Milestone(Shape):
    """A step as its applicant is told of it."""

    name: str = Field(examples=["in review"])
    at: datetime


class Own(Shape):
    """An application as its applicant may know it."""

    id: int = Field(examples=[31])
    posting_id: int = Field(examples=[1728])
    title: str = Field(examples=["Backend Engineer"])
    stage: Stage
    reason: str = Field(description="Why it was refused, where one was told.", examples=[""])
    steps: list[Milestone]
    submitted_at: datetime
    moved_at: datetime
    version: int


class Applicant(Shape):
    """An application as the company's members see it in a list."""

    id: int = Field(examples=[31])
    posting_id: int = Field(examples=[1728])
    name: str = Field(examples=["Ada Lovelace"])
    email: str = Field(examples=["ada@example.org"])
    stage: Stage
    stage_id: int | None = Field(description="The company's own stage within `stage`.", examples=[None])
    rating: float | None = Field(description="Mean of the colleagues' ratings, 1 to 5.", examples=[4.5])
    submitted_at: datetime
    moved_at: datetime
    version: int
    resume_url: str | None = Field(examples=["https://board.example/files/Zk3vQ0"])


class Answered(Shape):
    """A question as it was put, and its answer."""

    question: str = Field(examples=["Why wind?"])
    answer: str = Field(examples=["It is always there."])


class ApplicationEvent(Shape):
    """A step of an application."""

    at: datetime
    before: Stage | None = Field(examples=["submitted"])
    after: Stage = Field(examples=["in_review"])
    reason: str | None = Field(examples=[None])


class WholeApplicant(Applicant):
    """The same with all that came with it."""

    cover_letter: str = Field(examples=["I like the wind."])
    answers: list[Answered]
    events: list[ApplicationEvent]


class Applications(Shape):
    """A page: one's own, or the applicants of one's company's posting."""

    items: list[Own | Applicant]
    next: str | None = Field(description="The cursor of the following page: `after`.", examples=[None])


class OneApplication(RootModel[WholeApplicant | Own]):
    """One application, as whoever asks may know it."""


class Which(BaseModel):
    """Whose applications."""

    posting: int | None = Field(None, ge=1, description="The applicants of this posting; left out, one's own.")
    stage: Stage | None = None
    after: str | None = Field(None, description="The `next` of the page before.")


class Step(Shape):
    """A step of an application: its company's, or its applicant's own `withdrawn` or `declined`."""

    to: Stage = Field(examples=["in_review"])
    version: int | None = Field(None, ge=1, description=VERSION)
    reason: str = Field("", max_length=2000)
    notify: Notify = Field(Notify.NOW, description="When the applicant is written to.")
    stage_id: int | None = Field(None, ge=1, description="A stage of the company's own.")

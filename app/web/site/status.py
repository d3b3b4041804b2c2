"""What a page of one application shows, to its account and to a guest alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from app.domain.applications.models import Application, ApplicationProposal
from app.domain.applications.seeing import Told, told
from app.domain.applications.transitions import OPEN
from app.web import uploads
from app.web.outside import clean


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that was sent otherwise the second time."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal as its owner reads it. `path` is where it is decided; empty where it cannot be decided here."""

    proposal: ApplicationProposal
    differences: Sequence[Difference]
    path: str
    acceptable: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """An application as its applicant may know it."""

    application: Application
    told: Told
    path: str

    @property
    def kept(self) -> Markup:
        """The posting's text as it was."""
        return clean(self.application.snapshot.description_html)

    @property
    def open(self) -> bool:
        return self.told.stage in OPEN


def shown(application: Application, path: str, now: datetime) -> Shown:
    """The application at `path`, as it may be known at `now`."""
    return Shown(application, told(application, now), path)


def differs(proposal: ApplicationProposal, application: Application, path: str, now: datetime) -> Waiting:
    """A proposal beside what counts now; for those alone who may read both."""
    answered = {answer.prompt: answer.answer for answer in application.answers}
    later: dict[str, str] = {pair[0]: pair[1] for pair in proposal.answers}
    resume = application.resume
    same = resume is not None and resume.sha256 == proposal.file.sha256
    pairs = [
        ("Name", application.name, proposal.name),
        ("Résumé", resume.filename if resume else "", resume.filename if same and resume else _named(proposal, resume)),
        ("Cover letter", application.cover_letter, proposal.cover_letter),
        *((prompt, answered.get(prompt, ""), later.get(prompt, "")) for prompt in {**answered, **later}),
    ]
    found = [Difference(*pair) for pair in pairs if pair[1] != pair[2]]
    return Waiting(proposal, found, path, acceptable=told(application, now).stage in OPEN)


def _named(proposal: ApplicationProposal, resume: object) -> str:
    name = proposal.file.filename
    return f"{name} (another file)" if resume is not None and name == getattr(resume, "filename", "") else name


def forget(key: str | None) -> None:
    """Let go of bytes that no row refers to, after the commit that said so."""
    if key:
        uploads.store().delete(key)


"""Applying: exactly once for each person and posting, whatever is clicked twice."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.db import lock_rows
from app.core.errors import Gone, Invalid
from app.core.events import application_moved
from app.domain.accounts.identity import checked_email, checked_name, email_key
from app.domain.accounts.models import User
from app.domain.accounts.notices import Frequency, Notice, wanted
from app.domain.applications.models import (
    Answer,
    Application,
    ApplicationEvent,
    ApplicationProposal,
    Stage,
    StoredFile,
)
from app.domain.applications.queries import receivers
from app.domain.applications.resumes import Upload
from app.domain.mail.services import owe
from app.domain.postings.models import Posting, PostingSnapshot, Question, QuestionKind
from app.domain.postings.queries import live, once_public
from app.domain.postings.words import pay

DIGEST_AFTER = timedelta(hours=30)
"""How long after a day's beginning (UTC) its new applicants are told in one mail: six in the morning."""
LONGEST_LETTER = 20_000
LONGEST_ANSWER = 4_000
MISSING = "Choose your résumé: PDF, DOCX, ODT, RTF or text."
"""The one answer to a file that is not there, or that another application has."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a person says when applying, checked. `answers` are (question as put, answer), `key` is the form's."""

    name: str
    email: str
    cover_letter: str
    answers: tuple[tuple[str, str], ...]
    key: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of it: a new application or one that was there. `unused` is the store's key of a file without use."""

    application_id: int
    new: bool
    unused: str | None = None


def open_posting(session: Session, posting_id: int, now: datetime, *, lock: bool = False) -> Posting:
    """A posting that takes applications here and now.

    With `lock` it stays open until the transaction ends. Raises NotFound where it never was public, Gone where it is
    over or takes applications elsewhere.
    """
    query = select(Posting.id).where(Posting.id == posting_id, live(now))
    is_open = session.scalar(query.with_for_update(read=True) if lock else query) is not None
    posting = once_public(session, posting_id, now)
    if not is_open:
        raise Gone("This job takes no applications any more: it was filled, closed or has expired.")
    if not posting.applies_here:
        raise Gone("This job takes applications at the employer's own site. Follow the link on its page.")
    if not receivers(session, posting.company_id):
        raise Gone("Nobody receives applications to this job here. Look for the employer's own site.")
    return posting


def checked(
    actor: Actor, fields: Mapping[str, str], questions: Sequence[Question], key: str
) -> tuple[Given | None, dict[str, str]]:
    """What the form says, and the problems by field; nothing is given where there is a problem.

    A signed-in person applies with the address of their account.
    """
    problems: dict[str, str] = {}
    name, email = fields.get("name", ""), actor.email or fields.get("email", "")
    try:
        name = checked_name(name)
    except Invalid as error:
        problems |= error.fields
    try:
        email = checked_email(email)
    except Invalid as error:
        problems |= error.fields
    letter = fields.get("cover_letter", "").replace("\r\n", "\n").strip()
    if len(letter) > LONGEST_LETTER:
        problems["cover_letter"] = f"This letter is too long: {LONGEST_LETTER:,} characters at the most."
    answers = [(question, _answer(question, fields, problems)) for question in questions]
    if problems:
        return None, problems
    told = tuple((question.prompt, answer) for question, answer in answers if answer)
    return Given(name, email, letter, told, key), {}


def _answer(question: Question, fields: Mapping[str, str], problems: dict[str, str]) -> str:
    field = f"answers-{question.id}"
    answer = fields.get(field, "").replace("\r\n", "\n").strip()
    if question.required and not answer:
        problems[field] = "Answer this question."
    elif len(answer) > LONGEST_ANSWER:
        problems[field] = f"This answer is too long: {LONGEST_ANSWER:,} characters at the most."
    elif answer and question.kind is QuestionKind.YES_NO and answer not in ("yes", "no"):
        problems[field] = "Choose yes or no."
    return answer


def _mark(given: Given, resume: StoredFile) -> str | None:
    """By what a form sent again is known: all that stood in it, so that what says anything else is never dropped."""
    if not given.key:
        return None
    said = [given.key, email_key(given.email), given.name, given.cover_letter, given.answers, resume.sha256]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def keep(session: Session, upload: Upload, key: str, now: datetime) -> StoredFile:
    """The row of a checked file whose bytes lie in the store under `key`."""
    file = StoredFile(
        public_id=secrets.token_urlsafe(32), key=key, filename=upload.filename, media_type=upload.media_type,
        size=len(upload.content), sha256=upload.sha256, created_at=now,
    )
    session.add(file)
    session.flush()
    return file


def apply(
    session: Session, posting_id: int, actor: Actor, given: Given, resume: StoredFile, now: datetime
) -> Applied:
    """Apply, or find that this person has applied. The unique indexes decide; everybody gets the same answer.

    A form sent again, or an account, finds its application even after the posting's end. An address alone does not:
    the answer would tell anybody who has applied.
    Raises NotFound and Gone as `open_posting` does, Invalid where the file belongs to another application.
    """
    holder, mark = _holder(session, resume), _mark(given, resume)
    known = _known(session, posting_id, _sent(mark) | _account(actor))
    if known is not None:
        return _repeated(session, known, actor, given, resume, mark, now)
    posting = open_posting(session, posting_id, now, lock=True)
    known = _known(session, posting_id, _same_address(given))
    if holder is not None and (known is None or holder.id != known.id):
        raise Invalid("The résumé is missing.", {"resume": MISSING})
    if known is not None:
        return _repeated(session, known, actor, given, resume, mark, now)
    snapshot = _snapshot(session, posting, now)
    try:
        with session.begin_nested():
            application = _new(posting, actor, given, resume, mark, snapshot, now)
            session.add(application)
    except IntegrityError:
        known = _known(session, posting_id, or_(_sent(mark), _account(actor), _same_address(given)))
        if known is None:
            raise
        return _repeated(session, known, actor, given, resume, mark, now)
    _tell(session, application, posting, now)
    return Applied(application.id, new=True)


def _new(
    posting: Posting, actor: Actor, given: Given, resume: StoredFile, mark: str | None, snapshot: PostingSnapshot,
    now: datetime,
) -> Application:
    return Application(
        posting_id=posting.id, user_id=actor.user_id, name=given.name, email=given.email,
        email_key=email_key(given.email), cover_letter=given.cover_letter, resume_id=resume.id,
        snapshot_id=snapshot.id, stage=Stage.SUBMITTED, idempotency_key=mark, submitted_at=now, moved_at=now,
        answers=[Answer(prompt=prompt, answer=answer) for prompt, answer in given.answers],
        events=[ApplicationEvent(at=now, actor_id=actor.user_id, before=None, after=Stage.SUBMITTED)],
    )


def _sent(mark: str | None) -> ColumnElement[bool]:
    """Came with this very form, or has a proposal that did."""
    if mark is None:
        return false()
    proposed = select(ApplicationProposal.application_id).where(ApplicationProposal.idempotency_key == mark)
    return or_(Application.idempotency_key == mark, Application.id.in_(proposed))


def _account(actor: Actor) -> ColumnElement[bool]:
    """Of this account, and not withdrawn."""
    if actor.user_id is None:
        return false()
    return (Application.user_id == actor.user_id) & (Application.stage != Stage.WITHDRAWN)


def _same_address(given: Given) -> ColumnElement[bool]:
    """Under the same address, which proves nothing: whoever repeats it must get the answers a stranger gets.

    What was flagged under it says nothing of whoever comes next.
    """
    living = Application.stage.not_in((Stage.WITHDRAWN, Stage.SPAM))
    return (Application.email_key == email_key(given.email)) & living


def _known(session: Session, posting_id: int, which: ColumnElement[bool]) -> Application | None:
    """The application that this one repeats, the latest."""
    return session.scalar(
        select(Application)
        .where(Application.posting_id == posting_id, which)
        .order_by(Application.id.desc())
        .limit(1)
    )


def _repeated(
    session: Session, known: Application, actor: Actor, given: Given, resume: StoredFile, mark: str | None,
    now: datetime,
) -> Applied:
    """The same form again tells nothing new. Any other is kept whole, for the applicant's word: none is dropped."""
    lock_rows(session, select(Application.id).where(Application.id == known.id))
    if _known(session, known.posting_id, _sent(mark)) is None:
        session.add(
            ApplicationProposal(
                application_id=known.id, user_id=actor.user_id, name=given.name, cover_letter=given.cover_letter,
                answers=[list(answer) for answer in given.answers], file_id=resume.id, idempotency_key=mark,
                created_at=now,
            )
        )
        _ask_its_owner(session, known, now)
        return Applied(known.id, new=False)
    if _holder(session, resume) is not None:
        return Applied(known.id, new=False)
    session.delete(resume)
    return Applied(known.id, new=False, unused=resume.key)


def _ask_its_owner(session: Session, known: Application, now: datetime) -> None:
    """Tell the address of the application that another waits for its word: once an hour, however many came."""
    owe(
        session, "application-repeated", known.email, f"application-repeated:{known.id}:{now:%Y%m%d%H}", now,
        application_id=known.id,
    )


def _holder(session: Session, file: StoredFile) -> Application | None:
    """The application that has this file already, as its résumé or as a proposal."""
    proposed = select(ApplicationProposal.application_id).where(ApplicationProposal.file_id == file.id)
    held = or_(Application.resume_id == file.id, Application.id.in_(proposed))
    return session.scalar(select(Application).where(held).order_by(Application.id).limit(1))


def _snapshot(session: Session, posting: Posting, now: datetime) -> PostingSnapshot:
    """The posting as it reads now, kept once for each of its versions."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    taken = insert(PostingSnapshot).values(
        posting_id=posting.id, posting_version=posting.version, taken_at=now, title=posting.title,
        company_name=posting.company.name if posting.company else None, place_label=posting.place_label,
        pay=pay(posting), description_html=posting.description_html,
    )
    session.execute(taken.on_conflict_do_nothing(index_elements=["posting_id", "posting_version"]))
    return session.scalars(
        select(PostingSnapshot).where(
            PostingSnapshot.posting_id == posting.id, PostingSnapshot.posting_version == posting.version
        )
    ).one()


def _tell(session: Session, application: Application, posting: Posting, now: datetime) -> None:
    """A receipt to the applicant, news to those who receive applications, and to the rooms above."""
    (sent,) = application.events
    application_moved.send("applications", session=session, event_id=sent.id, now=now)
    owe(
        session, "application-received", application.email, f"application-received:{application.id}", now,
        application_id=application.id,
    )
    for user in receivers(session, posting.company_id):
        _announce(session, application, user, now)


def _announce(session: Session, application: Application, user: User, now: datetime) -> None:
    """News of an applicant as this person wants it: at once, the next morning with the day's others, or not at all."""
    often = wanted(session, user.id, Notice.NEW_APPLICANT)
    if often is Frequency.INSTANT:
        owe(
            session, "new-applicant", user.email, f"new-applicant:{application.id}:{user.id}", now,
            application_id=application.id, user_id=user.id,
        )
    elif often is Frequency.DAILY:
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        owe(
            session, "new-applicants-digest", user.email, f"new-applicants-digest:{user.id}:{day:%Y%m%d}", now,
            due_at=day + DIGEST_AFTER, user_id=user.id, since=day.isoformat(),
        )

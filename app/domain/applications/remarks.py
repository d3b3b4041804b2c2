"""What colleagues think of an applicant: notes and ratings, never shown to the applicant."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, delete, func, select, update
from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.db import lock_rows
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.domain.accounts.models import User
from app.domain.applications.models import Application, ApplicationNote, ApplicationRating
from app.domain.audit.services import record

LONGEST_NOTE = 4_000
MOST_NOTES = 200
_TWICE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Note:
    """A note as a colleague reads it."""

    id: int
    author: str
    body: str
    created_at: datetime
    edited_at: datetime | None
    version: int
    own: bool


@dataclass(frozen=True, slots=True)
class Rating:
    """What the colleagues gave: the mean in hundredths, how many rated, the reader's own score."""

    mean: int | None
    number: int
    own: int | None
    each: tuple[tuple[str, int], ...] = ()


def notes(session: Session, application_id: int, actor: Actor) -> list[Note]:
    """The notes on an application, newest first."""
    rows = session.execute(
        select(ApplicationNote, User.name)
        .join(User, User.id == ApplicationNote.author_id)
        .where(ApplicationNote.application_id == application_id)
        .order_by(ApplicationNote.id.desc())
        .limit(MOST_NOTES)
    )
    return [
        Note(n.id, name, n.body, n.created_at, n.edited_at, n.version, n.author_id == actor.user_id) for n, name in rows
    ]


def add_note(session: Session, application: Application, body: str, actor: Actor, now: datetime) -> ApplicationNote:
    """Write a note; the same words sent twice are one note. Raises Invalid."""
    body = _checked(body)
    lock_rows(session, select(Application.id).where(Application.id == application.id))
    last = session.scalar(
        select(ApplicationNote)
        .where(ApplicationNote.application_id == application.id, ApplicationNote.author_id == actor.user_id)
        .order_by(ApplicationNote.id.desc())
        .limit(1)
    )
    if last is not None and last.body == body and now - last.created_at < _TWICE:
        return last
    held = select(func.count()).select_from(ApplicationNote).where(ApplicationNote.application_id == application.id)
    if (session.scalar(held) or 0) >= MOST_NOTES:
        raise Invalid("There is no room for more notes.", {"body": f"{MOST_NOTES} at the most. Delete an old one."})
    note = ApplicationNote(application_id=application.id, author_id=actor.user_id, body=body, created_at=now)
    session.add(note)
    record(session, actor, "note.add", ("application", application.id), now)
    session.flush()
    return note


def edit_note(
    session: Session, application: Application, note_id: int, body: str, version: int, actor: Actor, now: datetime
) -> ApplicationNote:
    """Change one's own note. Raises NotFound, Forbidden (a colleague's), Conflict (changed since), Invalid."""
    note = _own(session, application, note_id, actor)
    if note.version != version:
        raise Conflict("You changed this note elsewhere since. Here it is as it stands now.", note)
    body = _checked(body)
    if body != note.body:
        note.body, note.edited_at = body, now
        record(session, actor, "note.edit", ("application", application.id), now)
        session.flush()
    return note


def delete_note(
    session: Session, application: Application, note_id: int, version: int, actor: Actor, now: datetime
) -> None:
    """Take one's own note away. Raises NotFound, Forbidden (a colleague's), Conflict (changed since)."""
    note = _own(session, application, note_id, actor)
    if note.version != version:
        raise Conflict("You changed this note elsewhere since. Look at it again before it goes.", note)
    session.delete(note)
    record(session, actor, "note.delete", ("application", application.id), now)
    session.flush()


def rating(session: Session, application: Application, actor: Actor) -> Rating:
    """What an application was given so far."""
    rows = session.execute(
        select(ApplicationRating.user_id, User.name, ApplicationRating.score)
        .join(User, User.id == ApplicationRating.user_id)
        .where(ApplicationRating.application_id == application.id)
        .order_by(User.name, User.id)
        .limit(500)
    ).all()
    own = next((score for user_id, _, score in rows if user_id == actor.user_id), None)
    mean = round(100 * sum(row.score for row in rows) / len(rows)) if rows else None
    return Rating(mean, len(rows), own, tuple((name, score) for _, name, score in rows))


def rate(session: Session, application: Application, score: str, actor: Actor, now: datetime) -> None:
    """Give 1 to 5, or take one's rating back with 0. The mean is kept beside the application. Raises Invalid."""
    if score not in ("0", "1", "2", "3", "4", "5"):
        raise Invalid("A rating is 1 to 5.", {"score": "Choose 1, 2, 3, 4 or 5."})
    lock_rows(session, select(Application.id).where(Application.id == application.id))
    own = session.scalar(
        select(ApplicationRating).where(
            ApplicationRating.application_id == application.id, ApplicationRating.user_id == actor.user_id
        )
    )
    if score == "0":
        if own is not None:
            session.execute(delete(ApplicationRating).where(ApplicationRating.id == own.id))
    elif own is None:
        session.add(
            ApplicationRating(application_id=application.id, user_id=actor.user_id, score=int(score), rated_at=now)
        )
    else:
        own.score, own.rated_at = int(score), now
    session.flush()
    scores = session.scalars(
        select(ApplicationRating.score).where(ApplicationRating.application_id == application.id)
    ).all()
    mean = round(100 * sum(scores) / len(scores)) if scores else None
    table = cast(Table, Application.__table__)
    session.execute(  # past the mapper: a rating is no new version, it must not refuse a colleague's move
        update(table).where(table.c.id == application.id).values(rating=mean)
    )
    record(session, actor, "application.rate", ("application", application.id), now)


def _checked(body: str) -> str:
    body = body.replace("\r\n", "\n").strip()
    if not body:
        raise Invalid("The note is empty.", {"body": "Write something first."})
    if len(body) > LONGEST_NOTE:
        raise Invalid("The note is too long.", {"body": f"{LONGEST_NOTE:,} characters at the most."})
    return body


def _own(session: Session, application: Application, note_id: int, actor: Actor) -> ApplicationNote:
    note = session.scalar(
        select(ApplicationNote)
        .where(ApplicationNote.id == note_id, ApplicationNote.application_id == application.id)
        .with_for_update()
    )
    if note is None:
        raise NotFound("This note is not there any more.")
    if note.author_id != actor.user_id:
        raise Forbidden("Only who wrote a note may change it.")
    return note

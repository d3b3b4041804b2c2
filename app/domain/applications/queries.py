"""Reading applications: the applicant's own, a company's, and the files that came with them."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.core.actor import Actor
from app.core.db import lock_rows
from app.core.errors import NotFound
from app.domain.accounts.models import User
from app.domain.applications.models import Application, ApplicationEvent, Notify, Stage, StoredFile
from app.domain.applications.transitions import LATER, OPEN, UNDO_FOR
from app.domain.companies.policies import GRANTS, Permission, can, require
from app.domain.companies.queries import team
from app.domain.postings.models import Posting


def undoable(application: Application, actor: Actor, now: datetime) -> ApplicationEvent | None:
    """The actor's own last step, while it can be taken back: before its mail leaves. Taking back is not taken back."""
    *_, before, last = [None, None, *application.events]
    if last is None or last.before is None or last.resent or actor.user_id is None or last.actor_id != actor.user_id:
        return None
    if now - last.at > (LATER if last.notify == Notify.LATER else UNDO_FOR):
        return None
    mirrors = before is not None and (before.before, before.after) == (last.after, last.before)
    longest = LATER
    if mirrors and last.before == last.after:  # between a company's own stages: only the way back is a mirror
        earlier = application.events[-3].company_stage_id if len(application.events) > 2 else None
        mirrors, longest = earlier == last.company_stage_id, UNDO_FOR
    took_back = mirrors and before is not None and last.notify == Notify.NO and last.at - before.at <= longest
    return None if took_back else last


def applied_ids(session: Session, user_id: int | None, posting_ids: Collection[int]) -> set[int]:
    """To which of these postings the person has applied, and not withdrawn."""
    if user_id is None or not posting_ids:
        return set()
    return set(
        session.scalars(
            select(Application.posting_id).where(
                Application.user_id == user_id, Application.posting_id.in_(posting_ids),
                Application.stage != Stage.WITHDRAWN,
            )
        )
    )


def receivers(session: Session, company_id: int | None) -> list[User]:
    """The people at a company who hear of an applicant and may act on it, longest there first."""
    if company_id is None:
        return []
    return [
        member.user
        for member in team(session, company_id)
        if member.user.suspended_at is None and Permission.APPLICATIONS_APPLICATION_MOVE in GRANTS[member.role]
    ]


def number_of(session: Session, user_id: int) -> int:
    """How many applications a person sent while signed in."""
    return session.scalar(select(func.count()).select_from(Application).where(Application.user_id == user_id)) or 0


def whole(query: Select[Application]) -> Select[Application]:
    """The query with all that a page of one application shows."""
    return query.options(
        joinedload(Application.posting).joinedload(Posting.company), joinedload(Application.snapshot),
        joinedload(Application.resume), joinedload(Application.company_stage), selectinload(Application.answers),
        selectinload(Application.events),
    )


def _locked(session: Session, application_id: int) -> None:
    lock_rows(session, select(Application.id).where(Application.id == application_id))


def for_member(
    session: Session, application_id: int, actor: Actor, permission: Permission, *, lock: bool = False
) -> Application:
    """An application to the actor's company. Raises NotFound to strangers, Forbidden without the right."""
    if lock:
        _locked(session, application_id)
    application = session.scalar(whole(select(Application).where(Application.id == application_id)))
    if application is None:
        raise NotFound
    require(actor, permission, application.posting.company_id)
    return application


def several(session: Session, posting_id: int, ids: Collection[int]) -> list[Application]:
    """These applications of a posting, locked, in the order of their ids; ids of others are left out."""
    if not ids:
        return []
    ours = select(Application).where(Application.posting_id == posting_id, Application.id.in_(ids))
    lock_rows(session, ours.with_only_columns(Application.id).order_by(Application.id))
    return list(session.scalars(whole(ours).order_by(Application.id)))


def by_ids(session: Session, ids: Collection[int]) -> list[Application]:
    """These applications with all that a page of one shows, for those who may see them."""
    return list(session.scalars(whole(select(Application).where(Application.id.in_(ids)))))


def for_applicant(session: Session, application_id: int, actor: Actor, *, lock: bool = False) -> Application:
    """The actor's own application. Raises NotFound for anybody else's."""
    if lock:
        _locked(session, application_id)
    application = session.scalar(whole(select(Application).where(Application.id == application_id)))
    if application is None or actor.user_id is None or application.user_id != actor.user_id:
        raise NotFound
    return application


def count(session: Session) -> int:
    """How many applications there are, whatever became of them."""
    return session.scalar(select(func.count()).select_from(Application)) or 0


def tallies(session: Session, posting_ids: Collection[int]) -> Mapping[int, tuple[int, int]]:
    """For each posting that has any: (applications in all, of these without an outcome)."""
    if not posting_ids:
        return {}
    waiting = func.count().filter(Application.stage.in_(OPEN))
    rows = session.execute(
        select(Application.posting_id, func.count(), waiting)
        .where(Application.posting_id.in_(posting_ids))
        .group_by(Application.posting_id)
    )
    return {posting_id: (total, open_) for posting_id, total, open_ in rows}


def movers(session: Session, application: Application) -> dict[int, str]:
    """Names of the people who acted on an application, by their id."""
    ids = {event.actor_id for event in application.events if event.actor_id is not None}
    return dict(session.execute(select(User.id, User.name).where(User.id.in_(ids))).all())


def file_by_id(session: Session, file_id: int) -> StoredFile | None:
    """An uploaded file by its row's id."""
    return session.get(StoredFile, file_id)


def readable_file(session: Session, public_id: str, actor: Actor) -> tuple[StoredFile, Application]:
    """A résumé with its application, for the applicant and the company's members. Raises NotFound to all others."""
    found = session.execute(
        select(StoredFile, Application, Posting.company_id)
        .join(Application, Application.resume_id == StoredFile.id)
        .join(Posting, Posting.id == Application.posting_id)
        .where(StoredFile.public_id == public_id)
        .order_by(Application.id)
        .limit(1)
    ).first()
    if found is None:
        raise NotFound
    file, application, company_id = found
    own = actor.user_id is not None and application.user_id == actor.user_id
    if not own and not can(actor, Permission.APPLICATIONS_APPLICATION_READ, company_id):
        raise NotFound
    return file, application


def companies_waited_for(session: Session, company_ids: list[int]) -> list[int]:
    """Those of these companies that owe an applicant an answer, in the order of their ids."""
    waiting = (
        select(Posting.company_id)
        .join(Application, Application.posting_id == Posting.id)
        .where(Posting.company_id.in_(company_ids), Application.stage.in_(OPEN))
        .distinct()
        .order_by(Posting.company_id)
    )
    return [id_ for id_ in session.scalars(waiting) if id_ is not None] if company_ids else []

"""Moving applications along: never over somebody else's move, never into silence."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from app.core.actor import SYSTEM, Actor
from app.core.errors import Conflict, Invalid
from app.core.events import application_moved
from app.domain.accounts.models import User
from app.domain.applications.models import (
    Application,
    ApplicationEvent,
    ApplicationProposal,
    CompanyStage,
    Notify,
    Stage,
)
from app.domain.applications.queries import undoable
from app.domain.applications.seeing import told
from app.domain.applications.transitions import LATER, OPEN, PARTED, UNDO_FOR, Move, Mover, find, legal
from app.domain.audit.services import checked_reason, record
from app.domain.mail.services import cancel, owe
from app.domain.postings.models import Posting
from app.domain.postings.transitions import BY_EMPLOYER, TAKEN_DOWN


def move(
    session: Session, application: Application, to: str, version: int, actor: Actor, reason: str, notify: str,
    now: datetime, *, stage_id: str = "",
) -> ApplicationEvent:
    """An employer's step, with its event, audit entry and mail; `stage_id` names a stage of the company's own.

    A step between a company's stages of the same state is nobody's news but the company's. Whoever heard of the end
    hears that it is open again.

    Raises Conflict (with the fresh application) on a stale version, Invalid on an illegal step, naming the legal ones,
    where a reason is missing, or where it would be open again although the board took its posting down.
    """
    _refuse_stale(application, version)
    own = _own_stage(session, application, to, stage_id)
    if to == application.stage and to in PARTED and (own.id if own else None) != application.company_stage_id:
        return _step(session, application, application.stage, actor, None, now, own=own, notify=Notify.NO)
    step = _legal_step(application, to, Mover.EMPLOYER, now)
    _refuse_reopening(session, application, step.after)
    reason = checked_reason(reason, "the applicant", needed=step.needs_reason)
    when = _notify(notify)
    reopened = step.before not in OPEN and step.after in OPEN and told(application, now).held is None
    if step.after is Stage.SPAM or (when is Notify.NO and not reopened):
        when = Notify.NO
    elif reopened and when is Notify.NO:
        when = Notify.NOW
    event = _step(session, application, step.after, actor, reason or None, now, own=own, notify=when)
    if when is not Notify.NO:
        wait = LATER if when is Notify.LATER else UNDO_FOR
        _owe_news(session, application, event, now, now + wait)
    return event


def undo(session: Session, application: Application, version: int, actor: Actor, now: datetime) -> ApplicationEvent:
    """Take one's own last step back before its mail leaves: a compensating event, and the mail stays here.

    Raises Conflict where somebody moved it since, Invalid where there is nothing of the actor's to take back, its
    posting ended since, or its mail has left: another machine's clock may be ahead.
    """
    _refuse_stale(application, version)
    last = undoable(application, actor, now)
    if last is None or last.before is None:
        raise Invalid("This can no longer be undone: its time is over, or it was not your move. Move them on instead.")
    _refuse_reopening(session, application, last.before, undoing=True)
    if last.notify in (Notify.NOW, Notify.LATER):
        if not cancel(session, _mail_key(last)):
            raise Invalid("This can no longer be undone: the applicant has been written to. Move them on instead.")
        last.notify = Notify.NO
    own = _own_before(session, application)
    return _step(
        session, application, last.before, actor, None, now, action="application.undo", own=own, notify=Notify.NO
    )


def give_back(session: Session, application: Application, version: int, actor: Actor, now: datetime) -> None:
    """An admin finds that it is no spam: it stands again where it stood. Given back by them already: nothing.

    Raises Conflict where `version` is stale, Invalid where it is not flagged, its posting was taken down, or the same
    person has applied again.
    """
    last = application.events[-1]
    if last.before is Stage.SPAM and last.actor_id == actor.user_id:
        return
    _refuse_stale(application, version)
    if last.after is not Stage.SPAM or last.before is None:
        raise Invalid("This application is not flagged.")
    after = _legal_step(application, last.before, Mover.ADMIN, now).after
    _refuse_reopening(session, application, after)
    own = _own_before(session, application)
    try:
        with session.begin_nested():
            _step(session, application, after, actor, None, now, own=own, notify=Notify.NO)
    except IntegrityError:
        raise Invalid("They have applied to this job again. That application stands; this one stays flagged.") from None


def withdraw(
    session: Session, application: Application, actor: Actor, version: int | None, now: datetime, *,
    to: Stage = Stage.WITHDRAWN,
) -> ApplicationEvent:
    """The applicant's own end: withdrawn, or (`to`) an offer declined.

    They act on what they were told: a step held back from them does not stand in their way, and stays untold.
    Raises Conflict where it moved since they looked, Invalid where it is over already.
    """
    known = told(application, now)
    if version is not None and not (known.held and version == application.version - 1):
        _refuse_stale(application, version)
    if known.held is None:
        to = _legal_step(application, to, Mover.APPLICANT, now).after
    elif to not in known.endings:
        raise Invalid(f"An application that is {known.stage.value} cannot become that.")
    else:
        cancel(session, _mail_key(known.held))
    movers = [event.actor_id for event in application.events if event.before is not None and event.actor_id is not None]
    event = _step(session, application, to, actor, None, now)
    others = [mover for mover in movers if mover != application.user_id]
    if others:
        _tell_mover(session, application, event, others[-1], now)
    return event


def _tell_mover(
    session: Session, application: Application, event: ApplicationEvent, mover_id: int, now: datetime
) -> None:
    """Whoever took it past the beginning hears that its applicant ended it."""
    mover = session.get_one(User, mover_id)
    owe(
        session, "application-withdrawn", mover.email, f"application-withdrawn:{event.id}", now,
        application_id=application.id, user_id=mover_id,
    )


def withdraw_all(session: Session, user_id: int, actor: Actor, now: datetime) -> int:
    """Take back every open application of an account; answers how many. What waited for its word waits no more."""
    mine = session.scalars(
        select(Application)
        .where(Application.user_id == user_id, Application.stage.in_(OPEN))
        .options(selectinload(Application.events))
        .order_by(Application.id)
        .with_for_update()
    ).all()
    for application in mine:
        _step(session, application, Stage.WITHDRAWN, actor, None, now)
    theirs = select(Application.id).where(Application.user_id == user_id)
    session.execute(delete(ApplicationProposal).where(ApplicationProposal.application_id.in_(theirs)))
    return len(mine)


def end_open(session: Session, posting_id: int, now: datetime, *, idle_since: datetime | None = None) -> int:
    """Give every open application of an ended posting its outcome and one mail each; answers how many.

    With `idle_since` only those that were last moved then or earlier. The mail waits as long as the end can be undone.
    """
    which = [Application.posting_id == posting_id, Application.stage.in_(OPEN)]
    if idle_since is not None:
        which.append(Application.moved_at <= idle_since)
    waiting = session.scalars(
        select(Application)
        .where(*which)
        .options(selectinload(Application.events))
        .order_by(Application.id)
        .with_for_update()
    ).all()
    for application in waiting:
        event = _step(session, application, Stage.NOT_SELECTED, SYSTEM, None, now, notify=Notify.NOW)
        _owe_news(session, application, event, now, now + UNDO_FOR)
    return len(waiting)


def open_again(session: Session, posting_id: int, ended_at: datetime, now: datetime) -> None:
    """Take back what `end_open` did at `ended_at`: each to where it stood, told only where its mail has left."""
    ended = session.scalars(
        select(Application)
        .where(
            Application.posting_id == posting_id, Application.stage == Stage.NOT_SELECTED,
            Application.moved_at == ended_at,
        )
        .options(selectinload(Application.events))
        .order_by(Application.id)
        .with_for_update()
    ).all()
    for application in ended:
        last = application.events[-1]
        if last.before is None:
            continue
        own, kept_back = _own_before(session, application), cancel(session, _mail_key(last))
        event = _step(
            session, application, last.before, SYSTEM, None, now, action="application.undo", own=own,
            notify=Notify.NO if kept_back else Notify.NOW,
        )
        if kept_back:
            last.notify = Notify.NO
        else:
            _owe_news(session, application, event, now, now)


def _refuse_stale(application: Application, version: int) -> None:
    if application.version != version:
        raise Conflict("Somebody moved this application since you looked. Here it is as it stands now.", application)


def _refuse_reopening(
    session: Session, application: Application, after: Stage, *, undoing: bool = False
) -> None:
    """Refuse to open an application again on a posting that is over.

    An employer may take somebody up again who was not selected, after filling or closing too: a step of the table, and
    theirs to answer. What the board took down stays down, and an undo opens nothing that was over when its posting
    ended.
    """
    if application.stage in OPEN or after not in OPEN:
        return
    held = select(Posting.status, Posting.ended_at).where(Posting.id == application.posting_id)
    found = session.execute(held.with_for_update(read=True, skip_locked=True)).one_or_none()
    if found is None:  # waiting for whoever ends or restores it could be waiting for each other
        raise Conflict("This job is being changed just now. Look at the application again and repeat.", application)
    status, ended_at = found
    left_out = undoing and status in BY_EMPLOYER and (ended_at is None or ended_at >= application.moved_at)
    if status in TAKEN_DOWN or left_out:
        raise Invalid(
            "This job is over, so the application cannot be taken up again. Repost the job and write to the applicant.",
            {"to": f"The job is {status}."},
        )


def _legal_step(application: Application, to: str, mover: Mover, now: datetime) -> Move:
    before = application.stage
    choices = legal(before, mover, now - application.moved_at)
    step = find(before, Stage(to), mover) if to in choices else None
    if step is None:
        words = ", ".join(stage.value for stage in choices) or "nowhere"
        raise Invalid(
            f"An application that is {before.value} cannot become that.", {"to": f"It can move to: {words}."}
        )
    return step


def _own_stage(session: Session, application: Application, to: str, text: str) -> CompanyStage | None:
    """The company's own stage a form names, None where it names none."""
    if not text:
        return None
    known = text.isascii() and text.isdigit() and len(text) < 19
    own = session.get(CompanyStage, int(text)) if known else None
    if own is None or own.company_id != application.posting.company_id or own.stage != to:
        raise Invalid("There is no such stage.", {"stage_id": "Choose one of the stages offered."})
    if own.archived_at is not None and own.id != application.company_stage_id:
        raise Invalid("This stage is archived.", {"stage_id": f"“{own.name}” takes nobody in. Choose another."})
    return own


def _own_before(session: Session, application: Application) -> CompanyStage | None:
    """The company's stage it stood in before its last step; an archived one takes it back."""
    former = application.events[-2].company_stage_id if len(application.events) > 1 else None
    return session.get(CompanyStage, former) if former else None


def _notify(text: str) -> Notify:
    try:
        return Notify(text or Notify.NOW)
    except ValueError:
        raise Invalid("When to write is not clear.", {"notify": "Choose now, later or no."}) from None


def _step(
    session: Session, application: Application, after: Stage, actor: Actor, reason: str | None, now: datetime, *,
    action: str = "application.move", own: CompanyStage | None = None, notify: Notify | None = None,
) -> ApplicationEvent:
    before, own_id = application.stage, own.id if own else None
    event = ApplicationEvent(
        at=now, actor_id=actor.user_id, before=before, after=after, reason=reason, company_stage_id=own_id,
        notify=notify,
    )
    application.events.append(event)
    application.stage, application.moved_at, application.company_stage = after, now, own
    record(session, actor, action, ("application", application.id), now, before=before.value, after=after.value)
    session.flush()
    application_moved.send("applications", session=session, event_id=event.id, now=now)
    return event


def _mail_key(event: ApplicationEvent) -> str:
    return f"application-moved:{event.id}"


def _owe_news(
    session: Session, application: Application, event: ApplicationEvent, now: datetime, due_at: datetime
) -> None:
    owe(
        session, "application-moved", application.email, _mail_key(event), now, due_at=due_at,
        application_id=application.id, event_id=event.id,
    )

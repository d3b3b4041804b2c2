"""What was sent later, under the same address: the applicant takes it up or lets it go."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.core.actor import Actor
from app.core.errors import Invalid
from app.domain.applications.models import Answer, Application, ApplicationEvent, ApplicationProposal
from app.domain.applications.seeing import told
from app.domain.applications.services.sweeping import forget_unused
from app.domain.applications.transitions import OPEN
from app.domain.audit.services import record


def accept(
    session: Session, application: Application, proposal: ApplicationProposal, actor: Actor, now: datetime
) -> str | None:
    """Put what was sent later in the place of what stood there. `application` is locked.

    Answers the store's key of a file nobody needs any more: its bytes go after the commit.
    Raises Invalid where the application is over.
    """
    if told(application, now).stage not in OPEN:
        raise Invalid("This application is over, so what was sent with it stays as it is.")
    old = application.resume_id
    application.name, application.cover_letter = proposal.name, proposal.cover_letter
    application.answers = [Answer(prompt=prompt, answer=answer) for prompt, answer in proposal.answers]
    application.resume_id = proposal.file_id
    application.events.append(
        ApplicationEvent(
            at=now, actor_id=actor.user_id, before=application.stage, after=application.stage,
            company_stage_id=application.company_stage_id,
        )
    )
    record(session, actor, "application.resent", ("application", application.id), now)
    session.delete(proposal)
    session.flush()
    session.expire(application, ["resume"])
    return _sweep(session, old)


def dismiss(
    session: Session, application: Application, proposal: ApplicationProposal, actor: Actor, now: datetime
) -> str | None:
    """Let what was sent later go, its file with it; answers the key of the bytes as `accept` does."""
    file_id = proposal.file_id
    record(session, actor, "application.proposal_dismissed", ("application", application.id), now)
    session.delete(proposal)
    session.flush()
    return _sweep(session, file_id)


def _sweep(session: Session, file_id: int | None) -> str | None:
    """Forget a file that nothing refers to any more."""
    if file_id is None:
        return None
    return next(iter(forget_unused(session, [file_id])), None)

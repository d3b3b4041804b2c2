"""What may be done. Each act is one transaction; what follows in the question reads what it left."""

from collections.abc import Collection
from typing import Any, cast

import strawberry

from app.core import clock
from app.core.db import transaction
from app.core.errors import Gone, Invalid
from app.domain.alerts.services import save, unsave
from app.domain.applications import queries as applications
from app.domain.applications import roster
from app.domain.applications.models import Notify, Stage
from app.domain.applications.transitions import OWN_ENDINGS
from app.domain.companies.policies import Scope
from app.domain.postings import queries as postings
from app.domain.postings.models import PostingStatus
from app.web.api import acts
from app.web.api.acts import EDIT, READ
from app.web.api.applications import fields_of, may_apply, take_application
from app.web.api.bodies import checked
from app.web.api.graphql import types
from app.web.api.graphql.inputs import NewApplication, NewPosting, PostingChange, number, plain
from app.web.api.graphql.loading import Info
from app.web.api.graphql.policy import field
from app.web.api.graphql.reading import shaped
from app.web.api.repeats import once
from app.web.api.schemas import applications as letters
from app.web.api.schemas import postings as shapes
from app.web.api.telling import applicant_document, own_document
from app.web.policy import PUBLIC, SIGNED_IN, need
from app.web.security import limited

Id = strawberry.ID


@strawberry.type
class Receipt:
    """The same whoever applies, and however often."""

    posting_id: Id
    received: bool


@strawberry.type
class Saving:
    """Whether one keeps an eye on a posting."""

    posting_id: Id
    saved: bool


@strawberry.type
class Mutation:
    """What may be done."""

    @field(PUBLIC)
    def apply(
        self, info: Info, posting: Id, application: NewApplication, idempotency_key: str = ""
    ) -> Receipt | None:
        """Apply. With a key the same application sent again is the same; the answer always is."""
        may_apply()
        given = plain(application)
        given["answers"] = {one["question"]: one["answer"] for one in given["answers"]}
        _take(number(posting), checked(letters.NewApplication, given), idempotency_key)
        return Receipt(posting_id=posting, received=True)

    @field(SIGNED_IN)
    def withdraw(
        self, info: Info, id: Id, version: int, to: Stage = Stage.WITHDRAWN
    ) -> types.OwnApplication | None:
        """End one's own application: withdraw it, or decline what was offered."""
        application_id = number(id)
        given = _step(to, OWN_ENDINGS)
        with transaction() as session:
            acts.move_application(session, application_id, given, lambda _: version, info.context.actor, clock.now())
        mine = applications.for_applicant(info.context.session, application_id, info.context.actor)
        return cast(types.OwnApplication, letters.Own.model_validate(own_document(mine)))

    @field(SIGNED_IN)
    def save_posting(self, info: Info, id: Id, saved: bool = True) -> Saving | None:
        """Keep an eye on a live posting, or let go of one."""
        need(Scope.ACCOUNT)
        posting_id, now, user_id = number(id), clock.now(), info.context.actor.user_id or 0
        with transaction() as session:
            found = postings.once_public(session, posting_id, now)
            if not saved:
                unsave(session, user_id, posting_id)
            elif postings.is_live(session, found, now):
                save(session, user_id, posting_id, now)
            else:
                raise Gone("This job is closed, so it cannot be saved any more.")
        return Saving(posting_id=id, saved=saved)

    @field(SIGNED_IN)
    def move_application(
        self, info: Info, id: Id, to: Stage, version: int, reason: str = "", notify: Notify = Notify.NOW,
        stage_id: Id | None = None,
    ) -> types.Applicant | None:
        """Move an application to one's company; a step that is not legal names those that are."""
        application_id, actor = number(id), info.context.actor
        others = [stage for stage in Stage if stage not in OWN_ENDINGS]
        given = _step(to, others, reason=reason, notify=notify, stage_id=stage_id)
        with transaction() as session:
            acts.move_application(session, application_id, given, lambda _: version, actor, clock.now())
        card = roster.card_of(applications.for_member(info.context.session, application_id, actor, READ))
        return cast(types.Applicant, letters.Applicant.model_validate(applicant_document(card)))

    @field(EDIT)
    def create_posting(self, info: Info, posting: NewPosting, idempotency_key: str = "") -> types.Posting | None:
        """A new posting of one's company. With a key the same sent again within a day is the one made before."""
        given, actor, now = checked(shapes.NewPosting, plain(posting)), info.context.actor, clock.now()
        with transaction() as session:
            posting_id, new = once(
                session, given, lambda: acts.make_posting(session, given, actor, now).id, idempotency_key
            )
            if not new:
                postings.for_member(session, posting_id, actor, EDIT)
        return _left(info, posting_id)

    @field(SIGNED_IN)
    def update_posting(self, info: Info, id: Id, version: int, posting: PostingChange) -> types.Posting | None:
        """Change what a posting states. A public one may be reviewed again."""
        posting_id, actor = number(id), info.context.actor
        given = checked(shapes.Changed, plain(posting))
        with transaction() as session:
            found = postings.for_member(session, posting_id, actor, EDIT, lock=True)
            acts.change_posting(session, found, given, version, actor, clock.now())
        return _left(info, posting_id)

    @field(SIGNED_IN)
    def transition_posting(
        self, info: Info, id: Id, to: PostingStatus, version: int, reason: str = ""
    ) -> types.Posting | None:
        """Move a posting through its life, by the one table; a move that is not legal names those that are."""
        posting_id, actor = number(id), info.context.actor
        given = checked(shapes.Transition, {"to": to, "reason": reason})
        with transaction() as session:
            found = acts.posting_to_move(session, posting_id, actor)
            acts.move_posting(session, found, given, version, actor, clock.now())
        return _left(info, posting_id)


def _step(to: Stage, allowed: Collection[Stage], **more: Any) -> letters.Step:
    if to not in allowed:
        raise Invalid("This step is not yours to make.", {"to": f"Choose from {', '.join(allowed)}."})
    return checked(letters.Step, {"to": to, **more})


@limited("60 per minute", within=True)
def _take(posting_id: int, given: letters.NewApplication, key: str) -> None:
    fields, upload = fields_of(given)
    take_application(posting_id, fields, upload, key)


def _left(info: Info, posting_id: int) -> types.Posting:
    """What an act left, for those who may read it whatever its state."""
    return shaped(postings.by_id(info.context.session, posting_id), info)

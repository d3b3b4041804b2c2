"""Postings of one's company: made, changed, moved, and drafts taken away."""

from datetime import datetime

from flask import Response, jsonify

from app.core import clock
from app.core.db import Session, transaction
from app.domain.postings.models import Posting
from app.domain.postings.queries import by_id, for_member
from app.domain.postings.services import discard
from app.web.api import acts
from app.web.api import blueprint as bp
from app.web.api.acts import EDIT
from app.web.api.bodies import body
from app.web.api.describing import described
from app.web.api.repeats import Repeatable, once
from app.web.api.schemas.postings import Changed, NewPosting, Transition
from app.web.api.schemas.postings import WholePosting as Document
from app.web.api.schemas.shapes import Conditional
from app.web.api.versions import version_of
from app.web.context import links
from app.web.documents import whole_document
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow


@bp.post("/v1/postings")
@allow(EDIT)
@described("Postings", Document, 403, 404, 409, takes=NewPosting, headers=Repeatable, status=201)
def make_posting() -> tuple[Response, int]:
    """A new posting of one's company. Sent again under the same `Idempotency-Key` it is the one made before, as it is
    now (404 where it was deleted)."""
    given, actor, now = body(NewPosting), current_actor(), clock.now()
    with transaction() as session:
        posting_id, new = once(session, given, lambda: acts.make_posting(session, given, actor, now).id)
        if not new:
            for_member(session, posting_id, actor, EDIT)
        answer = _answer(session, posting_id, now)
        answer.headers["Location"] = links().url(f"/api/v1/postings/{posting_id}")
    return answer, 201


@bp.patch("/v1/postings/<id:posting_id>")
@allow(SIGNED_IN)
@described("Postings", Document, 403, 404, 409, 412, takes=Changed, headers=Conditional)
def change_posting(posting_id: int) -> Response:
    """Change what a posting states. A public one may be reviewed again."""
    given, actor, now = body(Changed), current_actor(), clock.now()
    with transaction() as session:
        posting = for_member(session, posting_id, actor, EDIT, lock=True)
        acts.change_posting(session, posting, given, _version(given.version, posting, now), actor, now)
        return _answer(session, posting_id, now)


@bp.post("/v1/postings/<id:posting_id>/transitions")
@allow(SIGNED_IN)
@described("Postings", Document, 403, 404, 409, 412, takes=Transition, headers=Conditional)
def move_posting(posting_id: int) -> Response:
    """Move a posting through its life, by the one table; a move that is not legal names those that are.

    Its company's members hand it in, pause, publish again, close; admins publish what waits for review, ask for
    changes, reject and remove.
    """
    given, actor, now = body(Transition), current_actor(), clock.now()
    with transaction() as session:
        posting = acts.posting_to_move(session, posting_id, actor)
        acts.move_posting(session, posting, given, _version(given.version, posting, now), actor, now)
        return _answer(session, posting_id, now)


@bp.delete("/v1/postings/<id:posting_id>")
@allow(SIGNED_IN)
@described("Postings", None, 403, 404, 409, 412, headers=Conditional)
def delete_posting(posting_id: int) -> tuple[str, int]:
    """Take away a draft that was never handed in."""
    actor, now = current_actor(), clock.now()
    with transaction() as session:
        posting = for_member(session, posting_id, actor, EDIT, lock=True)
        version = _version(posting.version, posting, now)
        discard(session, posting, version, actor, now)
    return "", 204


def _version(named: int | None, posting: Posting, now: datetime) -> int:
    return version_of(named, posting.version, lambda: _tagged(posting, now).get_etag()[0] or "")


def _answer(session: Session, posting_id: int, now: datetime) -> Response:
    """The posting as it is now, for those who may read it whatever its state."""
    session.flush()
    session.expire_all()
    return _tagged(by_id(session, posting_id), now)


def _tagged(posting: Posting, now: datetime) -> Response:
    answer = jsonify(whole_document(posting, links(), now))
    answer.add_etag()
    return answer

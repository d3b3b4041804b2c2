"""Behind the mailed link: an applicant without an account sees how it stands, takes it back, moves it to an account."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import ANONYMOUS
from app.core.db import reading, transaction
from app.core.errors import BadCursor, Conflict, NotFound
from app.domain.accounts.identity import same_mailbox
from app.domain.applications.guests import by_token, waiting
from app.domain.applications.models import Stage
from app.domain.applications.services import accept, ask_for_links, claim, dismiss, withdraw
from app.web.context import links
from app.web.forms import version_given
from app.web.people import current_actor
from app.web.policy import PUBLIC, allow
from app.web.security import limited
from app.web.site import blueprint as bp
from app.web.site.me import SAID
from app.web.site.status import differs, forget, shown

BROKEN = "This link is not whole. Copy all of it from the mail, up to its end."


@bp.after_request
def _keep_private(answer: Response) -> Response:
    """The address is the key: it is told to nobody, kept nowhere and indexed by none, in errors too."""
    if not request.path.startswith("/applications"):
        return answer
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _by_link(view: Callable[..., Any]) -> Callable[..., Response]:
    """A view behind a signed link; one that is no good answers with the way to a new one."""

    @wraps(view)
    def answer(token: str, **more: Any) -> Response:
        try:
            return make_response(view(token, **more))
        except BadCursor:
            return make_response(_ask(BROKEN), 400)
        except NotFound as error:
            return make_response(_ask(error.message), 404)

    return answer


def _ask(problem: str = "", *, sent: bool = False) -> str:
    return render_template("site/guest_link.html", problem=problem, sent=sent)


@bp.get("/applications")
@allow(PUBLIC)
def find_application() -> str:
    """Where one asks for the link again."""
    return _ask(sent=request.args.get("sent") == "yes")


@bp.post("/applications")
@allow(PUBLIC)
@limited("5 per minute;20 per hour")
def send_links() -> Response:
    """Mail the links to an address under which something was sent; the answer is the same for every address."""
    with transaction() as session:
        ask_for_links(session, request.form.get("email", "")[:320], clock.now())
    return redirect("/applications?sent=yes", 303)


@bp.get("/applications/<token>")
@allow(PUBLIC)
@_by_link
def guest_application(token: str) -> str:
    """How it stands, what was sent, the posting as it was, and what waits for a word."""
    now, session, actor = clock.now(), reading(), current_actor()
    application, path = by_token(session, links(), token), f"/applications/{token}"
    return render_template(
        "site/guest_application.html", shown=shown(application, path, now),
        waiting=[
            differs(proposal, application, f"{path}/proposals/{proposal.id}", now)
            for proposal in waiting(session, application.id)
        ],
        same=actor.is_authenticated and same_mailbox(actor.email, application.email),
    )


@bp.post("/applications/<token>/withdraw")
@allow(PUBLIC)
@_by_link
def guest_withdraw(token: str) -> Response:
    """Take an open application back."""
    return _end(token, Stage.WITHDRAWN, "Your application is withdrawn.")


@bp.post("/applications/<token>/decline")
@allow(PUBLIC)
@_by_link
def guest_decline(token: str) -> Response:
    """Decline an offer."""
    return _end(token, Stage.DECLINED, "You declined the offer.")


def _end(token: str, to: Stage, said: str) -> Response:
    version = version_given(request.form) if request.form.get("version") else None
    with transaction() as session:
        application = by_token(session, links(), token, lock=True)
        try:
            withdraw(session, application, ANONYMOUS, version, clock.now(), to=to)
        except Conflict:
            raise Conflict("The employer moved your application just now. Look at it again first.") from None
    flash(said)
    return redirect(f"/applications/{token}", 303)


@bp.post("/applications/<token>/claim")
@allow(PUBLIC)
@_by_link
def guest_claim(token: str) -> Response:
    """Move the application into the account of its address; who has none, or is not signed in, comes back after."""
    actor = current_actor()
    if not actor.is_authenticated:
        by_token(reading(), links(), token)
        return redirect(f"/sign-in?next=/applications/{token}", 303)
    with transaction() as session:
        application = by_token(session, links(), token, lock=True)
        application_id = application.id
        claim(session, application, actor, clock.now())
    flash("The application is in your account now. The link from the mail is no longer needed, and no longer good.")
    return redirect(f"/me/applications/{application_id}", 303)


@bp.post("/applications/<token>/proposals/<id:proposal_id>/<any('accept', 'dismiss'):word>")
@allow(PUBLIC)
@_by_link
def guest_word(token: str, proposal_id: int, word: str) -> Response:
    """Take up what was sent later, or let it go."""
    now, unused = clock.now(), None
    with transaction() as session:
        application = by_token(session, links(), token, lock=True)
        found = [one for one in waiting(session, application.id) if one.id == proposal_id]
        if found:
            unused = (accept if word == "accept" else dismiss)(session, application, found[0], ANONYMOUS, now)
    forget(unused)
    flash(SAID[word] if found else "This was decided already.")
    return redirect(f"/applications/{token}", 303)

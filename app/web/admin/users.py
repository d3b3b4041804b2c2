"""People: the table, one person's page, and what may be done to them."""

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.db import Session, reading, transaction
from app.core.errors import Invalid
from app.domain.accounts.models import User
from app.domain.accounts.services import standing
from app.domain.applications.queries import number_of
from app.domain.audit import queries as audit
from app.domain.companies import directory
from app.domain.companies.policies import Permission
from app.domain.companies.services.standing import end_membership
from app.web.admin import blueprint as bp
from app.web.admin.acting import Act, Row, perform
from app.web.admin.log import entries_of
from app.web.admin.tables import PAGE, view
from app.web.people import current_actor
from app.web.policy import allow

ACTS = {
    "suspend": Act("suspend", "Suspend", "Suspended", asks=True),
    "restore": Act("restore", "Restore", "Restored"),
    "make-admin": Act("make-admin", "Make an admin", "Is an admin now"),
    "unmake-admin": Act("unmake-admin", "No longer an admin", "Is no admin any more"),
}
COLUMNS = ("Person", "Standing", "Joined")
SHOWS = (
    ("", "Everybody"), ("admins", "Admins"), ("employers", "Employers"), ("suspended", "Suspended"),
    ("unverified", "Address not verified"),
)
SORTS = (("", "Newest first"), ("name", "By name"))


def _row(user: User) -> Row:
    acts = []
    if user.closed_at is None and user.id != current_actor().user_id:
        acts = [ACTS["restore"] if user.suspended_at else ACTS["suspend"]]
        if user.is_admin:
            acts.append(ACTS["unmake-admin"])
        elif user.suspended_at is None:
            acts.append(ACTS["make-admin"])
    badges = [
        badge
        for holds, badge in (
            (user.closed_at, ("Closed", "")), (user.suspended_at, ("Suspended", "bad")),
            (user.is_admin, ("Admin", "brand")),
            (user.email_verified_at is None and not user.closed_at, ("Not verified", "warn")),
        )
        if holds
    ]
    closed = user.closed_at is not None
    return Row(
        kind="user", path=f"/admin/users/{user.id}", id=user.id, version=user.version,
        name="Closed account" if closed else user.name, line="" if closed else user.email,
        badges=badges or [("Active", "ok")], facts=[user.created_at], acts=acts,
    )


@bp.get("/admin/users")
@allow(Permission.ADMIN_USERS_READ)
def users() -> str:
    """People as the address asks: words, some of them, an order, a page."""
    asked = view("/admin/users", show=list(directory.People), sort=list(directory.Sort))
    sort = directory.Sort(asked.get("sort") or "newest")
    wanted = directory.Asked(asked.words, asked.get("show"), sort)
    found = directory.people(reading(), wanted, asked.left(), PAGE)
    shown, next_url = asked.split(found, lambda user: directory.left_at(user, sort))
    return render_template(
        "admin/acted.html", heading="Users", placeholder="Name or address", empty="Nobody fits", view=asked,
        columns=COLUMNS, rows=[_row(user) for user in shown], next_url=next_url, here=asked.here(), shows=SHOWS,
        sorts=SORTS, ask=None, problem="",
    )


@bp.get("/admin/users/<id:user_id>")
@allow(Permission.ADMIN_USERS_READ)
def user_page(user_id: int) -> str:
    """One person: where they belong, how much they do here, what was done about them; nothing they wrote."""
    return _page(user_id)


def _page(user_id: int, problems: dict[int, tuple[str, str]] | None = None) -> str:
    """`problems` are why a membership could not be ended, with the reason that was typed, by its id."""
    session, now = reading(), clock.now()
    user = directory.person(session, user_id)
    about = audit.page(session, None, 20, audit.Asked(kind="user", subject=user.id))[:20]
    return render_template(
        "admin/user.html", user=user, row=_row(user), memberships=directory.memberships(session, user.id),
        sessions=directory.sessions(session, user.id, now), applications=number_of(session, user.id),
        entries=entries_of(about), here=f"/admin/users/{user.id}", problems=problems or {},
    )


@bp.post(f"/admin/users/<id:user_id>/<any({','.join(map(repr, sorted(ACTS)))}):user_action>")
@allow(Permission.ADMIN_USERS_EDIT)
def user_act(user_id: int, user_action: str) -> Response | tuple[str, int]:
    """Do one thing to one person; answers with their row."""
    actor, now = current_actor(), clock.now()

    def work(session: Session, version: int, reason: str) -> None:
        standing.admin_act(session, standing.locked(session, user_id), user_action, version, actor, reason, now)

    return perform(ACTS[user_action], "Users", COLUMNS, lambda: _row(directory.person(reading(), user_id)), work)


@bp.post("/admin/users/<id:user_id>/memberships/<id:belonging_id>/end")
@allow(Permission.ADMIN_USERS_EDIT)
def membership_end(user_id: int, belonging_id: int) -> Response | tuple[str, int]:
    """End a membership; the rights that hang on it end with the next request."""
    reason = request.form.get("reason", "")
    try:
        with transaction() as session:
            end_membership(session, belonging_id, user_id, current_actor(), reason, clock.now())
    except Invalid as error:
        return _page(user_id, {belonging_id: (error.fields.get("reason", error.message), reason)}), 422
    flash("The membership is ended.")
    return redirect(f"/admin/users/{user_id}", 303)

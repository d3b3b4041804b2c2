"""Who works at the company: members, their roles, and people asked to join."""

from collections.abc import Callable

from flask import flash, render_template, request
from werkzeug.wrappers import Response

from app.core import clock
from app.core.actor import Belonging
from app.core.db import Session, reading, transaction
from app.core.errors import Conflict, Invalid
from app.domain.companies.models import CompanyRole
from app.domain.companies.policies import Permission, can
from app.domain.companies.queries import invitations_waiting, tokens_at
from app.domain.companies.queries import team as team_of
from app.domain.companies.services.invitations import PAUSE, for_owner, invite, revoke, send_again
from app.domain.companies.services.membership import (
    change_role,
    hold_team,
    leave,
    member_for,
    own_membership,
    remove_member,
)
from app.domain.companies.services.tokens import revoke_of_company
from app.web.desk import blueprint as bp
from app.web.desk.choice import chosen
from app.web.forms import Problems, version_given
from app.web.htmx import go
from app.web.people import current_actor
from app.web.policy import SIGNED_IN, allow
from app.web.security import limited

READ, EDIT = Permission.COMPANIES_TEAM_READ, Permission.COMPANIES_TEAM_EDIT
MAY = {
    "owner": "Everything: postings, applicants, the team and the company's page",
    "recruiter": "Writes postings and manages applicants", "reviewer": "Reads applicants",
}
ROLES = [(role.value, role.value.capitalize()) for role in CompanyRole]


def _page(
    here: Belonging, status: int, *, problem: Invalid | None = None, stale: str = "", email: str = "", role: str = ""
) -> tuple[str, int]:
    session, actor, now = reading(), current_actor(), clock.now()
    may_edit = can(actor, EDIT, here.company_id)
    page = render_template(
        "desk/team.html", here=here, members=team_of(session, here.company_id), may=MAY, roles=ROLES,
        may_edit=may_edit, invitations=invitations_waiting(session, here.company_id) if may_edit else [], now=now,
        pause=PAUSE, tokens=tokens_at(session, here.company_id, now) if may_edit else [],
        problems=Problems(problem.fields) if problem else Problems(), message=problem.message if problem else "",
        stale=stale, email=email, role=role or CompanyRole.RECRUITER.value,
    )
    return page, status


@bp.get("/employer/team")
@allow(READ)
def team() -> tuple[str, int]:
    """The living members; for owners also who is asked to join."""
    return _page(chosen(READ), 200)


@bp.post("/employer/team/invitations")
@allow(READ)
@limited("60 per hour")
def team_invite() -> Response | tuple[str, int]:
    """Ask somebody by mail to join."""
    here, form = chosen(EDIT), request.form
    email, role = form.get("email", ""), form.get("role", "")
    try:
        with transaction() as session:
            hold_team(session, here.company_id, current_actor(), EDIT)
            asked = invite(session, here.company_id, email, role, current_actor(), clock.now()).email
    except Invalid as error:
        return _page(here, 422, problem=error, email=email, role=role)
    return _done(here, f"An invitation goes to {asked}. The link in it works for seven days.")


@bp.post("/employer/team/invitations/<id:invitation_id>/resend")
@allow(SIGNED_IN)
def team_resend(invitation_id: int) -> Response | tuple[str, int]:
    """Send an invitation once more."""

    def act(session: Session) -> None:
        invitation = for_owner(session, invitation_id, current_actor())
        send_again(session, invitation, version_given(request.form), current_actor(), clock.now())

    return _do(act, "The invitation goes out again. The link in the mail before it no longer works.")


@bp.post("/employer/team/invitations/<id:invitation_id>/revoke")
@allow(SIGNED_IN)
def team_revoke(invitation_id: int) -> Response | tuple[str, int]:
    """Take an invitation back."""

    def act(session: Session) -> None:
        invitation = for_owner(session, invitation_id, current_actor())
        revoke(session, invitation, current_actor(), clock.now())

    return _do(act, "The invitation is taken back: its link no longer works.")


@bp.post("/employer/team/members/<id:membership_id>/role")
@allow(SIGNED_IN)
def team_role(membership_id: int) -> Response | tuple[str, int]:
    """Give a member another role."""

    def act(session: Session) -> None:
        member, form = member_for(session, membership_id, current_actor(), EDIT), request.form
        change_role(session, member, form.get("role", ""), version_given(form), current_actor(), clock.now())

    return _do(act, "The role is changed.")


@bp.post("/employer/team/members/<id:membership_id>/remove")
@allow(SIGNED_IN)
def team_remove(membership_id: int) -> Response | tuple[str, int]:
    """End a membership: every right of it is gone with the commit."""

    def act(session: Session) -> None:
        member = member_for(session, membership_id, current_actor(), EDIT)
        remove_member(session, member, version_given(request.form), current_actor(), clock.now())

    return _do(act, "They are no longer on the team, and see nothing of it from now on.")


@bp.post("/employer/team/tokens/<id:token_id>/revoke")
@allow(SIGNED_IN)
def team_token_revoke(token_id: int) -> Response | tuple[str, int]:
    """End a token that a member made for this company."""

    def act(session: Session) -> None:
        revoke_of_company(session, token_id, current_actor(), clock.now())

    return _do(act, "The token is revoked: programs that use it are refused from now on.")


@bp.post("/employer/team/leave")
@allow(READ)
def team_leave() -> Response | tuple[str, int]:
    """Leave the company oneself."""
    here = chosen(READ)
    try:
        with transaction() as session:
            membership = own_membership(session, here.company_id, current_actor())
            if "sure" not in request.form:
                raise Invalid("Tick that you are sure: only an owner can let you in again.", {"sure": "Tick this."})
            leave(session, membership, current_actor(), clock.now())
    except Invalid as error:
        return _page(here, 422, problem=error)
    flash(f"You have left {here.company_name}.")
    return go("/me")


def _do(act: Callable[[Session], object], told: str) -> Response | tuple[str, int]:
    """One change of the team; what is stale or refused is told on the team's page as it is now."""
    here = chosen(READ)
    try:
        with transaction() as session:
            act(session)
    except Conflict as error:
        return _page(here, 409, stale=error.message)
    except Invalid as error:
        return _page(here, 422, problem=error)
    return _done(here, told)


def _done(here: Belonging, told: str) -> Response:
    flash(told)
    return go(f"/employer/team?company={here.company_slug}")

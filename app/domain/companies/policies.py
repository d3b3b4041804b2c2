"""Who may do what, at which company."""

import enum

from app.core.actor import Actor
from app.core.errors import Forbidden, NotFound


class Permission(enum.StrEnum):
    """Rights, `room:resource:action`, in alphabetical order."""

    ADMIN_APPLICATIONS_DECIDE = "admin:applications:decide"
    ADMIN_APPLICATIONS_READ = "admin:applications:read"
    ADMIN_AUDIT_READ = "admin:audit:read"
    ADMIN_BOARD_EDIT = "admin:board:edit"
    ADMIN_CATEGORIES_EDIT = "admin:categories:edit"
    ADMIN_COMPANIES_EDIT = "admin:companies:edit"
    ADMIN_COMPANIES_READ = "admin:companies:read"
    ADMIN_HOME_READ = "admin:home:read"
    ADMIN_IMPORTS_EDIT = "admin:imports:edit"
    ADMIN_IMPORTS_READ = "admin:imports:read"
    ADMIN_MAIL_READ = "admin:mail:read"
    ADMIN_MAIL_SEND = "admin:mail:send"
    ADMIN_POSTINGS_MODERATE = "admin:postings:moderate"
    ADMIN_POSTINGS_READ = "admin:postings:read"
    ADMIN_REPORTS_DECIDE = "admin:reports:decide"
    ADMIN_REPORTS_READ = "admin:reports:read"
    ADMIN_USERS_EDIT = "admin:users:edit"
    ADMIN_USERS_READ = "admin:users:read"
    APPLICATIONS_APPLICATION_EXPORT = "applications:application:export"
    APPLICATIONS_APPLICATION_MOVE = "applications:application:move"
    APPLICATIONS_APPLICATION_RATE = "applications:application:rate"
    APPLICATIONS_APPLICATION_READ = "applications:application:read"
    APPLICATIONS_STAGES_EDIT = "applications:stages:edit"
    COMPANIES_COMPANY_EDIT = "companies:company:edit"
    COMPANIES_TEAM_EDIT = "companies:team:edit"
    COMPANIES_TEAM_READ = "companies:team:read"
    POSTINGS_POSTING_EDIT = "postings:posting:edit"
    POSTINGS_POSTING_READ = "postings:posting:read"
    WEBHOOKS_WEBHOOK_EDIT = "webhooks:webhook:edit"

    @property
    def for_admins(self) -> bool:
        return self.startswith("admin:")


P = Permission
_REVIEWER = {
    P.APPLICATIONS_APPLICATION_RATE, P.APPLICATIONS_APPLICATION_READ, P.COMPANIES_TEAM_READ, P.POSTINGS_POSTING_READ,
}
_RECRUITER = _REVIEWER | {
    P.APPLICATIONS_APPLICATION_EXPORT, P.APPLICATIONS_APPLICATION_MOVE, P.APPLICATIONS_STAGES_EDIT,
    P.POSTINGS_POSTING_EDIT,
}
_OWNER = _RECRUITER | {P.COMPANIES_COMPANY_EDIT, P.COMPANIES_TEAM_EDIT, P.WEBHOOKS_WEBHOOK_EDIT}
GRANTS: dict[str, set[Permission]] = {"owner": _OWNER, "recruiter": _RECRUITER, "reviewer": _REVIEWER}


class Scope(enum.StrEnum):
    """What a program's token may be for."""

    ACCOUNT = "account"
    ADMIN = "admin"
    APPLICATIONS_READ = "applications:read"
    APPLICATIONS_WRITE = "applications:write"
    APPLY = "apply"
    POSTINGS_READ = "postings:read"
    POSTINGS_WRITE = "postings:write"
    WEBHOOKS = "webhooks"


_SCOPES = {
    P.APPLICATIONS_APPLICATION_EXPORT: Scope.APPLICATIONS_READ,
    P.APPLICATIONS_APPLICATION_MOVE: Scope.APPLICATIONS_WRITE,
    P.APPLICATIONS_APPLICATION_RATE: Scope.APPLICATIONS_WRITE,
    P.APPLICATIONS_APPLICATION_READ: Scope.APPLICATIONS_READ,
    P.POSTINGS_POSTING_EDIT: Scope.POSTINGS_WRITE,
    P.POSTINGS_POSTING_READ: Scope.POSTINGS_READ,
    P.WEBHOOKS_WEBHOOK_EDIT: Scope.WEBHOOKS,
}
"""The scope a right needs; those of no scope are for people alone."""


def in_scope(actor: Actor, scope: Scope | None) -> bool:
    """Whether whoever acts may do what this scope is for: people may, programs where their token says so."""
    return actor.scopes is None or scope in actor.scopes


def _scope_of(permission: Permission) -> Scope | None:
    return Scope.ADMIN if permission.for_admins else _SCOPES.get(permission)


def can(actor: Actor, permission: Permission, company_id: int | None = None) -> bool:
    """Whether the actor holds the right: as an admin, or by a living membership of that company.

    A program's token must be for it as well.
    """
    if not in_scope(actor, _scope_of(permission)):
        return False
    if permission.for_admins:
        return actor.is_admin
    belonging = actor.belonging(company_id)
    return belonging is not None and permission in GRANTS[belonging.role]


def can_somewhere(actor: Actor, permission: Permission) -> bool:
    """Whether the actor holds the right at any company (or as an admin)."""
    return can(actor, permission) or any(can(actor, permission, m.company_id) for m in actor.memberships)


def require(actor: Actor, permission: Permission, company_id: int | None) -> None:
    """Raise NotFound to a stranger of the company, Forbidden to a colleague without the right."""
    if can(actor, permission, company_id):
        return
    if actor.belonging(company_id) is None:
        raise NotFound
    raise Forbidden

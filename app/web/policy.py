"""Every route says who may; what says nothing cannot start."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar, cast
from urllib.parse import quote

from flask import Flask, current_app, request
from werkzeug.wrappers import Response

from app.core.actor import Actor
from app.core.errors import Forbidden, SignInRequired
from app.domain.companies.policies import Permission, Scope, can, can_somewhere, in_scope
from app.web.htmx import go
from app.web.people import current_actor, for_machines

Policy = Literal["public", "signed-in"] | Permission
PUBLIC: Policy = "public"
SIGNED_IN: Policy = "signed-in"

View = TypeVar("View", bound=Callable[..., Any])


def allow(policy: Policy) -> Callable[[View], View]:
    """Declare who may call a view. Rows it loads are checked again by its guard-loader."""

    def declare(view: View) -> View:
        view.policy = policy  # type: ignore[attr-defined]
        return view

    return declare


def decide(policy: Policy, actor: Actor) -> None:
    """Raise SignInRequired or Forbidden unless `actor` passes the route's policy."""
    if policy == PUBLIC:
        return
    if not actor.is_authenticated:
        raise SignInRequired
    if isinstance(policy, Permission) and not can_somewhere(actor, policy):
        raise Forbidden("This page is for " + ("admins." if policy.for_admins else "employers with this right."))


def need(scope: Scope) -> None:
    """Raise Forbidden where a program's token is not for this."""
    if not in_scope(current_actor(), scope):
        raise Forbidden(f"This token is not for that: it lacks the scope {scope}.")


def install(app: Flask) -> None:
    """Refuse an undeclared route, then ask the declared policy before every view."""
    views = cast(dict[str, Any], app.view_functions)
    views["static"].policy = PUBLIC
    undeclared = [str(rule) for rule in app.url_map.iter_rules() if not hasattr(views[rule.endpoint], "policy")]
    if undeclared:
        raise RuntimeError(f"routes without a declared policy: {', '.join(sorted(undeclared))}")

    @app.before_request
    def _enforce() -> Response | None:
        if request.endpoint is None or request.method == "OPTIONS":
            return None
        policy: Policy = views[request.endpoint].policy
        if policy == PUBLIC:
            return None
        actor = current_actor()
        decide(policy, actor)
        if isinstance(policy, Permission) and policy.for_admins and not _trusted(actor):
            if for_machines():
                raise Forbidden(_WITHOUT)
            back = quote(request.path) if request.method == "GET" else "/admin"
            return go(f"/me/security/second-factor?next={back}")
        return None


def admin_may(actor: Actor, permission: Permission) -> bool:
    """Whether the actor holds an admin's right and may use it here: for views that others may call too."""
    return can(actor, permission) and _trusted(actor)


def admin_must(actor: Actor, permission: Permission) -> None:
    """Raise Forbidden unless `admin_may`."""
    if not admin_may(actor, permission):
        raise Forbidden(_WITHOUT)


_WITHOUT = "Admins work with a second factor here: turn it on at /me/security."


def _trusted(actor: Actor) -> bool:
    """In production admins work with a second factor only."""
    return actor.second_factor or not cast(bool, current_app.extensions["nexus-settings"].production)

"""Every route says who may; what says nothing cannot start."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar, cast
from urllib.parse import quote

from flask import Flask, current_app, request
from werkzeug.wrappers import Response

from app.core.actor import Actor
from app.core.errors import Forbidden, SignInRequired
from app.domain.companies.policies import Permission, can_somewhere
from app.web.htmx import go
from app.web.people import current_actor

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
        if isinstance(policy, Permission) and policy.for_admins and not actor.second_factor and _production():
            back = quote(request.path) if request.method == "GET" else "/admin"
            return go(f"/me/security/second-factor?next={back}")
        return None


def _production() -> bool:
    """Where admins work with a second factor only."""
    return cast(bool, current_app.extensions["nexus-settings"].production)

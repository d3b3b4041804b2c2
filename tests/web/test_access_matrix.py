"""Every route, every method, everybody: what they get is what `access_matrix.yaml` says."""

import io
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core import clock
from app.domain.companies.models import Membership
from app.web import policy
from tests.factories import PASSWORD
from tests.web.world import ROLES, World, declared, fill, methods, plain

ONLY = os.environ.get("NEXUS_ROUTE", "")
"""`GET /jobs`: ask this one alone (`make mutants` takes its guard away)."""
MATRIX: dict[str, list[str]] = {
    route: expected.split()
    for route, expected in yaml.safe_load(Path(__file__).with_name("access_matrix.yaml").read_text()).items()
}
FACTS = {
    "title": "Backend Engineer", "description": "Build.", "category": "engineering", "type": "full_time",
    "workplace": "on_site", "places": "Berlin, Germany", "salary_min": "60000", "salary_max": "80000",
    "salary_currency": "EUR", "salary_period": "year", "openings": "1",
}
FIELDS: dict[str, dict[str, str]] = {
    "/admin/users/<user_id>/<user_action>": {"version": "1", "reason": "Because."},
    "/admin/companies/<company_id>/<company_action>": {"version": "1"},
    "/admin/companies/<company_id>/merge": {"version": "1"},
    "/admin/categories": {"name": "Baking"},
    "/admin/categories/<category_id>/<category_action>": {"version": "1", "name": "Baking", "slug": ""},
    "/admin/categories/<category_id>/merge": {"version": "1"},
    "/admin/imports/sources": {"url": "https://feeds.example.org/jobs.xml", "every_hours": "24"},
    "/change-email/<token>": {"answer": "yes"},
    "/forgot-password": {"email": "ada@example.org"},
    "/admin/postings/<posting_id>/category": {"category": "engineering"},
    "/admin/postings/bulk": {"action": "freeze"},
    "/admin/settings": {"version": "0", "site_name": "Nexus"},
    "/employer/company": {"name": "Northwind", "website": "", "description": ""},
    "/employer/first-steps": {"item": "logo"},
    "/employer/postings/new": FACTS,
    "/admin/users/<user_id>/memberships/<belonging_id>/end": {"reason": "Because."},
    "/employer/team/invitations": {"email": "new@example.org", "role": "recruiter"},
    "/employer/team/members/<membership_id>/remove": {"version": "99"},
    "/employer/team/members/<membership_id>/role": {"version": "99", "role": "owner"},
    "/employer/webhooks": {"url": "https://hooks.example.org/new", "events": "posting.closed"},
    "/employer/webhooks/<webhook_id>": {"url": "https://else.example.org/", "events": "posting.closed", "version": "1"},
    "/employer/webhooks/<webhook_id>/turn": {"on": "0", "version": "1"},
    "/employer/webhooks/<webhook_id>/rotate": {"version": "1"},
    "/employer/webhooks/<webhook_id>/remove": {"sure": "1"},
    "/employer/postings/<posting_id>": FACTS,
    "/employer/postings/<posting_id>/move": {"to": "paused"},
    "/employer/postings/preview": {"description": "Build."},
    "/admin/postings/<posting_id>/<action>": {"reason": "Because."},
    "/applications/<token>/decline": {"version": ""},
    "/applications/<token>/withdraw": {"version": ""},
    "/admin/reports/<posting_id>/<action>": {"seen": str(10**9)},
    "/jobs/<posting_id>/report": {"reason": "scam"},
    "/employer/applications/<application_id>/move": {"to": "in_review", "notify": "no"},
    "/employer/applications/<application_id>/rating": {"score": "4"},
    "/employer/applications/<application_id>/notes": {"body": "Call her."},
    "/employer/applications/<application_id>/notes/<note_id>": {"body": "Call her soon."},
    "/employer/postings/<posting_id>/applicants/move": {"to": "in_review", "notify": "no"},
    "/employer/stages": {"name": "Trial day", "stage": "interview"},
    "/employer/stages/<stage_id>": {"act": "up", "version": "1"},
    "/me/tokens/new": {"name": "Import", "scopes": "account", "days": "30", "current_password": PASSWORD},
    "/jobs/<posting_id>/applications": {"name": "Ada Lovelace", "email": "ada@example.org", "cover_letter": "I build."},
}
"""What a valid form of this route holds, besides its version and token."""
FILES = {"/jobs/<posting_id>/applications": "resume"}
"""The field of forms that carry a file."""
ROWS: dict[str, dict[str, Any]] = {
    "/employer/postings/<posting_id>/repost": {"expires_at": clock.now() - timedelta(minutes=1)},
    "/jobs/<posting_id>/-/out": {"apply_url": "https://jobs.example.org/7"},
}
"""How the posting is when this route is asked, where it is not simply live."""
FIXED = {
    "word": "dismiss", "session_id": 10**15, "token": "nonsense", "name": "0" * 16,
    "number": 1, "part": 0, "search_id": 1, "page": "imprint", "run_id": 1, "action": "freeze",
    "filename": "css/nexus.css",
    "user_action": "suspend", "company_action": "trust", "category_action": "rename",
    "source_action": "pause",
}


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    """Everybody, at one moment: however long the walk takes, what may not be repeated at once may not."""
    with clock.stopped(clock.now()):
        yield World(app)


def short(answer: Any) -> str:
    """A status, or `in` where the way leads to the sign-in page."""
    to_sign_in = answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in")
    return "in" if to_sign_in else str(answer.status_code)


def ask(client: FlaskClient, method: str, path: str, fields: dict[str, Any]) -> str:
    return short(client.open(path, method=method, data=None if method == "GET" else fields))


def test_every_route_and_method_is_in_the_matrix(app: Flask) -> None:
    named = {tuple(route.split(" ", 1)) for route in MATRIX}
    assert declared(app) - named == set(), "say in access_matrix.yaml who may"
    assert named - declared(app) == set(), "routes that are gone"
    assert {route for route, expected in MATRIX.items() if len(expected) != len(ROLES)} == set()


def test_everybody_gets_what_the_matrix_says(app: Flask, world: World) -> None:
    wrong: list[str] = []
    shown = world.rows()
    for rule in app.url_map.iter_rules():
        route = plain(rule)
        for method in methods(rule):
            if ONLY not in ("", f"{method} {route}"):
                continue
            facts = ROWS.get(route, {})
            for role, want in zip(ROLES, MATRIX.get(f"{method} {route}", ()), strict=False):
                made = shown if method == "GET" and not facts else world.rows(**facts)
                got = one(world, rule, method, role, made)
                if got != want:
                    wrong.append(f"{method} {route} as {role}: {got}, not {want}")
    assert not wrong, "\n".join(wrong)


def one(world: World, rule: Any, method: str, role: str, made: SimpleNamespace) -> str:
    route = plain(rule)
    client, token = world.clients[role], world.tokens[role]
    if route == "/sign-out" and role not in ("anonymous", "suspended"):
        client = world.browser(role)
        token = world.token(client)
    return ask(client, method, fill(rule, vars(made) | FIXED), form(rule, made, token))


def form(rule: Any, made: SimpleNamespace, token: str) -> dict[str, Any]:
    """A valid form of this route."""
    route = plain(rule)
    version = made.application_version if "application_id" in rule.arguments else made.version
    if route == "/employer/company":
        version = made.company_version
    fields: dict[str, Any] = {"csrf_token": token, "version": str(version)} | FIELDS.get(route, {})
    if route.startswith("/employer/postings/<posting_id>/applicants/"):
        fields["pick"] = f"{getattr(made, 'application_id', 1)}:{getattr(made, 'application_version', 1)}"
    if route == "/admin/postings/bulk":
        fields["chosen"] = f"{made.posting_id}:{made.version}"
    if route.endswith("/merge"):
        into = made.company_into if "company_id" in rule.arguments else made.category_into
        fields |= {"into": str(into), "into_version": "1"}
    if route in FILES:
        fields[FILES[route]] = (io.BytesIO(b"A resume in plain text, with enough words to be one."), "resume.txt")
    return fields


def test_nobody_without_a_company_reads_that_a_row_exists(app: Flask, world: World) -> None:
    """What is there and what is not look the same to those it does not concern."""
    made = world.rows()
    missing = SimpleNamespace(**dict.fromkeys(vars(made), 10**17) | {"slug": "x", "public_id": "x" * 43})
    told: list[str] = []
    for rule in app.url_map.iter_rules():
        if not rule.arguments or not str(rule).startswith(("/employer", "/files", "/me")):
            continue
        for method in methods(rule):
            for role in ("anonymous", "other_seeker", "ex_member", "rival", "suspended"):
                client, token = world.clients[role], world.tokens[role]
                there = ask(client, method, fill(rule, vars(made) | FIXED), form(rule, made, token))
                gone = ask(client, method, fill(rule, vars(missing) | FIXED), form(rule, made, token))
                if there != gone:
                    told.append(f"{method} {plain(rule)} as {role}: {there} where it exists, {gone} where not")
    assert told == []


def test_an_undeclared_route_does_not_start() -> None:
    app = Flask("undeclared")
    bare = Blueprint("bare", __name__)
    bare.add_url_rule("/open", view_func=lambda: "everything")
    app.register_blueprint(bare)
    with pytest.raises(RuntimeError, match="/open"):
        policy.install(app)


def test_rights_end_with_the_membership_at_once(world: World) -> None:
    made = world.rows()
    path = f"/employer/postings/{made.posting_id}/applicants"
    client = world.clients["recruiter"]
    assert client.get(path).status_code == 200
    with world.board.writing() as session:
        membership = session.scalars(select(Membership).where(Membership.role == "recruiter")).all()
        for row in membership:
            row.ended_at = clock.now()
    for address in (path, f"/files/{made.public_id}", f"/employer/applications/{made.application_id}"):
        assert client.get(address).status_code == 404, address
    assert client.get("/employer").status_code == 403

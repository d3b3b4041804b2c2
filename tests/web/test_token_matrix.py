"""Every operation of REST with everything one may show: what comes back is what `token_matrix.yaml` says."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from flask import Flask
from sqlalchemy import select

from app.core import clock
from app.core.actor import SYSTEM, Actor
from app.domain.accounts.models import User
from app.domain.accounts.services import close_account, close_session, open_session
from app.domain.accounts.services.refreshing import issue
from app.domain.accounts.services.standing import admin_act
from app.domain.companies.models import Membership
from app.domain.companies.policies import Scope
from app.domain.companies.queries import actor_by_session
from app.domain.companies.services.membership import remove_member
from app.domain.companies.services.tokens import create_token, revoke_token, secret_of
from app.web.bearer import LIFE, access_token
from tests.factories import PASSWORD
from tests.web.test_api_access import bearer
from tests.web.world import World

WRITTEN: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("token_matrix.yaml").read_text())
DEAD = WRITTEN.pop("dead")
COLUMNS = {table: rows.pop("columns").split() for table, rows in WRITTEN.items()}
ROWS: dict[str, dict[str, list[int]]] = {
    table: {row: [int(one) for one in str(expected).split()] for row, expected in rows.items()}
    for table, rows in WRITTEN.items()
}
RESUME = {"filename": "ada.txt", "content_base64": base64.b64encode(b"Ada, who builds engines of many kinds.").decode()}
BODIES: dict[str, Any] = {
    "POST /api/v1/tokens": {"name": "Nightly import", "scopes": ["account"]},
    "POST /api/v1/postings": {"title": "Baker", "company": "northwind"},
    "PATCH /api/v1/postings/{posting_id}": {"openings": 2},
    "POST /api/v1/postings/{posting_id}/transitions paused": {"to": "paused"},
    "POST /api/v1/postings/{posting_id}/transitions removed": {"to": "removed", "reason": "Fraud."},
    "POST /api/v1/postings/{posting_id}/applications": {
        "name": "Ada Lovelace", "email": "ada@example.org", "resume": RESUME,
    },
    "POST /api/v1/applications/{application_id}/transitions in_review": {"to": "in_review", "notify": "no"},
    "POST /api/v1/applications/{application_id}/transitions withdrawn": {"to": "withdrawn"},
    "POST /api/v1/categories": {"name": "Weaving"},
    "PATCH /api/v1/categories/{category_id}": {"name": "Looms"},
    "DELETE /api/v1/categories/{category_id}": {},
    "POST /api/v1/webhooks": {"url": "https://hooks.example.org/nexus", "company": "northwind"},
    "PATCH /api/v1/webhooks/{webhook_id}": {"active": False},
    "POST /api/v1/webhooks/{webhook_id}/rotate": {},
    "POST /api/v1/auth/token": {"email": "owner@example.org", "password": PASSWORD},
    "POST /api/v1/auth/refresh": {},
    "POST /api/v1/auth/revoke": {},
}  # fmt: skip
"""What is sent, besides the version it is meant for and the token that renews."""
MINE = [scope for scope in Scope if scope is not Scope.ADMIN]


class Bearers:
    """Everything one may show, made by the services that make it, and ended by those that end it."""

    def __init__(self, world: World) -> None:
        self.world, self.board = world, world.board
        self.key = world.app.extensions["nexus-settings"].key
        self.described: dict[str, Any] = world.app.test_client().get("/api/openapi.json").json["paths"]
        self.sister = self.board.company("Sister", owner=world.email("owner"))
        for role in ("left", "suspended_too", "closed"):
            self.board.user(world.email(role))
        left = self.board.member(world.company.id, world.email("left"))
        living = self._living()
        dead = self._dead()
        with self.board.writing() as session:
            owner = self._actor(session, world.email("owner"))
            membership = session.get_one(Membership, left.id)
            remove_member(session, membership, membership.version, owner, clock.now())
        self.living, self.dead, self.read = living, dead, world.rows()

    def _actor(self, session: Any, email: str) -> Actor:
        actor = actor_by_session(session, open_session(session, email, "", clock.now()), clock.now())
        assert actor
        return actor

    def token(self, role: str, *scopes: str, company: str | None = None, days: int = 7) -> tuple[int, str]:
        """A new token of somebody, and what shows it."""
        with self.board.writing() as session:
            actor = self._actor(session, self.world.email(role))
            now, secret = clock.now(), secret_of(b"", "", 0, clock.now())
            token = create_token(session, "A program", scopes or MINE, company, days, secret, actor, now)
            return token.id, secret

    def access(self, role: str, *, ended: bool = False) -> str:
        """Access as signing in gives it."""
        with self.board.writing() as session:
            session_id = self._actor(session, self.world.email(role)).session_id
            assert session_id
            if ended:
                close_session(session, session_id, clock.now())
        return access_token(session_id, self.key, clock.now())

    def refreshing(self) -> str:
        """A fresh token that renews the access of somebody of whom the tables do not speak."""
        with self.board.writing() as session:
            session_id = self._actor(session, self.world.email("reviewer")).session_id
            assert session_id
            return issue(session, session_id, clock.now())

    def _living(self) -> dict[str, str]:
        everything = {
            role: self.token(role)[1] for role in ("owner", "recruiter", "reviewer", "seeker", "other_seeker", "left")
        }
        return everything | {
            "session": self.access("owner"), "rival": self.token("rival")[1],
            "elsewhere": self.token("owner", company=self.sister.slug)[1],
            "admin": self.token("admin", *Scope)[1], "admin_only": self.token("admin", Scope.ADMIN)[1],
            "admin_others": self.token("admin")[1],
        }  # fmt: skip

    def _dead(self) -> dict[str, str]:
        now = clock.now()
        with clock.stopped(now - timedelta(days=2)):
            over = self.token("owner", days=1)[1]
        with clock.stopped(now - LIFE):
            late = self.access("owner")
        revoked, shown = self.token("owner")
        found = {
            "nonsense": "nonsense", "over": over, "revoked": shown, "access of before": late,
            "of the suspended": self.token("suspended_too")[1], "of the closed": self.token("closed")[1],
            "bound to A, which let its person go": self.token("left", company=self.world.company.slug)[1],
            "access of an ended session": self.access("owner", ended=True),
            "access of the suspended": self.access("suspended_too"),
        }  # fmt: skip
        with self.board.writing() as session:
            revoke_token(session, revoked, self._actor(session, self.world.email("owner")), now)
            admin = self._actor(session, self.world.email("admin"))
            people = {user.email: user for user in session.scalars(select(User))}
            suspended = people[self.world.email("suspended_too")]
            admin_act(session, suspended, "suspend", suspended.version, admin, "Because.", now)
            close_account(session, people[self.world.email("closed")], SYSTEM, now)
        return found


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with clock.stopped(clock.now()):
        yield World(app)


@pytest.fixture
def bearers(world: World) -> Bearers:
    return Bearers(world)


def operation(row: str) -> str:
    """`POST /api/v1/postings` of a row that says more."""
    return " ".join(row.split()[:2])


def asked(bearers: Bearers, row: str, secret: str | None) -> int:
    """What this row's request is answered to who shows this."""
    world, made = bearers.world, rows(bearers, row)
    method, path = operation(row).split(" ")
    body = dict(BODIES[row]) if row in BODIES else None
    if body is not None and hasattr(made, "version"):
        body["version"] = made.version
    if body is not None and row.endswith(("refresh", "revoke")):
        body["refresh_token"] = bearers.refreshing()
    answer = world.app.test_client().open(
        path.format(**vars(made)), method=method, json=body,
        query_string={"posting": made.posting_id} if row.endswith("of a posting") else None,
        headers=bearer(secret) if secret is not None else {},
    )  # fmt: skip
    assert str(answer.status_code) in bearers.described[path][method.lower()]["responses"], f"{row}: {answer.status}"
    return answer.status_code


def rows(bearers: Bearers, row: str) -> SimpleNamespace:
    """What this row's request is about: made anew, or already there where it is only read."""
    world, board = bearers.world, bearers.board
    if row.endswith(" draft"):
        return SimpleNamespace(posting_id=board.posting(world.company.id, live=False).id)
    if row.startswith("GET"):
        return bearers.read
    if "{application_id}" in row:
        made = world.rows()
        return SimpleNamespace(application_id=made.application_id, version=made.application_version)
    if "{posting_id}" in row:
        posting = board.posting(world.company.id)
        applying = row.endswith("/applications")
        return SimpleNamespace(posting_id=posting.id, **({} if applying else {"version": posting.version}))
    if "/webhooks" in row:
        hook = world.hook()
        return SimpleNamespace(**hook, version=1) if "{webhook_id}" in row else SimpleNamespace()
    if "{category_id}" in row:
        return SimpleNamespace(category_id=world.victims()["category_id"], version=1)
    return SimpleNamespace(token_id=bearers.token("owner")[0]) if "{token_id}" in row else SimpleNamespace()


def test_every_operation_is_in_every_table(app: Flask) -> None:
    described = app.test_client().get("/api/openapi.json").json["paths"]
    operations = {f"{method.upper()} {path}" for path, methods in described.items() for method in methods}
    for table, rows in {"people": ROWS["people"], "scopes": ROWS["scopes"], "dead": DEAD}.items():
        assert {operation(row) for row in rows} == operations, f"say in token_matrix.yaml, {table}, who may"
    assert set(ROWS["people"]) == set(ROWS["scopes"]) == set(DEAD) > set(ROWS["applicant"])
    for table, rows in ROWS.items():
        assert {row for row, expected in rows.items() if len(expected) != len(COLUMNS[table])} == set(), table
    assert set(COLUMNS["scopes"]) == set(COLUMNS["applicant"]) == set(MINE)


def test_people_may_by_their_tokens_what_is_theirs(bearers: Bearers) -> None:
    assert set(COLUMNS["people"]) == {"nobody", *bearers.living}
    held(bearers, "people", {"nobody": None, **bearers.living})


@pytest.mark.parametrize("company", [None, "northwind"])
def test_a_token_of_one_scope_may_what_that_is_for(bearers: Bearers, company: str | None) -> None:
    held(bearers, "scopes", {scope: bearers.token("owner", scope, company=company)[1] for scope in MINE})


def test_an_applicants_token_of_one_scope_may_what_that_is_for(bearers: Bearers) -> None:
    held(bearers, "applicant", {scope: bearers.token("seeker", scope)[1] for scope in MINE})


def held(bearers: Bearers, table: str, shown_by: dict[str, str | None]) -> None:
    wrong = []
    for row, expected in ROWS[table].items():
        for column, want in zip(COLUMNS[table], expected, strict=True):
            got = asked(bearers, row, shown_by[column])
            if got != want:
                wrong.append(f"{row} with {column}: {got}, not {want}")
    assert not wrong, "\n".join(wrong)


def test_what_is_not_good_is_refused_whatever_it_was(bearers: Bearers) -> None:
    wrong = []
    for row, want in DEAD.items():
        for name, secret in bearers.dead.items():
            got = asked(bearers, row, secret)
            if got != want:
                wrong.append(f"{row} with a token {name}: {got}, not {want}")
    assert not wrong, "\n".join(wrong)

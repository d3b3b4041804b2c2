"""`Idempotency-Key`: sent again under one key, a request makes nothing more."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.core import clock
from app.core.actor import SYSTEM
from app.domain.accounts.models import IdempotencyKey, User
from app.domain.accounts.services import close_account
from app.domain.accounts.services.repeating import KEPT
from app.domain.audit.models import AuditEntry
from app.domain.companies.models import ApiToken
from app.domain.postings.models import Category, Posting
from app.domain.webhooks.models import Webhook
from app.web.api import acts
from tests.conftest import ENGINES
from tests.factories import Board
from tests.web.test_api_access import access, bearer, made, refused
from tests.web.test_api_writing import JOB, POSTINGS

OWNER, ADMIN = "owner@example.org", "admin@example.org"
TOKENS, CATEGORIES = "/api/v1/tokens", "/api/v1/categories"
WEBHOOKS, HOOK = "/api/v1/webhooks", {"url": "https://hooks.example.org/nexus"}
KEY = {"Idempotency-Key": "7f0c1c5e-5a0e-4d0f-9f0a-2f6f1d2c9b11"}


@pytest.fixture
def acme(board: Board) -> Any:
    board.category()
    board.admin(ADMIN)
    return board.company("Acme", owner=OWNER)


@pytest.fixture
def owner(acme: Any, client: FlaskClient) -> dict[str, str]:
    return access(client, OWNER)


@pytest.fixture
def admin(acme: Any, client: FlaskClient) -> dict[str, str]:
    return access(client, ADMIN)


def number(board: Board, table: Any) -> int:
    with board.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_posting_sent_again_is_the_one_made_before(
    owner: dict[str, str], client: FlaskClient, board: Board
) -> None:
    first, again = (client.post(POSTINGS, json=JOB, headers=owner | KEY) for _ in range(2))
    assert (again.status_code, again.json, again.headers["Location"], again.headers["ETag"]) == (
        201, first.json, first.headers["Location"], first.headers["ETag"],
    )  # fmt: skip
    path = first.headers["Location"]
    client.patch(path, json={"openings": 3, "version": first.json["version"]}, headers=owner)
    rearranged = dict(reversed(JOB.items()))
    now = client.post(POSTINGS, json=rearranged, headers=owner | KEY)
    assert (now.status_code, now.json["openings"]) == (201, 3), "it is told as it is now"
    with board.reading() as session:
        acts = session.scalars(select(AuditEntry.action)).all()
        assert acts.count("posting.create") == 1
    assert number(board, Posting) == 1
    other = client.post(POSTINGS, json=JOB, headers=owner | {"Idempotency-Key": "another"})
    assert other.json["id"] != first.json["id"]
    assert client.post(POSTINGS, json=JOB, headers=owner).json["id"] not in (first.json["id"], other.json["id"])


def test_a_field_of_work_sent_again_is_the_one_made_before(
    admin: dict[str, str], client: FlaskClient, board: Board
) -> None:
    before = number(board, Category)
    first = client.post(CATEGORIES, json={"name": "Weaving"}, headers=admin | KEY).json
    renamed = {"name": "Looms", "slug": "looms", "version": first["version"]}
    assert client.patch(f"{CATEGORIES}/{first['id']}", json=renamed, headers=admin).status_code == 200
    again = client.post(CATEGORIES, json={"name": "Weaving"}, headers=admin | KEY)
    assert (again.status_code, again.json["id"], again.json["name"]) == (201, first["id"], "Looms")
    assert number(board, Category) == before + 1


def test_a_token_is_told_once_and_made_once(owner: dict[str, str], client: FlaskClient, board: Board) -> None:
    given = {"name": "Nightly import", "scopes": ["account", "postings:write"]}
    first = client.post(TOKENS, json=given, headers=owner | KEY)
    assert first.status_code == 201
    again = client.post(TOKENS, json=given, headers=owner | KEY)
    assert (again.status_code, again.json) == (201, first.json), "a lost answer is told again"
    assert "no-store" in again.headers["Cache-Control"]
    assert number(board, ApiToken) == 1
    other = client.post(TOKENS, json=given, headers=owner | {"Idempotency-Key": "another"})
    assert other.json["token"] != first.json["token"]
    program = bearer(first.json["token"])
    assert refused(client.post(TOKENS, json=given, headers=program | KEY), 403), "programs make none, repeated or not"
    assert client.delete(f"{TOKENS}/{first.json['id']}", headers=owner).status_code == 204
    ended = client.post(TOKENS, json=given, headers=owner | KEY)
    assert refused(ended, 409) and f"token {first.json['id']}" in ended.json["detail"]


def test_a_webhook_sent_again_is_the_one_made_before_with_its_secret(
    owner: dict[str, str], client: FlaskClient, board: Board
) -> None:
    first, again = (client.post(WEBHOOKS, json=HOOK, headers=owner | KEY) for _ in range(2))
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert number(board, Webhook) == 1
    assert refused(client.post(WEBHOOKS, json=HOOK, headers=owner), 422), "without the key it is another"
    assert client.delete(first.headers["Location"], headers=owner).status_code == 204
    assert refused(client.post(WEBHOOKS, json=HOOK, headers=owner | KEY), 404)


def test_a_webhooks_repeat_tells_no_secret_to_who_may_not_have_it(
    board: Board, acme: Any, client: FlaskClient
) -> None:
    board.company("Other", owner=OWNER)
    everywhere = access(client, OWNER)
    assert client.post(WEBHOOKS, json=HOOK | {"company": "acme"}, headers=everywhere | KEY).status_code == 201
    bound = bearer(made(client, "webhooks", company="other").json["token"])
    again = client.post(WEBHOOKS, json=HOOK | {"company": "acme"}, headers=bound | KEY)
    assert refused(again, 404) and "whsec" not in again.get_data(as_text=True)


@pytest.mark.parametrize(("path", "given", "other"), [
    (WEBHOOKS, HOOK, HOOK | {"events": ["posting.closed"]}),
    (POSTINGS, JOB, JOB | {"title": "Baker"}), (POSTINGS, JOB, JOB | {"submit": True}),
    (CATEGORIES, {"name": "Weaving"}, {"name": "Weaving", "slug": "looms"}),
    (TOKENS, {"name": "One", "scopes": ["account"]}, {"name": "Two", "scopes": ["account"]}),
])  # fmt: skip
def test_one_key_means_one_thing(
    board: Board, acme: Any, client: FlaskClient, path: str, given: dict[str, Any], other: dict[str, Any]
) -> None:
    board.member(acme.id, ADMIN, "owner")
    who = access(client, ADMIN)
    assert client.post(path, json=given, headers=who | KEY).status_code == 201
    answer = client.post(path, json=other, headers=who | KEY)
    assert refused(answer, 422) and "Idempotency-Key" in answer.json["detail"]


def test_a_key_is_its_senders_own_and_of_its_operation(
    board: Board, acme: Any, owner: dict[str, str], client: FlaskClient
) -> None:
    board.member(acme.id, "recruiter@example.org")
    first = client.post(POSTINGS, json=JOB, headers=owner | KEY).json
    colleague = client.post(POSTINGS, json=JOB, headers=access(client, "recruiter@example.org") | KEY).json
    assert colleague["id"] != first["id"]
    assert client.post(TOKENS, json={"name": "One", "scopes": ["account"]}, headers=owner | KEY).status_code == 201


def test_what_could_not_be_made_leaves_its_key_free(
    owner: dict[str, str], client: FlaskClient, board: Board
) -> None:
    assert client.post(POSTINGS, json={"title": ""}, headers=owner | KEY).status_code == 422
    assert number(board, IdempotencyKey) == 0
    assert client.post(POSTINGS, json=JOB, headers=owner | KEY).status_code == 201


def test_what_was_made_and_is_gone_is_not_made_again(
    owner: dict[str, str], client: FlaskClient, board: Board
) -> None:
    draft = client.post(POSTINGS, json=JOB, headers=owner | KEY).json
    assert client.delete(f"{POSTINGS}/{draft['id']}", headers=owner).status_code == 204
    assert refused(client.post(POSTINGS, json=JOB, headers=owner | KEY), 404)
    assert number(board, Posting) == 0


def test_a_repeat_tells_nothing_to_who_may_not_read_it_any_more(
    board: Board, acme: Any, client: FlaskClient
) -> None:
    board.company("Other", owner=OWNER)
    everywhere = access(client, OWNER)
    assert client.post(POSTINGS, json=JOB | {"company": "acme"}, headers=everywhere | KEY).status_code == 201
    bound = bearer(made(client, "postings:write", company="other").json["token"])
    again = client.post(POSTINGS, json=JOB | {"company": "acme"}, headers=bound | KEY)
    assert refused(again, 404)


def test_a_key_means_nothing_after_a_day(owner: dict[str, str], client: FlaskClient) -> None:
    now = clock.now()
    with clock.stopped(now):
        first = client.post(POSTINGS, json=JOB, headers=owner | KEY).json
    with clock.stopped(now + KEPT - timedelta(seconds=1)):
        day = access(client, OWNER)
        assert client.post(POSTINGS, json=JOB, headers=day | KEY).json["id"] == first["id"]
    with clock.stopped(now + KEPT):
        later = client.post(POSTINGS, json=JOB | {"title": "Baker"}, headers=day | KEY)
        assert later.status_code == 201 and later.json["id"] != first["id"]


def test_who_leaves_takes_their_keys_along(owner: dict[str, str], client: FlaskClient, board: Board) -> None:
    board.user("seeker@example.org")
    given = {"name": "One", "scopes": ["account"]}
    assert client.post(TOKENS, json=given, headers=access(client, "seeker@example.org") | KEY).status_code == 201
    with board.writing() as session:
        user = session.scalars(select(User).where(User.email == "seeker@example.org")).one()
        close_account(session, user, SYSTEM, clock.now())
    assert number(board, IdempotencyKey) == 0


def test_many_at_once_make_one(owner: dict[str, str], app: Flask, board: Board) -> None:
    def send(_: int) -> Any:
        return app.test_client().post(POSTINGS, json=JOB, headers=owner | KEY)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    good = [answer.json["id"] for answer in answers if answer.status_code == 201]
    assert number(board, Posting) == 1 and len(set(good)) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """Making a posting that says when it has begun, and goes on when it is told to."""
    begun, going, whole = threading.Event(), threading.Event(), acts.make_posting

    def make_posting(*given: Any) -> Any:
        posting = whole(*given)
        begun.set()
        assert going.wait(30)
        return posting

    monkeypatch.setattr(acts, "make_posting", make_posting)
    yield begun, going
    going.set()


@pytest.mark.parametrize("built", ENGINES[1:], indirect=True)
def test_while_it_is_made_a_repeat_is_a_conflict(
    owner: dict[str, str], app: Flask, board: Board, slowly: tuple[threading.Event, threading.Event]
) -> None:
    begun, going = slowly
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lambda: app.test_client().post(POSTINGS, json=JOB, headers=owner | KEY))
        assert begun.wait(30)
        again = app.test_client().post(POSTINGS, json=JOB, headers=owner | KEY)
        assert refused(again, 409) and "at this moment" in again.json["detail"]
        going.set()
        assert first.result().status_code == 201
    assert app.test_client().post(POSTINGS, json=JOB, headers=owner | KEY).json == first.result().json
    assert number(board, Posting) == 1

"""Who a program is: signing in, renewing, tokens, what each may, and when that ends."""

from datetime import timedelta
from typing import Any

import jwt
import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.core import clock
from app.core.actor import SYSTEM
from app.domain.accounts.models import User
from app.domain.accounts.services import close_account, open_session
from app.domain.accounts.services.attempts import FREE
from app.domain.accounts.services.second_factor import enrol
from app.domain.companies.models import ApiToken, Membership
from app.domain.companies.queries import actor_by_session
from tests.factories import PASSWORD, Board

ME, TOKENS = "/api/v1/me", "/api/v1/tokens"
OWNER, SEEKER = "owner@example.org", "seeker@example.org"


@pytest.fixture
def acme(board: Board) -> Any:
    board.user(SEEKER)
    return board.company("Acme", owner=OWNER)


def sign_in(client: FlaskClient, email: str = OWNER, **more: str) -> Any:
    return client.post("/api/v1/auth/token", json={"email": email, "password": PASSWORD, **more})


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def access(client: FlaskClient, email: str = OWNER) -> dict[str, str]:
    return bearer(sign_in(client, email).json["access_token"])


def made(client: FlaskClient, *scopes: str, email: str = OWNER, **more: Any) -> Any:
    given = {"name": "Nightly import", "scopes": list(scopes), **more}
    return client.post(TOKENS, json=given, headers=access(client, email))


def refused(answer: Any, status: int) -> bool:
    challenged = ("WWW-Authenticate" in answer.headers) is (status == 401)
    return (answer.status_code, answer.mimetype) == (status, "application/problem+json") and challenged


def test_a_program_signs_in_for_a_person(acme: Any, client: FlaskClient) -> None:
    answer = sign_in(client)
    assert answer.headers["Cache-Control"] == "no-store" and answer.json["expires_in"] == 900
    found = client.get(ME, headers=bearer(answer.json["access_token"])).json
    assert (found["email"], found["companies"]) == (OWNER, [{"slug": "acme", "name": "Acme", "role": "owner"}])
    assert "admin" in found["scopes"], "a person may all that is theirs"
    assert "Set-Cookie" not in answer.headers


def test_what_a_browser_brings_by_itself_is_not_looked_at(acme: Any, board: Board) -> None:
    browser = board.sign_in(OWNER)
    assert browser.get("/employer").status_code == 200
    assert refused(browser.get(ME), 401) and refused(browser.post(TOKENS, json={}), 401)


@pytest.mark.parametrize("token", ["", "nonsense", "nxs_" + "a" * 43, "a.b.c", "é", "x" * 5000])
def test_a_token_that_is_not_good_is_refused_everywhere(acme: Any, client: FlaskClient, token: str) -> None:
    for path in (ME, "/api/v1/postings") if token else (ME,):
        assert refused(client.get(path, headers=bearer(token)), 401), path
    assert client.get("/api/v1/postings").status_code == 200


def test_a_foreign_key_or_algorithm_makes_no_token_of_ours(acme: Any, client: FlaskClient) -> None:
    claims = jwt.decode(sign_in(client).json["access_token"], options={"verify_signature": False})
    for forged in (jwt.encode(claims, "k" * 32, "HS256"), jwt.encode(claims, None, "none")):
        assert refused(client.get(ME, headers=bearer(forged)), 401)


def test_wrong_passwords_count_as_at_the_door_for_people(
    acme: Any, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(client.application.config, "NEXUS_LIMITS", True)
    for _ in range(FREE):
        assert refused(client.post("/api/v1/auth/token", json={"email": OWNER, "password": "wrong"}), 401)
    late = sign_in(client)
    assert late.status_code == 429 and int(late.headers["Retry-After"]) > 0
    assert refused(client.post("/api/v1/auth/token", json={"email": "no@example.org", "password": "wrong"}), 401)


def test_access_ends_after_a_quarter_of_an_hour_and_is_renewed(acme: Any, client: FlaskClient) -> None:
    first = sign_in(client).json
    with clock.stopped(clock.now() + timedelta(minutes=15, seconds=1)):
        assert refused(client.get(ME, headers=bearer(first["access_token"])), 401)
        second = client.post("/api/v1/auth/refresh", json={"refresh_token": first["refresh_token"]}).json
        assert client.get(ME, headers=bearer(second["access_token"])).status_code == 200


def test_a_refresh_token_used_twice_ends_the_session_for_both(acme: Any, client: FlaskClient) -> None:
    first = sign_in(client).json
    second = client.post("/api/v1/auth/refresh", json={"refresh_token": first["refresh_token"]}).json
    assert refused(client.post("/api/v1/auth/refresh", json={"refresh_token": first["refresh_token"]}), 401)
    for one in (first, second):
        assert refused(client.get(ME, headers=bearer(one["access_token"])), 401)
    assert refused(client.post("/api/v1/auth/refresh", json={"refresh_token": second["refresh_token"]}), 401)
    assert client.get(ME, headers=access(client)).status_code == 200, "others go on"


def test_access_dies_with_its_session_and_its_person(acme: Any, client: FlaskClient, board: Board) -> None:
    for how in ("revoke", "suspend"):
        given = sign_in(client).json
        if how == "revoke":
            gone = client.post("/api/v1/auth/revoke", json={"refresh_token": given["refresh_token"]})
            assert (gone.status_code, gone.data) == (204, b"")
        else:
            with board.writing() as session:
                session.execute(update(User).where(User.email == OWNER).values(suspended_at=clock.now()))
        assert refused(client.get(ME, headers=bearer(given["access_token"])), 401)
    assert client.post("/api/v1/auth/revoke", json={"refresh_token": "unknown"}).status_code == 204
    assert refused(sign_in(client), 401)


def test_a_second_factor_is_asked_for(acme: Any, client: FlaskClient, board: Board) -> None:
    secret, now = pyotp.random_base32(), clock.now()
    with board.writing() as session:
        user = session.scalars(select(User).where(User.email == SEEKER)).one()
        actor = actor_by_session(session, open_session(session, SEEKER, "", now), now)
        assert actor is not None
        enrol(session, user, secret, pyotp.TOTP(secret).at(now - timedelta(seconds=30)), actor, now)
    without = sign_in(client, SEEKER)
    assert without.status_code == 422 and without.json["errors"][0]["pointer"] == "#/otp"
    assert sign_in(client, SEEKER, otp="000000").status_code == 422
    with clock.stopped(now):
        code = pyotp.TOTP(secret).at(now)
        assert sign_in(client, SEEKER, otp=code).status_code == 200
        assert sign_in(client, SEEKER, otp=code).status_code == 422, "a code is good once"


def test_a_token_is_shown_once_and_kept_as_a_hash(acme: Any, client: FlaskClient, board: Board) -> None:
    answer = made(client, "account", "postings:read")
    secret = answer.json["token"]
    assert answer.status_code == 201 and answer.headers["Cache-Control"] == "no-store"
    found = client.get(TOKENS, headers=bearer(secret))
    assert [one["hint"] for one in found.json["items"]] == [secret[:8]] and secret not in found.get_data(as_text=True)
    found.close()
    with board.reading() as session:
        kept = session.scalars(select(ApiToken)).one()
        assert secret not in (kept.token_hash, kept.name, kept.scopes) and len(kept.token_hash) == 64
    assert client.get(ME, headers=bearer(secret)).json["scopes"] == ["account", "postings:read"]
    assert client.get(TOKENS, headers=bearer(secret)).json["items"][0]["last_used_at"] is not None


def test_a_token_may_what_its_scopes_say(acme: Any, client: FlaskClient) -> None:
    secret = made(client, "postings:read").json["token"]
    for path in (ME, TOKENS):
        answer = client.get(path, headers=bearer(secret))
        assert refused(answer, 403) and "account" in answer.json["detail"]
    assert client.get("/api/v1/postings", headers=bearer(secret)).status_code == 200


def test_a_token_makes_no_other_tokens(acme: Any, client: FlaskClient) -> None:
    secret = made(client, "account", "postings:write").json["token"]
    assert refused(client.post(TOKENS, json={"name": "More", "scopes": ["account"]}, headers=bearer(secret)), 403)


@pytest.mark.parametrize("how", ["revoked", "over", "suspended"])
def test_a_token_ends(acme: Any, client: FlaskClient, board: Board, how: str) -> None:
    answer = made(client, "account", days=1)
    secret, now = bearer(answer.json["token"]), clock.now()
    assert client.get(ME, headers=secret).status_code == 200
    if how == "revoked":
        path = f"{TOKENS}/{answer.json['id']}"
        other = access(client, SEEKER)
        assert refused(client.delete(path, headers=other), 404), "it is somebody else's"
        mine = access(client)
        assert [client.delete(path, headers=mine).status_code for _ in range(2)] == [204, 204]
        assert client.get(TOKENS, headers=mine).json["items"] == []
    elif how == "suspended":
        with board.writing() as session:
            session.execute(update(User).where(User.email == OWNER).values(suspended_at=now))
    with clock.stopped(now + timedelta(days=1, seconds=1) if how == "over" else clock.now()):
        assert refused(client.get(ME, headers=secret), 401)


def test_a_companys_token_dies_with_the_membership(acme: Any, client: FlaskClient, board: Board) -> None:
    board.company("Other", owner=OWNER)
    everywhere = bearer(made(client, "account").json["token"])
    bound = made(client, "account", company="acme")
    there = bearer(bound.json["token"])
    assert bound.json["company"] == "acme"
    assert [one["slug"] for one in client.get(ME, headers=there).json["companies"]] == ["acme"]
    with board.writing() as session:
        ended = update(Membership).where(Membership.company_id == acme.id).values(ended_at=clock.now())
        session.execute(ended)
    assert refused(client.get(ME, headers=there), 401)
    assert [one["slug"] for one in client.get(ME, headers=everywhere).json["companies"]] == ["other"]


@pytest.mark.parametrize(("given", "pointer"), [
    ({"name": "", "scopes": ["account"]}, "#/name"), ({"name": "x", "scopes": []}, "#/scopes"),
    ({"name": "x", "scopes": ["everything"]}, "#/scopes/0"), ({"name": "x", "scopes": ["admin"]}, "#/scopes"),
    ({"name": "x", "scopes": ["account"], "company": "rival"}, "#/company"),
    ({"name": "x", "scopes": ["account"], "days": 9999}, "#/days"),
    ({"name": "x", "scopes": ["account"], "other": 1}, "#/other"), ({"scopes": ["account"]}, "#/name"),
])  # fmt: skip
def test_what_cannot_be_a_token_is_told_by_its_field(
    acme: Any, client: FlaskClient, given: dict[str, Any], pointer: str
) -> None:
    answer = client.post(TOKENS, json=given, headers=access(client))
    assert answer.status_code == 422 and [one["pointer"] for one in answer.json["errors"]] == [pointer]


@pytest.mark.parametrize(("body", "kind", "status"), [
    (b"{", "application/json", 400), (b"[]", "application/json", 422), (b"null", "application/json", 422),
    (b"\xff", "application/json", 400), (b'{"email": "a\\u0000"}', "application/json", 400),
    (b"email=a", "application/x-www-form-urlencoded", 415), (b"{}", "text/plain", 415),
    (b"[" * 100_000, "application/json", 400),
])  # fmt: skip
def test_bodies_that_are_none(client: FlaskClient, body: bytes, kind: str, status: int) -> None:
    for path in ("token", "refresh", "revoke"):
        assert refused(client.post(f"/api/v1/auth/{path}", data=body, content_type=kind), status), path


def test_who_leaves_takes_their_tokens_along(acme: Any, client: FlaskClient, board: Board) -> None:
    secret = bearer(made(client, "account", email=SEEKER).json["token"])
    with board.writing() as session:
        user = session.scalars(select(User).where(User.email == SEEKER)).one()
        close_account(session, user, SYSTEM, clock.now())
    assert refused(client.get(ME, headers=secret), 401)
    with board.reading() as session:
        assert session.scalars(select(ApiToken)).all() == []

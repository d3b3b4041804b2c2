"""The second factor: turned on by one code, asked when signing in, each code good once; wrong guesses slow down."""

import html
import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core import clock
from app.domain.accounts.models import User
from app.domain.accounts.services import failed, forget, wait_left
from tests.factories import PASSWORD, Board, instant
from tests.mailbox import post

PATH = "/me/security/second-factor"
START = instant(2026, 5, 4, 12)
SOON, LATER, LAST = (START + timedelta(minutes=minutes) for minutes in (2, 4, 6))


def send(board: Board, client: FlaskClient, path: str, form: str = "", **data: str) -> Any:
    return client.post(path, data={"csrf_token": board.csrf(client, form or path)} | data)


def code(secret: str, at: Any = None) -> str:
    """What an authenticator shows at this moment."""
    return pyotp.TOTP(secret).at(at or clock.now())


@pytest.fixture
def person(board: Board, client: FlaskClient) -> Any:
    """Somebody who turned the second factor on at START, with the secret and the recovery codes."""
    with clock.stopped(START):
        user = board.user()
        board.sign_in(user.email, client)
        other = board.sign_in(user.email)
        page = client.get(PATH).get_data(as_text=True)
        assert '<img class="qr" src="data:image/svg+xml' in page
        key = re.search(r'name="key" value="([^"]+)"', page)
        shown = re.search(r'second-factor-key">([A-Z2-7 ]+)<', page)
        assert key
        assert shown
        secret = shown[1].replace(" ", "")
        wrong = send(board, client, PATH, key=html.unescape(key[1]), otp="000000", current_password=PASSWORD)
        assert wrong.status_code == 422
        assert shown[1] in wrong.get_data(as_text=True), "the key in the app would be worthless"
        borrowed = send(board, client, PATH, key=html.unescape(key[1]), otp=code(secret), current_password="guess")
        assert borrowed.status_code == 422, "a borrowed browser could lock its owner out"
        fields = {"key": html.unescape(key[1]), "otp": code(secret), "current_password": PASSWORD}
        done = send(board, client, PATH, **fields)
        assert done.status_code == 200, done.get_data(as_text=True)
        codes = re.findall(r"<li><code>([a-z2-7-]+)</code>", done.get_data(as_text=True))
        assert len(set(codes)) == 10
        assert other.get("/me/security").status_code == 303, "the other browser stayed signed in"
    return SimpleNamespace(id=user.id, email=user.email, secret=secret, codes=codes)


def begin(board: Board, email: str) -> FlaskClient:
    """A browser whose password was right."""
    client = board.app.test_client()
    answer = send(board, client, "/sign-in", email=email, password=PASSWORD, next="/me/saved")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in/code?next=/me/saved")
    assert client.get("/me/security").status_code == 303, "half a sign-in was enough"
    return client


def test_signing_in_asks_for_the_code_and_takes_each_once(board: Board, person: Any) -> None:
    with clock.stopped(SOON):
        client, other = begin(board, person.email), begin(board, person.email)
        assert send(board, client, "/sign-in/code", otp="123").status_code == 422
        answer = send(board, client, "/sign-in/code", otp=code(person.secret), next="/me/saved")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/me/saved")
        assert client.get("/me/security").status_code == 200
        assert send(board, other, "/sign-in/code", otp=code(person.secret)).status_code == 422, "a code was taken twice"
        assert other.get("/me/security").status_code == 303


def test_the_code_that_turned_it_on_does_not_sign_in(board: Board, person: Any) -> None:
    with clock.stopped(START + timedelta(seconds=5)):
        client = begin(board, person.email)
        assert send(board, client, "/sign-in/code", otp=code(person.secret)).status_code == 422


def test_a_recovery_code_stands_in_once(board: Board, person: Any) -> None:
    with clock.stopped(SOON):
        client, other = begin(board, person.email), begin(board, person.email)
        assert send(board, client, "/sign-in/code", otp=person.codes[3].upper()).status_code == 303
        assert send(board, other, "/sign-in/code", otp=person.codes[3]).status_code == 422
        assert "9 recovery codes left" in client.get("/me/security").get_data(as_text=True)


def test_half_a_sign_in_is_over_after_a_while_or_a_new_password(board: Board, person: Any) -> None:
    with clock.stopped(SOON):
        client, other = begin(board, person.email), begin(board, person.email)
    with clock.stopped(SOON + timedelta(minutes=11)):
        late = send(board, client, "/sign-in/code", "/sign-in", otp=code(person.secret))
        assert late.headers["Location"].startswith("/sign-in")
        assert client.get("/me/security").status_code == 303
    with board.writing() as session:
        session.get_one(User, person.id).password_hash = "another"
    with clock.stopped(SOON + timedelta(seconds=30)):
        send(board, other, "/sign-in/code", "/sign-in", otp=code(person.secret))
        assert other.get("/me/security").status_code == 303


def test_it_is_renewed_and_turned_off_with_password_and_code(board: Board, client: FlaskClient, person: Any) -> None:
    with clock.stopped(SOON):
        fields = {"current_password": PASSWORD, "otp": code(person.secret)}
        for wrong in ({"current_password": "wrong"}, {"otp": "111111"}):
            assert send(board, client, f"{PATH}/remove", PATH, **fields | wrong).status_code == 422
        fresh = send(board, client, f"{PATH}/codes", PATH, **fields)
        codes = re.findall(r"<li><code>([a-z2-7-]+)</code>", fresh.get_data(as_text=True))
        assert len(codes) == 10
        old = send(board, client, f"{PATH}/remove", PATH, **fields | {"otp": person.codes[0]})
        assert old.status_code == 422, "an old recovery code was taken"
        removed = send(board, client, f"{PATH}/remove", PATH, **fields | {"otp": codes[0]})
        assert removed.status_code == 303
        board.sign_in(person.email)
    subjects = [letter["Subject"] for letter in post(board.app, LATER)]
    assert subjects == ["Signing in now asks for a code", "Signing in no longer asks for a code"]


@pytest.mark.parametrize("what", ["codes", "remove"])
def test_what_is_off_is_neither_renewed_nor_turned_off(board: Board, client: FlaskClient, what: str) -> None:
    board.sign_in(board.user().email, client)
    data = {"current_password": PASSWORD, "otp": "123456", "csrf_token": board.csrf(client, PATH)}
    answer = client.post(f"{PATH}/{what}", data=data)
    assert answer.status_code == 409
    assert "second factor is off" in answer.get_data(as_text=True)


def test_a_short_password_needs_the_second_factor(board: Board, client: FlaskClient, person: Any) -> None:
    with clock.stopped(SOON):
        path, short = "/me/security/password", "m8kx!rtq"
        assert send(board, client, path, current_password=PASSWORD, password="seven77").status_code == 422
        assert send(board, client, path, current_password=PASSWORD, password=short).status_code == 303
    with clock.stopped(LATER):
        fields = {"current_password": short, "otp": code(person.secret)}
        refused = send(board, client, f"{PATH}/remove", PATH, **fields)
        assert refused.status_code == 422
        assert "15 characters" in refused.get_data(as_text=True)


def test_a_key_that_the_board_did_not_make_is_refused(board: Board, client: FlaskClient) -> None:
    board.sign_in(board.user().email, client)
    assert send(board, client, PATH, key="AAAA", otp=code("A" * 32), current_password=PASSWORD).status_code == 422


def test_closing_asks_for_the_code_too(board: Board, client: FlaskClient, person: Any) -> None:
    with clock.stopped(SOON):
        path = "/me/security/close"
        assert send(board, client, path, current_password=PASSWORD).status_code == 422
        assert send(board, client, path, current_password=PASSWORD, otp=code(person.secret)).status_code == 303


def test_admins_in_production_turn_it_on_first(app: Flask, board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = board.admin()
    client = board.sign_in(admin.email)
    settings = app.extensions["nexus-settings"]
    assert client.get("/admin/postings").status_code == 200
    monkeypatch.setitem(app.extensions, "nexus-settings", settings.model_copy(update={"nexus_env": "production"}))
    answer = client.get("/admin/postings")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PATH}?next=/admin/postings")
    assert "Admins of this board" in client.get(answer.headers["Location"]).get_data(as_text=True)
    token = board.csrf(client, PATH)
    posted = client.post("/admin/settings", data={"csrf_token": token, "version": "0", "site_name": "Mine"})
    assert posted.headers["Location"].startswith(PATH)
    with board.writing() as session:
        session.get_one(User, admin.id).second_factor_at = clock.now()
    assert client.get("/admin/postings").status_code == 200


def test_the_wait_grows_is_bounded_and_is_forgotten(board: Board) -> None:
    email, waits = "Ada@example.org", []
    with board.writing() as session:
        for _ in range(20):
            failed(session, email, START)
            waits.append(wait_left(session, email.lower(), START))
        assert waits[:9] == [0, 0, 0, 0, 1, 2, 4, 8, 16]
        assert waits[-1] == 300
        assert wait_left(session, "other@example.org", START) == 0
        assert wait_left(session, email, START + timedelta(seconds=299)) == 1
        assert wait_left(session, email, START + timedelta(seconds=300)) == 0
        assert wait_left(session, email, START + timedelta(hours=25)) == 0
        forget(session, email)
        assert wait_left(session, email, START) == 0


def test_wrong_passwords_and_codes_make_one_wait(board: Board, client: FlaskClient, person: Any) -> None:
    app = board.app
    with board.writing() as session:
        for _ in range(6):
            failed(session, person.email, SOON)
    app.config["NEXUS_LIMITS"] = True
    try:
        with clock.stopped(SOON):
            held = send(board, board.app.test_client(), "/sign-in", email=person.email, password=PASSWORD)
            assert (held.status_code, held.headers["Retry-After"]) == (429, "2")
        with clock.stopped(LATER):
            browser = begin(board, person.email)
            assert send(board, browser, "/sign-in/code", otp="000000").status_code == 422
            assert send(board, browser, "/sign-in/code", otp=code(person.secret)).status_code == 429
        with clock.stopped(LAST):
            assert send(board, browser, "/sign-in/code", otp=code(person.secret)).status_code == 303
            with board.reading() as session:
                assert wait_left(session, person.email, LAST) == 0
    finally:
        app.config["NEXUS_LIMITS"] = False

"""The walls around every request."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.core.settings import Settings, UnsafeSettings
from app.web.policy import PUBLIC, allow, install
from tests.factories import Board

SAFE = {"nexus_env": "production", "base_url": "https://jobs.example", "secret_key": "k" * 40}


def test_every_answer_carries_the_safe_headers(client: FlaskClient) -> None:
    for path in ("/", "/jobs", "/nothing-here", "/healthz"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_a_foreign_host_is_refused(client: FlaskClient) -> None:
    assert client.get("/jobs", headers={"Host": "evil.example"}).status_code == 400


def test_pages_of_people_signed_in_are_not_stored(board: Board, client: FlaskClient) -> None:
    board.sign_in(board.user().email, client)
    assert "no-store" in client.get("/jobs").headers["Cache-Control"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"secret_key": "short"}, "SECRET_KEY"),
        ({"secret_key": "…                    # python3 -c 'import secrets'"}, "SECRET_KEY holds white space"),
        ({"secret_key": "k" * 40 + "\t# a comment"}, "SECRET_KEY holds white space"),
        ({"secret_key": "…" * 40}, "SECRET_KEY holds white space or “…”"),
        ({"base_url": "http://jobs.example"}, "BASE_URL"),
        ({"rate_limits": "off"}, "RATE_LIMITS"),
        ({"outbound_allow": "127.0.0.0/8"}, "OUTBOUND_ALLOW"),
    ],
)
def test_production_refuses_to_start_unsafely(change: dict[str, str], word: str) -> None:
    Settings.model_validate(SAFE).refuse_unsafe()
    with pytest.raises(UnsafeSettings, match=word):
        Settings.model_validate(SAFE | change).refuse_unsafe()


def test_production_refuses_a_database_with_demo_accounts(board: Board) -> None:
    database = board.app.config["SQLALCHEMY_DATABASE_URI"]
    production = Settings.model_validate(SAFE | {"database_url": database})
    create_app(production)
    board.user("seeker@nexus.example")
    with pytest.raises(UnsafeSettings, match="demo board"):
        create_app(production)


def test_production_starts_on_an_empty_database(tmp_path: Path) -> None:
    create_app(Settings.model_validate(SAFE | {"database_url": f"sqlite:///{tmp_path / 'new.db'}"}))


def test_a_route_without_a_policy_stops_the_application() -> None:
    app = Flask(__name__)
    app.add_url_rule("/fine", view_func=allow(PUBLIC)(lambda: "fine"), endpoint="fine")
    app.add_url_rule("/open", view_func=lambda: "open", endpoint="open")
    with pytest.raises(RuntimeError, match="/open"):
        install(app)


def test_errors_have_three_faces(client: FlaskClient) -> None:
    page = client.get("/jobs/999999999/x")
    assert page.status_code == 404
    assert "<html" in page.get_data(as_text=True)
    fragment = client.get("/jobs?after=x", headers={"HX-Request": "true"})
    assert fragment.status_code == 400
    assert "<html" not in fragment.get_data(as_text=True)
    assert "#toasts" in fragment.get_data(as_text=True)
    problem = client.get("/jobs?after=x", headers={"Accept": "application/json"})
    assert problem.mimetype == "application/problem+json"
    assert problem.json is not None
    assert problem.json["status"] == 400


@pytest.mark.parametrize("referrer", ["http://[", "//[x", "http://[::1/jobs"])
def test_a_page_that_asks_under_no_address_leads_to_signing_in(client: FlaskClient, referrer: str) -> None:
    answer = client.post("/sign-out", headers={"Referer": referrer})
    assert (answer.status_code, answer.location) == (303, "/sign-in")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 422), ({"Origin": "http://localhost"}, 422), ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 422),
        ({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403), ({"Origin": "http://localhost:81"}, 403),
        ({"Origin": "https://localhost.evil.example"}, 403), ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403), ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)  # fmt: skip
def test_a_form_of_another_site_is_refused_although_it_has_a_token(
    board: Board, client: FlaskClient, headers: dict[str, str], status: int
) -> None:
    data = {"email": "ada@example.org", "password": "wrong", "csrf_token": board.csrf(client, "/sign-in")}
    assert client.post("/sign-in", data=data, headers=headers).status_code == status


def test_a_page_with_a_secret_address_tells_it_to_no_other_site_and_its_form_still_says_whence(
    client: FlaskClient,
) -> None:
    for path in ("/reset-password/x", "/applications/x", "/verify-email/x"):
        assert client.get(path).headers["Referrer-Policy"] == "same-origin"

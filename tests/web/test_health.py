"""The process and what it needs."""

from flask.testing import FlaskClient


def test_a_healthy_process_says_so(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "ok", "database": "ok"}


def test_nothing_sets_a_cookie_before_anybody_asks(client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.get("/healthz").headers

"""The process, what it needs, and its figures."""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app import create_app
from app.core import clock
from app.core.db import db, writing
from app.core.settings import Settings
from app.domain.board.queries import WORKER
from app.domain.board.services import beat
from tests.factories import Board

TOKEN = "a token for the figures"


@pytest.fixture
def told(app: Flask) -> Iterator[dict[str, Any]]:
    """Settings that may be changed for one test."""
    settings = app.extensions["nexus-settings"]
    before = {name: getattr(settings, name) for name in type(settings).model_fields}
    yield settings.__dict__
    settings.__dict__.update(before)


def test_a_healthy_process_says_so(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json) == (
        200, {"status": "ok", "database": "ok", "schema": "ok", "uploads": "ok"}
    )


def test_nothing_sets_a_cookie_before_anybody_asks(client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.get("/healthz").headers


def test_another_schema_is_not_served_on(client: FlaskClient, app: Flask) -> None:
    with app.app_context(), writing(), db.engine.begin() as connection:
        head = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json["status"]) == (503, "unavailable")
        assert ready.json["schema"] == f"is 0001, should be {head}"
    finally:
        with app.app_context(), writing(), db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head})


def test_a_full_disk_leaves_the_board_readable(
    client: FlaskClient, told: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = shutil.disk_usage(tmp_path).free
    monkeypatch.setattr("app.core.health.LEAST_ROOM", free * 2)
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["status"], ready.json["uploads"]) == (200, "degraded", "no room left")
    (tmp_path / "file").write_text("no folder")
    told["upload_dir"] = tmp_path / "file" / "uploads"
    assert client.get("/readyz").json["uploads"] == "not writable"


def test_a_database_that_is_away_is_told(tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:1/none"
    away = create_app(Settings(nexus_env="testing", database_url=url, upload_dir=tmp_path))
    ready = away.test_client().get("/readyz")
    assert (ready.status_code, ready.json["database"]) == (503, "unreachable")
    assert away.test_client().get("/healthz").status_code == 200


def test_metrics_are_for_whoever_has_the_token(client: FlaskClient, told: dict[str, Any]) -> None:
    assert client.get("/metrics").status_code == 404
    told["metrics_token"] = TOKEN
    refused = client.get("/metrics")
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert client.get("/metrics", headers={"Authorization": "Bearer ä wrong one"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200
    told |= {"metrics_token": "", "nexus_env": "development"}
    assert client.get("/metrics").status_code == 200


def test_metrics_tell_of_the_board_and_of_requests(client: FlaskClient, told: dict[str, Any], board: Board) -> None:
    told["metrics_token"] = TOKEN
    posting = board.posting()
    client.get(posting.path)
    client.open(posting.path, method="BREW")
    said = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).get_data(as_text=True)
    assert "nexus_postings_live 1.0" in said
    assert "nexus_applications 0.0" in said
    assert "nexus_mails_waiting 0.0" in said
    assert 'route="/jobs/<id:posting_id>/<slug>",status="200"' in said
    assert 'method="other"' in said
    assert "nexus_worker_heartbeat_age_seconds" not in said, "none was ever seen"
    assert posting.slug not in said, "an address of a person or a posting is no label"
    assert "nexus_requests_in_flight 1.0" in said, "only the one that asks"
    assert re.search(r"^nexus_database_connections_in_use [1-9]", said, re.M), "the one that counts the postings"


def test_metrics_tell_since_when_no_worker_was_seen(client: FlaskClient, told: dict[str, Any], board: Board) -> None:
    told["metrics_token"] = TOKEN
    with board.writing() as session:
        beat(session, WORKER, clock.now() - timedelta(minutes=7))
    said = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).get_data(as_text=True)
    found = re.search(r"^nexus_worker_heartbeat_age_seconds ([\d.]+)$", said, re.M)
    assert found is not None and 420 <= float(found[1]) < 480

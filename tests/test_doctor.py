"""What `flask doctor` finds wrong."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.core import clock
from app.core.settings import Settings
from app.domain.board.queries import WORKER
from app.domain.board.services import beat
from app.domain.mail.services import owe
from tests.factories import Board


@pytest.fixture
def told(app: Flask) -> Iterator[dict[str, Any]]:
    """Settings that may be changed for one test."""
    settings = app.extensions["nexus-settings"]
    before = {name: getattr(settings, name) for name in type(settings).model_fields}
    yield settings.__dict__
    settings.__dict__.update(before)


def doctor(app: Flask) -> tuple[int, dict[str, tuple[str, str]]]:
    result = app.test_cli_runner().invoke(args=["doctor"])
    lines = [line.split(maxsplit=2) for line in result.output.splitlines()]
    return result.exit_code, {what: (level, words) for level, what, words in lines}


def test_a_healthy_board_has_nothing_to_complain_of(app: Flask, board: Board) -> None:
    board.admin()
    code, said = doctor(app)
    assert code == 0
    assert {level for level, _ in said.values()} == {"ok"}
    looked_at = {"database", "schema", "uploads", "redis", "mail", "assets", "worker", "outbox", "admins", "clock"}
    assert looked_at <= said.keys()


def test_mail_that_is_overdue_asks_for_the_worker(app: Flask, board: Board, told: dict[str, Any]) -> None:
    with board.writing() as session:
        owe(session, "a-template", "ada@example.org", "one", clock.now() - timedelta(hours=1))
    assert doctor(app)[1]["outbox"][0] == "warn"
    told["nexus_env"] = "production"
    code, said = doctor(app)
    assert code == 1
    assert said["outbox"] == ("fail", "1 are overdue. Is a worker running, and SMTP_URL right? See /admin/mail.")


def test_a_worker_that_fell_silent_is_told_though_nothing_is_overdue(
    app: Flask, board: Board, told: dict[str, Any]
) -> None:
    assert doctor(app)[1]["worker"] == ("ok", "None has ever run: start `flask --app wsgi worker`.")
    told["nexus_env"] = "production"
    assert doctor(app)[1]["worker"][0] == "warn"
    with board.writing() as session:
        beat(session, WORKER, clock.now() - timedelta(minutes=12))
    said = doctor(app)[1]
    assert said["worker"] == ("warn", "No worker has run for 12 minutes: start `flask --app wsgi worker`.")
    assert said["outbox"][0] == "ok"
    app.test_cli_runner().invoke(args=["work-off"])
    assert doctor(app)[1]["worker"][0] == "ok"


def test_each_trouble_says_what_to_do(app: Flask, board: Board, told: dict[str, Any], tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    (tmp_path / "file").write_text("no folder")
    board.admin()
    told |= {
        "nexus_env": "production", "upload_dir": tmp_path / "file" / "uploads", "smtp_url": f"smtp://127.0.0.1:{port}",
        "base_url": "https://jobs.example.org",
    }
    code, said = doctor(app)
    assert code == 1
    assert said["uploads"][0] == "fail" and "Give it to the user" in said["uploads"][1]
    assert said["mail"][0] == "fail" and "Check SMTP_URL" in said["mail"][1]
    assert said["address"][0] == "warn" and "TRUSTED_PROXIES" in said["address"][1]
    assert said["redis"][0] == "warn" and "REDIS_URL" in said["redis"][1]
    assert said["admins"] == ("warn", "1 of 1 admins have no second factor. They are asked for it at /me/security.")


def test_a_database_that_is_away_or_empty_is_no_stack_of_lines(tmp_path: Path) -> None:
    away = Settings(nexus_env="testing", database_url="postgresql://x:secret@127.0.0.1:1/none", upload_dir=tmp_path)
    code, said = doctor(create_app(away))
    assert code == 1
    assert said["database"][0] == "fail" and "Check DATABASE_URL" in said["database"][1]
    assert "postgresql+psycopg://x:***@127.0.0.1:1/none" in said["database"][1]
    (tmp_path / "words.txt").write_text("No database at all. " * 100)
    foreign = Settings(nexus_env="testing", database_url=f"sqlite:///{tmp_path / 'words.txt'}", upload_dir=tmp_path)
    code, said = doctor(create_app(foreign))
    assert code == 1
    assert said["database"][0] == "fail" and "words.txt does not answer: file is not a database." in said["database"][1]
    empty = Settings(nexus_env="testing", database_url=f"sqlite:///{tmp_path / 'empty.db'}", upload_dir=tmp_path)
    code, said = doctor(create_app(empty))
    assert code == 1
    assert said["schema"][0] == "fail" and "db upgrade" in said["schema"][1]
    assert str(tmp_path / "empty.db") in said["schema"][1]

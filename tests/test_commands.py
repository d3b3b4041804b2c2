"""Commands as an operator types them."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.core.db import reading
from app.core.settings import Settings
from app.domain.accounts.demo import SEEKER, SIGN_INS
from app.domain.accounts.queries import by_email
from tests.factories import Board

ROOT = Path(__file__).resolve().parent.parent
WORDS = "some words nobody guesses\n"


def create_user(app: Flask, *args: str, password: str | None = WORDS) -> tuple[int, str]:
    more = ["--password-stdin"] if password is not None else []
    result = app.test_cli_runner().invoke(args=["create-user", *args, *more], input=password or "")
    return result.exit_code, result.output


def test_create_user_makes_people_who_can_sign_in(app: Flask, board: Board) -> None:
    assert create_user(app, "root@example.org", "--role", "admin")[0] == 0
    assert create_user(app, "boss@example.org", "--role", "employer", "--company", "Kiln & Co")[0] == 0
    with app.app_context():
        admin, boss = by_email(reading(), "root@example.org"), by_email(reading(), "BOSS@example.org")
        assert admin is not None and admin.is_admin
        assert boss is not None and not boss.is_admin
    client = app.test_client()
    fields = {"email": "boss@example.org", "password": WORDS.strip()}
    answer = client.post("/sign-in", data=fields | {"csrf_token": board.csrf(client, "/sign-in")})
    assert answer.headers["Location"].endswith("/employer")


def test_create_user_shows_a_made_password_once(app: Flask) -> None:
    code, said = create_user(app, "sam@example.org", "--role", "seeker", password=None)
    assert code == 0
    assert "Password (shown once)" in said


@pytest.mark.parametrize(
    ("args", "password", "sentence"),
    [
        (("no-address", "--role", "seeker"), WORDS, "name@example.com"),
        (("josé@x.example", "--role", "seeker"), WORDS, "before the @"),
        (("a@example.org", "--role", "employer", "--company", "\u202e"), WORDS, "Write the company's name"),
        (("a@example.org", "--role", "seeker"), "short\n", "15 characters"),
    ],
)
def test_create_user_says_what_is_wrong(app: Flask, args: tuple[str, ...], password: str, sentence: str) -> None:
    code, said = create_user(app, *args, password=password)
    assert code == 1
    assert sentence in said
    assert "Traceback" not in said


def test_create_user_refuses_a_taken_address(app: Flask) -> None:
    assert create_user(app, "sam@example.org", "--role", "seeker")[0] == 0
    code, said = create_user(app, "SAM@example.org", "--role", "admin")
    assert code == 1
    assert "already" in said


def start(folder: Path, port: str, **more: str) -> "subprocess.Popen[str]":
    """scripts/run.py on a database of its own."""
    environment = os.environ | {
        "PORT": port, "DATABASE_URL": f"sqlite:///{folder / 'run.db'}", "UPLOAD_DIR": str(folder / "uploads"),
        "PYTHONUNBUFFERED": "1", "NEXUS_ENV": "development",
    }
    environment.pop("BASE_URL", None)
    return subprocess.Popen(
        [sys.executable, "scripts/run.py"], cwd=ROOT, env=environment | more, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def free_port() -> int:
    with socket.socket() as wire:
        wire.bind(("127.0.0.1", 0))
        return int(wire.getsockname()[1])


def test_run_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    settings = Settings(nexus_env="testing", database_url=f"sqlite:///{tmp_path / 'run.db'}")
    app = create_app(settings)
    runner = app.test_cli_runner()
    assert runner.invoke(args=["db", "upgrade"]).exit_code == 0
    assert create_user(app, SEEKER.email, "--role", "seeker")[0] == 0  # the demo counts as loaded
    port = free_port()
    process = start(tmp_path, str(port))
    assert process.stdout is not None
    said = ""
    try:
        for line in process.stdout:
            said += line
            if "Ctrl-C" in line:
                break
        assert f"http://127.0.0.1:{port}" in said
        assert all(who.email in said for who in SIGN_INS)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        assert "Stopped." in process.stdout.read()
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_run_says_in_a_sentence_that_the_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as wire:
        wire.bind(("127.0.0.1", 0))
        wire.listen()
        port = wire.getsockname()[1]
        process = start(tmp_path, str(port))
        said = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert f"Port {port} cannot be used" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("port", ["no", "0", "70000", "٣"])
def test_run_says_in_a_sentence_what_is_no_port(tmp_path: Path, port: str) -> None:
    process = start(tmp_path, port)
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "is not a port" in said
    assert "Traceback" not in said


def test_run_is_not_for_production(tmp_path: Path) -> None:
    process = start(
        tmp_path, str(free_port()), NEXUS_ENV="production", SECRET_KEY="k" * 40, BASE_URL="https://jobs.example.org"
    )
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "for development" in said

"""`flask worker` as a process of its own, with a kind of mail for tests: `python -m tests.worker_process`.

`killed_while_delivering` is the fault that the mail must survive; the suite runs a short form of it.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.cli import ScriptInfo
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader

from app import create_app
from app.cli.working import worker_command
from app.core import clock
from app.core.links import Links
from app.core.settings import Settings
from app.domain.mail import rendering
from app.domain.mail.letters import WRITERS, Letter
from app.domain.mail.services import LEASE, owe
from app.worker import Shift, deliver_mail
from tests.factories import Board
from tests.smtp_peer import Peer

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "fault-letter"


def write(session: Any, ids: Mapping[str, Any], links: Links, now: datetime) -> Letter:
    """A letter that needs no row."""
    return Letter(f"Letter {ids['number']}", TEMPLATE)


def teach() -> None:
    """Let this process know the kind of mail."""
    WRITERS[TEMPLATE] = write
    for kind in ("text", "html"):
        known = FileSystemLoader(rendering.FOLDER), DictLoader({f"{TEMPLATE}.jinja": "{{ p('Hello.') }}"})
        rendering._kit(kind).loader = ChoiceLoader(known)


def owe_many(board: Board, number: int) -> None:
    """Owe `number` people a letter each, due now."""
    with board.writing() as session:
        for one in range(number):
            owe(session, TEMPLATE, f"reader{one}@example.org", f"fault:{one}", clock.now(), number=one)


def started(settings: Settings, smtp_url: str) -> subprocess.Popen[str]:
    """A worker of its own process on the database of `settings`, sending mail there and events to this machine too."""
    environment = {
        **os.environ, "NEXUS_ENV": "testing", "DATABASE_URL": settings.database_url, "SMTP_URL": smtp_url,
        "SECRET_KEY": settings.secret_key, "UPLOAD_DIR": str(settings.upload_dir), "BASE_URL": settings.base_url,
        "REDIS_URL": "", "OUTBOUND_ALLOW": "127.0.0.0/8",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tests.worker_process"], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )


def struck(worker: subprocess.Popen[str], peer: Peer, after: int, blow: signal.Signals) -> Callable[[int], None]:
    """Send the worker a signal while it waits to hear that letter number `after` was taken."""

    def strike(number: int) -> None:
        if number == after:
            os.kill(worker.pid, blow)

    return strike


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of it."""

    mails: int
    kills: int
    arrived: int
    repeated: int
    only_with_the_same_id: bool


def killed_while_delivering(app: Flask, board: Board, mails: int, kills: int) -> Figures:
    """Deliver `mails` letters by a worker that is killed `kills` times in the middle of one, then to the end."""
    owe_many(board, mails)
    settings: Settings = app.extensions["nexus-settings"]
    with Peer() as peer:
        for _ in range(kills):
            worker = started(settings, peer.url)
            peer.on_letter = struck(worker, peer, len(peer.letters) + max(1, mails // (kills + 2)), signal.SIGKILL)
            said, _ = worker.communicate(timeout=120)
            assert worker.returncode == -signal.SIGKILL, said
        peer.on_letter = lambda number: None
        later = clock.now() + LEASE + timedelta(minutes=1)
        with app.app_context():
            deliver_mail(Shift(settings.model_copy(update={"smtp_url": peer.url}), now=lambda: later))
        return Figures(
            mails, kills, len(peer.taken), peer.repeats, all(len(ids) == 1 for ids in peer.ids.values())
        )


def main() -> None:
    teach()
    app = create_app()
    worker_command.main([], prog_name="worker", obj=ScriptInfo(create_app=lambda: app))


if __name__ == "__main__":
    main()

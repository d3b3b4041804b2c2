"""Commands that do the work of the background: all the time, or once."""

import logging
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable

import click
import psycopg
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.core import clock
from app.core.db import transaction
from app.core.settings import Settings
from app.domain.board.queries import WORKER
from app.domain.board.services import beat
from app.web.context import settings
from app.worker import DUE, Running, summary, work
from app.worker.shifts import Piece, Shift


@click.command("worker")
@with_appcontext
def worker_command() -> None:
    """Do the work of the background until stopped: mail and events once they are due, everything else every minute.

    Several may run at once. SIGTERM and Ctrl-C let the work in hand be finished first.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s")
    logging.getLogger("huey").setLevel(logging.WARNING)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        running = Running(app)
    except (psycopg.Error, sqlite3.Error):
        raise click.ClickException("The database of DATABASE_URL does not answer. Start it, then the worker.") from None
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: running.ask_to_stop())
    running.start()
    click.echo(f"Working: {', '.join(piece.name for piece in DUE)}. Ctrl-C stops it.")
    click.echo(_leaves_by(settings()))
    tick = threading.Event()
    while not running.asked_to_stop:
        tick.wait(0.2)
        running.look_after()
    click.echo("Finishing the work in hand …")
    running.stop()
    click.echo("Stopped.")


def _leaves_by(board: Settings) -> str:
    if board.smtp_url:
        return "Mail leaves by the server of SMTP_URL."
    if board.production:
        return "SMTP_URL is not set: mail waits in the outbox until it is."
    return "SMTP_URL is not set: mail is kept, to be read at /admin/mail."


def _counting(name: str) -> Callable[[int], None]:
    """Progress on a terminal: one line that counts up."""

    def tell(number: int) -> None:
        click.echo(f"\r{name}: {number:,}", nl=False, err=True)

    return tell if sys.stderr.isatty() else lambda number: None


def _line(piece: Piece, shift: Shift, done: str) -> str:
    return f"{piece.name}: {done}" + "".join(f"\n  {sentence}" for sentence in shift.waits)


@click.command("work-off")
@with_appcontext
def work_off_command() -> None:
    """Do all due work once, then exit. What cannot be done now is told, waits, and is no error."""
    with transaction() as session:
        beat(session, WORKER, clock.now())
    for piece in DUE:
        shift = Shift(settings(), tell=_counting(piece.name))
        counts = work(piece, shift)
        if counts and sys.stderr.isatty():
            click.echo("\r", nl=False, err=True)
        click.echo(_line(piece, shift, summary(counts)))

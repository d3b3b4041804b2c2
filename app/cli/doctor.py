"""What is wrong with this installation, and what to do about it."""

import ipaddress
import platform
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import reading
from app.core.health import address, clock_of, engine_version, room, schema_head, schema_here, trouble
from app.core.settings import DEVELOPMENT_SECRET, RELEASE, Settings
from app.core.smtp import mail_server
from app.domain.accounts.queries import admins, has_demo_accounts
from app.domain.board.queries import WORKER, last_beat
from app.domain.mail.queries import due
from app.domain.mail.transport import Smtp, Undelivered
from app.web import assets
from app.web.context import redis, settings

ENOUGH_ROOM = 1024**3
LATE = timedelta(minutes=10)
QUIET = timedelta(minutes=5)
"""A worker is seen every minute, and may be busy with a slow mail server for some."""
SKEW = timedelta(seconds=5)
OLDEST = {"sqlite": (3, 40), "postgresql": (15,)}


class Finding(NamedTuple):
    """One line: `ok`, `warn` or `fail`, of what, and in words what is so and what to do."""

    level: str
    what: str
    words: str


def _python(given: Settings) -> Iterator[Finding]:
    yield Finding("ok", "program", f"Nexus {RELEASE} on Python {platform.python_version()}, {given.nexus_env}.")
    if given.secret_key == DEVELOPMENT_SECRET:
        words = "SECRET_KEY is the one for development. NEXUS_ENV=production refuses it."
        yield Finding("warn", "settings", words)
    else:
        yield Finding("ok", "settings", "Safe.")


def _address(given: Settings) -> Iterator[Finding]:
    host = given.host.rsplit(":", 1)[0].strip("[]")
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not given.production:
        yield Finding("ok", "address", f"{given.base_url} (development answers on this machine only).")
    elif local:
        yield Finding("warn", "address", f"BASE_URL is {given.base_url}: links in mail lead nowhere but here.")
    elif not given.trusted_proxies:
        words = "TRUSTED_PROXIES is 0: behind nginx everybody shares one address and its limits. Set it to 1."
        yield Finding("warn", "address", words)
    else:
        yield Finding("ok", "address", f"{given.base_url}, behind {given.trusted_proxies} proxies.")


def _database(given: Settings) -> Iterator[Finding]:
    session = reading()
    try:
        engine, version = engine_version(session)
        here = schema_here(session.connection())
    except DatabaseError as error:
        yield Finding("fail", "database", trouble(session.get_bind(), error))
        return
    numbers = tuple(int(part) for part in version.split()[0].split(".")[:2] if part.isdigit())
    if numbers < OLDEST[engine]:
        least = ".".join(map(str, OLDEST[engine]))
        yield Finding("fail", "database", f"{engine} {version} is too old. Use {least} or newer.")
    else:
        yield Finding("ok", "database", f"{engine} {version}.")
    if here != schema_head():
        place = address(session.get_bind())
        words = f"{here or 'None'} in {place}, should be {schema_head()}. Run `flask --app wsgi db upgrade`."
        yield Finding("fail", "schema", words)
        return
    yield Finding("ok", "schema", f"{here}, as this release wants.")
    yield from _contents(session, given, clock.now())


def _contents(session: Session, given: Settings, now: datetime) -> Iterator[Finding]:
    skew = abs(clock_of(session) - now)
    if skew > SKEW:
        words = f"{skew.total_seconds():.0f} s between this machine and the database. Let both keep time by NTP."
        yield Finding("warn", "clock", words)
    else:
        yield Finding("ok", "clock", "The same here and in the database.")
    if given.production and has_demo_accounts(session):
        words = "The demo's accounts are here, whose password everybody knows. Use another database."
        yield Finding("fail", "people", words)
    everybody, without = admins(session)
    if not everybody:
        words = "No admin. Run `flask --app wsgi create-user you@example.org --role admin`."
        yield Finding("warn", "admins", words)
    elif without and given.production:
        words = f"{without} of {everybody} admins have no second factor. They are asked for it at /me/security."
        yield Finding("warn", "admins", words)
    else:
        yield Finding("ok", "admins", f"{everybody}.")
    yield _worker(session, given, now)
    if late := due(session, now - LATE):
        words = f"{late} are overdue. Is a worker running, and SMTP_URL right? See /admin/mail."
        yield Finding("fail" if given.production else "warn", "outbox", words)
    else:
        yield Finding("ok", "outbox", "Nothing is overdue.")


def _worker(session: Session, given: Settings, now: datetime) -> Finding:
    seen, start = last_beat(session, WORKER), "start `flask --app wsgi worker`."
    if seen is not None and now - seen <= QUIET:
        return Finding("ok", "worker", "Seen alive within the last minutes.")
    if seen is None:
        return Finding("warn" if given.production else "ok", "worker", f"None has ever run: {start}")
    minutes = int((now - seen).total_seconds() // 60)
    return Finding("warn", "worker", f"No worker has run for {minutes:,} minutes: {start}")


def _uploads(given: Settings) -> Iterator[Finding]:
    try:
        free = room(given.upload_dir)
    except OSError as error:
        words = f"{given.upload_dir} cannot be written ({error.strerror}). Give it to the user Nexus runs as."
        yield Finding("fail", "uploads", words)
        return
    level = "ok" if free >= ENOUGH_ROOM else "warn"
    more = "" if level == "ok" else " Make room, or move UPLOAD_DIR."
    yield Finding(level, "uploads", f"{free / 1024**3:,.1f} GB free at {given.upload_dir}.{more}")


def _redis(given: Settings) -> Iterator[Finding]:
    found = redis()
    if found is None:
        level = "warn" if given.production else "ok"
        yield Finding(level, "redis", "None: each process limits and caches alone. REDIS_URL names one.")
    elif found.alive():
        yield Finding("ok", "redis", "Answers.")
    else:
        words = "Does not answer within 0.2 s: the board runs without it. Check REDIS_URL and that it runs."
        yield Finding("warn", "redis", words)


def _mail(given: Settings) -> Iterator[Finding]:
    server = mail_server(given.smtp_url)
    if server is None:
        level = "fail" if given.production else "ok"
        yield Finding(level, "mail", "Stays in the outbox. Set SMTP_URL to let it leave.")
        return
    try:
        with Smtp(server, timeout=5) as wire:
            wire.greet()
    except Undelivered as error:
        yield Finding("fail", "mail", f"{server.host}:{server.port}: {error} Check SMTP_URL.")
    else:
        yield Finding("ok", "mail", f"{server.host}:{server.port} answers.")


def _assets(given: Settings) -> Iterator[Finding]:
    level = "fail" if given.production else "ok"
    if not (assets.STATIC / "vendor" / "manifest.json").is_file():
        yield Finding(level, "assets", f"The browser libraries are not there. {assets.HOW}")
    elif given.production and not assets.built():
        yield Finding("warn", "assets", f"Not built. {assets.HOW}")
    elif given.production and (stale := assets.changed()):
        yield Finding("warn", "assets", f"{stale[0]} has changed since they were built. {assets.HOW}")
    else:
        yield Finding("ok", "assets", "There.")


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _python, _address, _database, _uploads, _redis, _mail, _assets,
)  # fmt: skip
COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command("doctor")
@with_appcontext
def doctor_command() -> None:
    """Say what is wrong with this installation and what to do, a line each. Exit 1 where something fails."""
    failed = False
    for check in CHECKS:
        for level, what, words in check(settings()):
            failed |= level == "fail"
            click.echo(f"{click.style(f'{level:4}', fg=COLOURS[level])} {what:9} {words}")
    sys.exit(1 if failed else 0)

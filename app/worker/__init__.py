"""Work in the background: what is due, in small transactions of its own, woken by commits and swept every minute.

huey carries the waking, nothing else: what is owed stands in the board's own database, so that a lost queue
loses nothing.
"""

import logging
import threading
import time
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Flask, current_app
from huey import PostgresHuey, SqliteHuey, crontab
from huey.api import Huey
from huey.serializer import SignedSerializer
from sqlalchemy.engine import make_url

from app.core import clock
from app.core.db import reading, transaction
from app.core.events import work_owed
from app.core.files import UploadStore
from app.core.links import Links
from app.core.settings import Settings
from app.core.smtp import mail_server
from app.core.uploads import strays
from app.domain.accounts.services import sweeping as sessions
from app.domain.accounts.services.repeating import forget_keys
from app.domain.applications import services as applications
from app.domain.board.queries import WORKER, standing
from app.domain.board.services import beat
from app.domain.companies.services.tokens import forget_ended
from app.domain.mail import services as mail
from app.domain.mail.queries import due as mail_due
from app.domain.mail.transport import Deferred, Refused, Smtp, Transport, Unreachable
from app.domain.postings import services as postings
from app.domain.search import changes
from app.worker.shifts import BATCH, Piece, Shift, by_batches
from app.worker.sources import look_at_sources
from app.worker.webhooks import forget_deliveries, send_webhooks

SOON = timedelta(minutes=2)
"""Work due later than this is left to the sweep."""
STRETCH = 5.0
"""Seconds after which the worker begins no other call: whoever is slow to answer holds nothing else up for long."""
MOST_WAITING = 100
"""Tasks in the queue, behind which waking waits for the sweep: one of them does all that is due."""
_log = logging.getLogger("nexus.worker")


def deliver_mail(shift: Shift, transport: Transport | None = None) -> Counter[str]:
    """Send all mail that is due, through `transport` or the server of the settings, one by one.

    Without a server mail is kept here, in development to be read at /admin/mail; in production it waits.
    """
    server = mail_server(shift.settings.smtp_url)
    counts: Counter[str] = Counter()
    if transport is None and server is None and shift.settings.production:
        if number := mail_due(reading(), shift.now()):
            shift.waits.append(f"{number} mails wait: SMTP_URL is not set.")
        return counts
    courier: AbstractContextManager[Transport | None] = (
        Smtp(server) if transport is None and server is not None else nullcontext(transport)
    )
    board = standing(reading(), shift.settings)
    office = mail.Office(
        board.site_name, shift.settings.mail_from, Links(shift.settings.base_url, shift.settings.key)
    )
    with courier as post:
        while not shift.stopping():
            done = _one_mail(office, post, shift)
            if not done:
                break
            counts[done] += 1
            shift.tell(counts.total())
            if done == "unreachable":
                break
    return counts


def _one_mail(office: mail.Office, post: Transport | None, shift: Shift) -> str:
    """What became of the next mail; empty where none is due."""
    try:
        with transaction() as session:
            claimed = mail.claim(session, office, shift.now())
    except Exception as error:
        spoilt = mail.in_hand(reading())
        if spoilt is None:
            raise
        with transaction() as session:
            mail.spoilt(session, *spoilt, error, shift.now())
        return "put off"
    if claimed is None:
        return ""
    if not isinstance(claimed, mail.Outgoing):
        return "settled"
    return _handed_over(claimed, post, shift)


def _handed_over(claimed: mail.Outgoing, post: Transport | None, shift: Shift) -> str:
    try:
        if post is not None:
            post.send(claimed.message)
    except Refused as error:
        with transaction() as session:
            mail.parked(session, claimed, str(error))
        return "parked"
    except (Deferred, Unreachable) as error:
        perhaps_sent = isinstance(error, Unreachable) and error.perhaps_sent
        away = isinstance(error, Unreachable) and not perhaps_sent  # one lost answer is not yet a lost server
        with transaction() as session:
            mail.failed(session, claimed, str(error), shift.now(), perhaps_sent=perhaps_sent)
        if away:
            shift.waits.append(str(error))
        return "unreachable" if away else "put off"
    with transaction() as session:
        mail.sent(
            session, claimed, shift.now(), kept=post is None, body=post is None and not shift.settings.production
        )
    return "kept" if post is None else "sent"


def stamp_expired(shift: Shift) -> Counter[str]:
    """Write down which postings the clock has ended."""
    counts: Counter[str] = Counter()
    while not shift.stopping() and (ids := postings.run_out(reading(), shift.now(), BATCH)):
        with transaction() as session:
            stamped = postings.stamp_expired(session, ids, shift.now())
        counts["stamped"] += stamped
        if not stamped:
            break  # somebody else has them in hand
    return +counts


def answer_overdue(shift: Shift) -> Counter[str]:
    """Answer applicants whom nobody answered in time."""
    counts: Counter[str] = Counter()
    while not shift.stopping() and (ids := applications.unanswered(reading(), shift.now(), BATCH)):
        for posting_id in ids:
            with transaction() as session:
                counts["answered"] += applications.answer_overdue(session, posting_id, shift.now())
    return +counts


def warn_of_expiry(shift: Shift) -> Counter[str]:
    """Owe companies the news that a posting's time is nearly over."""
    return +Counter({"owed": by_batches(shift, postings.owe_warnings)})


def sweep_uploads(shift: Shift) -> Counter[str]:
    """Delete files that nobody ever attached: rows first, then bytes, so that no row names bytes that are gone."""
    store, counts = UploadStore(shift.settings.upload_dir), Counter[str]()
    while not shift.stopping() and (ids := applications.unused_files(reading(), shift.now(), BATCH)):
        with transaction() as session:
            keys = applications.forget_unused(session, ids)
        for key in keys:
            store.delete(key)
        counts["deleted"] += len(keys)
        if not keys:
            break  # somebody has them in hand
    before = shift.now() - applications.KEPT_FOR_A_FORM
    for key in list(strays(reading(), store.untouched_since(before))):
        store.delete(key)
        counts["deleted without a row"] += 1
    counts["half written"] += store.drop_drafts(before)
    return +counts


def forget_changes(shift: Shift) -> Counter[str]:
    """Cut the old end of the log that search indexes follow."""
    counts = Counter[str]()
    while not shift.stopping():
        with transaction() as session:
            gone = changes.prune(session)
        if not gone:
            break
        counts["forgotten"] += gone
    return +counts


ENDED = {
    "sessions": sessions.forget_sessions, "refresh tokens": sessions.forget_used, "keys": forget_keys,
    "tokens": forget_ended,
}
"""What lets nobody in any more, and who forgets it: session, moment, most at once → how many."""


def forget_ended_access(shift: Shift) -> Counter[str]:
    """Forget sessions, tokens and keys that are over."""
    return +Counter({what: by_batches(shift, forget) for what, forget in ENDED.items()})


_DELIVERY, _EVENTS = Piece("deliver mail", deliver_mail), Piece("send webhooks", send_webhooks)
DUE: list[Piece] = [
    Piece("stamp expired postings", stamp_expired),
    Piece("answer overdue applications", answer_overdue),
    Piece("warn of expiry", warn_of_expiry),
    _DELIVERY,
    _EVENTS,
    Piece("sweep uploads", sweep_uploads, hourly=True),
    Piece("forget search changes", forget_changes, hourly=True),
    Piece("forget ended access", forget_ended_access, hourly=True),
    Piece("forget webhook deliveries", forget_deliveries, hourly=True),
    Piece("look at sources", look_at_sources),
]
"""All that is done in the background, in this order."""


def work(piece: Piece, shift: Shift) -> Counter[str]:
    """Do one piece of work; what fails is logged and does not keep the next from being done."""
    try:
        return piece.run(shift)
    except Exception:
        _log.exception("%s failed", piece.name)
        shift.waits.append("It failed; the log tells why.")
        return Counter()


class Queue:
    """The one seam to huey: a file beside the database for SQLite, tables of its own in PostgreSQL."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.stopping = False
        self._app, self._settings = app, settings
        self.huey = _huey(settings)
        self.deliver = self.huey.task(name="deliver")(self._deliver)
        self.sweep = self.huey.periodic_task(crontab(minute="*"), name="sweep")(self._sweep)

    def wake(self, due: datetime, now: datetime) -> None:
        """See to it that mail and events leave at `due`, or at once."""
        if self.huey.pending_count() + self.huey.scheduled_count() < MOST_WAITING:
            wait = (due - now).total_seconds()
            if wait > 0:
                self.deliver.schedule(delay=wait)
            else:
                self.deliver()

    def consumer(self) -> Any:
        """huey's consumer, one thread, that leaves signals to whoever runs it."""
        consumer = self.huey.create_consumer(workers=1, initial_delay=0.1, max_delay=1.0, scheduler_interval=1)
        consumer._set_signal_handlers = lambda: None
        return consumer

    def _shift(self) -> Shift:
        return Shift(self._settings, stopping=lambda: self.stopping, stretch=STRETCH)

    def _deliver(self) -> None:
        with self._app.app_context():
            for piece in (_DELIVERY, _EVENTS):
                _tell(piece, work(piece, self._shift()))

    def _sweep(self) -> None:
        with self._app.app_context():
            with transaction() as session:
                beat(session, WORKER, clock.now())
            for piece in DUE:
                if not piece.hourly or clock.now().minute == 0:
                    _tell(piece, work(piece, self._shift()))


def _tell(piece: Piece, counts: Counter[str]) -> None:
    if counts:
        _log.info("%s: %s", piece.name, summary(counts))


def summary(counts: Counter[str]) -> str:
    """What was done, in a line: "sent 3, parked 1"."""
    return ", ".join(f"{what} {number}" for what, number in counts.items()) or "nothing due"


def _huey(settings: Settings) -> Huey:
    common = {
        "results": False, "serializer": SignedSerializer(secret=settings.secret_key, salt="nexus queue"),
    }
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        return SqliteHuey("nexus", filename=f"{url.database}.queue", fsync=False, **common)
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return PostgresHuey("nexus", dsn=dsn, table_prefix="huey", connect_timeout=3, **common)


class Running:
    """The background work of this process, in threads of its own."""

    def __init__(self, app: Flask) -> None:
        self._queue = queue(app)
        self._consumer = self._queue.consumer()
        self._looked = time.monotonic()

    def start(self) -> None:
        """Begin, with a look at everything that fell due while nobody worked."""
        self._consumer.start()

    def look_after(self) -> None:
        """Start a thread anew that died; at most every ten seconds."""
        if time.monotonic() - self._looked > 10:
            self._looked = time.monotonic()
            self._consumer.check_worker_health()

    @property
    def asked_to_stop(self) -> bool:
        """Whether no other mail or batch is to be taken up."""
        return self._queue.stopping

    def ask_to_stop(self) -> None:
        """Have no other mail or batch taken up, from this moment. A flag and no lock: signals' handlers call it."""
        self._queue.stopping = True

    def stop(self) -> None:
        """Let the mail or batch in hand be finished, take up no other, and return."""
        self.ask_to_stop()
        self._consumer.stop(graceful=True)


_making = threading.Lock()


def queue(app: Flask) -> Queue:
    """This application's queue, opened when first asked for. Raises what the database raises where it is away."""
    with _making:
        if "nexus-queue" not in app.extensions:
            app.extensions["nexus-queue"] = Queue(app, app.extensions["nexus-settings"])
        return cast(Queue, app.extensions["nexus-queue"])


_planned: dict[int, set[datetime]] = {}
"""Application → seconds in which a waking is on its way; each lies in the future when it is planned."""


def _woken(sender: object, *, due: set[datetime]) -> None:
    """Work was committed: have it done when it is due. At most two wakings for each second and process.

    The first of a second is done at once; what follows in it waits for the second's end, never longer.
    """
    app = cast(Any, current_app)._get_current_object()
    if not app.config["NEXUS_WAKE"]:
        return
    now = clock.now()
    this = now.replace(microsecond=0)
    planned = _planned[id(app)] = {second for second in _planned.get(id(app), ()) if second >= this}
    for at in sorted(due):
        at_once = at <= now and this not in planned
        second = this if at_once else max(at, now).replace(microsecond=0) + timedelta(seconds=1)
        if at - now <= SOON and second not in planned:
            queue(app).wake(second, now)
            planned.add(second)


def install(app: Flask) -> None:
    """Let commits wake the background work; not in tests, which do it themselves."""
    app.config.setdefault("NEXUS_WAKE", not app.testing)
    work_owed.connect(_woken)

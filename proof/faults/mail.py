"""kill -9 of the task worker while it sends, to a mail server that also refuses and loses its acknowledgements."""

from collections import Counter
from datetime import timedelta

from proof.board import Board, database, engines, folder
from proof.faults.plan import Finding, Size, Told, fault, say


@fault("mail", "kill -9 of the worker 20 times during 500 mails")
def mail(size: Size) -> Told:
    """Every mail arrives, repeated only with the same Message-ID, at most as often as the worker was killed."""
    return [_killed(engine, size.of(500, 25), size.of(20, 2)) for engine in engines()]


@fault("smtp", "a mail server that answers 451, 550, loses acknowledgements and goes down")
def smtp(size: Size) -> Told:
    """Every mail that can arrive does, repeated only with the same Message-ID; 550 is parked after one try."""
    return [_misbehaving(engine, size.of(100, 20)) for engine in engines()]


def _killed(engine: str, mails: int, kills: int) -> Finding:
    from app import create_app
    from app.core.settings import Settings
    from app.domain.mail.models import MailStatus
    from tests import worker_process
    from tests.factories import Board as Factory

    with folder() as place, database(engine, place, "mail") as data:
        made = Board(data, place)
        made.flask("db", "upgrade")
        app = create_app(Settings(
            nexus_env="testing", database_url=data.url, upload_dir=place / "uploads", rate_limits="off", redis_url="",
            smtp_url="", secret_key="a secret for proofs only, and long enough",  # noqa: S106
        ))
        worker_process.teach()
        say(f"{engine}: {mails} mails, {kills} kills")
        figures = worker_process.killed_while_delivering(app, Factory(app), mails=mails, kills=kills)
        sent = data.number("SELECT count(*) FROM outbox_mails WHERE status = ?", MailStatus.SENT.value)
        _forget(app)
        return Finding(
            engine, f"{mails} arrive, at most {kills} repeated, and only with the same Message-ID",
            f"{figures.arrived} arrived, {figures.repeated} repeated"
            f" ({'only with the same Message-ID' if figures.only_with_the_same_id else 'with ANOTHER Message-ID'});"
            f" the worker was killed {figures.kills} times; {sent} marked as sent",
            figures.arrived == mails == sent and figures.repeated <= kills and figures.only_with_the_same_id,
        )


def _misbehaving(engine: str, mails: int) -> Finding:
    from app import create_app
    from app.core import clock
    from app.core.settings import Settings
    from app.worker import Shift, deliver_mail
    from tests import worker_process
    from tests.factories import Board as Factory
    from tests.smtp_peer import ACCEPT, LATER, LOSE, NO_SUCH, Peer

    def answer(recipient: str, before: int) -> str:
        number = int("".join(filter(str.isdigit, recipient.partition("@")[0])) or 0)
        if number % 10 == 3:
            return NO_SUCH
        return {1: LATER, 2: LOSE}.get(number % 5, ACCEPT) if before == 0 else ACCEPT

    with folder() as place, database(engine, place, "smtp") as data, Peer(answer) as peer:
        made = Board(data, place)
        made.flask("db", "upgrade")
        settings = Settings(
            nexus_env="testing", database_url=data.url, upload_dir=place / "uploads", rate_limits="off", redis_url="",
            smtp_url=peer.url, secret_key="a secret for proofs only, and long enough",  # noqa: S106
        )
        app = create_app(settings)
        worker_process.teach()
        worker_process.owe_many(Factory(app), mails)
        now = clock.now()
        for turn in range(12):
            if turn == 1:
                peer.down()
            if turn == 3:
                peer.up()
            with app.app_context():
                deliver_mail(Shift(settings, now=lambda turn=turn: now + timedelta(hours=turn)))
        states = Counter(dict(data.rows("SELECT status, count(*) FROM outbox_mails GROUP BY status")))
        parked = [recipient for (recipient,) in data.rows("SELECT recipient FROM outbox_mails WHERE status = 'parked'")]
        parked_tries = {peer.tries[recipient] for recipient in parked}
        same = all(len(ids) == 1 for ids in peer.ids.values())
        refused = sum(number % 10 == 3 for number in range(mails))
        _forget(app)
        return Finding(
            engine, f"{mails - refused} of {mails} arrive, the {refused} refused with 550 are parked after one try",
            f"{len(peer.taken)} arrived, {peer.repeats} repeated"
            f" ({'only with the same Message-ID' if same else 'with ANOTHER Message-ID'}); {dict(states)};"
            f" the server heard of the parked ones {sorted(parked_tries)} times",
            len(peer.taken) == mails - refused == states["sent"] and same and parked_tries == {1},
        )


def _forget(app: object) -> None:
    """Let go of the database, so that it can be dropped."""
    from flask import Flask

    from app.core.db import db

    assert isinstance(app, Flask)  # noqa: S101
    with app.app_context():
        db.engine.dispose()



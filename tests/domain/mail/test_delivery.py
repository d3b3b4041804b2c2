"""From owed to sent: each mail once, its text made when it leaves, nothing of it kept."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.errors import NotFound
from app.domain.mail.models import MailStatus, OutboxMail
from app.domain.mail.services import LEASE, MOST_TRIES, Office, Outgoing, cancel, claim, delay, failed, sent
from app.worker import Shift, deliver_mail
from tests.domain.mail.conftest import NOW, SPEAK, letter, owed
from tests.factories import Board
from tests.mailbox import html_of, post, text_of


def row(board: Board, number: int = 1) -> OutboxMail:
    with board.reading() as session:
        return session.scalars(select(OutboxMail).where(OutboxMail.key == f"test:{number}")).one()


def office(app: Flask) -> Office:
    from app.core.links import Links

    settings = app.extensions["nexus-settings"]
    return Office("Jobs", settings.mail_from, Links(settings.base_url, settings.key))


def test_due_mail_leaves_once_in_its_order(app: Flask, board: Board) -> None:
    owed(board, 2, after=timedelta(seconds=5))
    first = owed(board, 1)
    owed(board, 3, after=timedelta(seconds=11))
    letters = post(app, NOW + timedelta(seconds=10))
    assert [mail["Subject"] for mail in letters] == ["Letter 1", "Letter 2"]
    assert letters[0]["To"] == first and letters[0]["Auto-Submitted"] == "auto-generated"
    assert letters[0]["From"] == "Nexus <jobs@nexus.example>" and letters[0]["Message-ID"].endswith("@nexus.example>")
    assert post(app, NOW + timedelta(seconds=10)) == []
    done = row(board)
    assert (done.status, done.attempts, done.body_text, done.claimed_until) == (MailStatus.SENT, 1, None, None)


def test_one_source_is_drawn_as_text_and_as_html(app: Flask, board: Board) -> None:
    owed(board)
    SPEAK[1] = letter(values={"number": 1, "words": "<b>Tom & Ann</b>\n" + "word " * 40}, unsubscribe="/unsubscribe/x")
    (mail,) = post(app, NOW)
    text, html = text_of(mail), html_of(mail)
    assert "> <b>Tom & Ann</b>\n" in text and max(map(len, text.splitlines())) <= 72
    assert "\nhttp://127.0.0.1:5000/jobs\n" in text and "\nhttp://127.0.0.1:5000/unsubscribe/x\n" in text
    assert "&lt;b&gt;Tom &amp; Ann&lt;/b&gt;<br>" in html and 'href="http://127.0.0.1:5000/jobs"' in html
    assert mail["List-Unsubscribe"] == "<http://127.0.0.1:5000/unsubscribe/x>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_what_people_wrote_stays_in_its_header(app: Flask, board: Board) -> None:
    owed(board)
    SPEAK[1] = letter(
        subject="Hi\r\nBcc: all@example.org", reply_to=('Ann\r\nBcc: x@y.example, "B"', "ann@example.org")
    )
    (mail,) = post(app, NOW)
    assert mail["Subject"] == "Hi Bcc: all@example.org" and mail["Bcc"] is None
    assert mail["Reply-To"].addresses[0].addr_spec == "ann@example.org" and len(mail["Reply-To"].addresses) == 1
    assert b"\nBcc:" not in mail.as_bytes().split(b"\r\n\r\n")[0]


def test_mail_without_anything_to_say_is_cancelled(app: Flask, board: Board) -> None:
    owed(board, 1)
    owed(board, 2)
    SPEAK[1], SPEAK[2] = None, NotFound()
    assert post(app, NOW) == []
    assert row(board, 1).status is row(board, 2).status is MailStatus.CANCELLED


def test_an_unknown_kind_and_a_broken_address_are_parked_with_the_reason(app: Flask, board: Board) -> None:
    owed(board, 1, template="never-written")
    owed(board, 2, to="a@b@c\n")
    assert post(app, NOW) == []
    for number in (1, 2):
        assert row(board, number).status is MailStatus.PARKED and row(board, number).last_error


def test_a_writer_that_fails_delays_its_own_mail_only(app: Flask, board: Board) -> None:
    owed(board, 1)
    owed(board, 2)
    SPEAK[1] = RuntimeError("secret words")
    assert [mail["Subject"] for mail in post(app, NOW)] == ["Letter 2"]
    late = row(board)
    assert late.status is MailStatus.WAITING and late.due_at > NOW and late.attempts == 1
    assert "RuntimeError" in (late.last_error or "") and "secret" not in (late.last_error or "")
    del SPEAK[1]
    assert len(post(app, NOW + timedelta(minutes=5))) == 1


def test_a_claimed_mail_is_nobody_elses_until_its_lease_ends(app: Flask, board: Board) -> None:
    owed(board)
    with board.writing() as session:
        first = claim(session, office(app), NOW)
    assert isinstance(first, Outgoing)
    assert post(app, NOW) == [] and post(app, NOW + LEASE - timedelta(seconds=1)) == []
    with board.writing() as session:
        assert not cancel(session, "test:1"), "it may have left"
    (again,) = post(app, NOW + LEASE)
    assert again["Message-ID"] == first.message["Message-ID"]
    with board.writing() as session:
        assert not failed(session, first, "too late", NOW, perhaps_sent=False)
    assert row(board).status is MailStatus.SENT


def test_mail_cancelled_too_late_is_told_as_sent(app: Flask, board: Board) -> None:
    owed(board)
    with board.writing() as session:
        first = claim(session, office(app), NOW)
        assert isinstance(first, Outgoing)
    with board.writing() as session:
        session.get_one(OutboxMail, first.id).status = MailStatus.CANCELLED
    with board.writing() as session:
        sent(session, first, NOW)
    assert row(board).status is MailStatus.SENT


def test_taken_back_mail_never_leaves(app: Flask, board: Board) -> None:
    owed(board)
    with board.writing() as session:
        assert cancel(session, "test:1")
    assert post(app, NOW) == []


def test_without_a_server_mail_is_kept_to_be_read_in_development(app: Flask, board: Board) -> None:
    owed(board)
    with app.app_context():
        deliver_mail(Shift(app.extensions["nexus-settings"], now=lambda: NOW))
    kept = row(board)
    assert kept.status is MailStatus.KEPT and "Letter number 1" in (kept.body_text or "")
    assert kept.subject == "Letter 1" and "<p" in (kept.body_html or "")


def test_in_production_without_a_server_mail_waits_and_no_body_is_kept(app: Flask, board: Board) -> None:
    owed(board)
    settings = app.extensions["nexus-settings"].model_copy(update={"nexus_env": "production"})
    with app.app_context():
        shift = Shift(settings, now=lambda: NOW)
        assert not deliver_mail(shift)
    assert row(board).status is MailStatus.WAITING and "SMTP_URL" in shift.waits[0]


def test_waits_grow_to_a_limit_and_end_after_about_two_days() -> None:
    waits = [delay(tries, lambda: 0.5) for tries in range(1, MOST_TRIES)]
    assert waits[:3] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert waits == sorted(waits) and waits[-1] == timedelta(hours=4)
    assert timedelta(days=1.5) < sum(waits, timedelta()) < timedelta(days=2.5)
    assert delay(1, lambda: 0.0) == timedelta(seconds=22.5) and delay(1, lambda: 1.0) == timedelta(seconds=37.5)


@pytest.mark.parametrize("tries", [1, MOST_TRIES])
def test_a_failure_delays_or_in_the_end_parks(app: Flask, board: Board, tries: int) -> None:
    owed(board)
    with board.writing() as session:
        session.scalars(select(OutboxMail)).one().attempts = tries - 1
    with board.writing() as session:
        mine = claim(session, office(app), NOW)
        assert isinstance(mine, Outgoing)
    with board.writing() as session:
        assert failed(session, mine, "451 later", NOW, perhaps_sent=False)
    told = row(board)
    assert told.status is (MailStatus.PARKED if tries == MOST_TRIES else MailStatus.WAITING)
    assert "451 later" in (told.last_error or "") and told.claimed_until is None

"""Delivery to a real SMTP server that refuses, delays, forgets to acknowledge and goes away."""

from datetime import datetime, timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.policy import default

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from app.core.settings import Settings, UnsafeSettings
from app.core.smtp import MailServer, mail_server, sender
from app.domain.mail.models import MailStatus, OutboxMail
from app.domain.mail.queries import due
from app.worker import Shift, deliver_mail
from tests.domain.mail.conftest import NOW, SPEAK, letter, owed
from tests.factories import Board
from tests.smtp_peer import ACCEPT, LATER, LOSE, NO_SUCH, REFUSE_CONTENT, Peer


def deliver(app: Flask, peer: Peer, now: datetime) -> dict[str, int]:
    settings = app.extensions["nexus-settings"].model_copy(update={"smtp_url": peer.url})
    with app.app_context():
        return dict(deliver_mail(Shift(settings, now=lambda: now)))


def deliver_all(app: Flask, board: Board, peer: Peer, now: datetime = NOW) -> datetime:
    """Sweep until nothing waits; answers when that was."""
    for _ in range(300):
        deliver(app, peer, now)
        with board.reading() as session:
            if not due(session, now + timedelta(days=3)):
                return now
        now += timedelta(minutes=6)
    raise AssertionError("some mail never left")


def by_recipient(board: Board) -> dict[str, OutboxMail]:
    with board.reading() as session:
        return {mail.recipient: mail for mail in session.scalars(select(OutboxMail))}


def test_a_hundred_mails_arrive_whatever_the_server_does(app: Flask, board: Board) -> None:
    """Every tenth is refused for good, the others are put off, lose their acknowledgement, or meet a closed door."""
    people = [owed(board, number) for number in range(110)]
    refused = set(people[::11])

    def answer(recipient: str, before: int) -> str:
        if recipient in refused:
            return NO_SUCH
        trouble = people.index(recipient) % 5
        return (LATER if trouble == 1 else LOSE if trouble == 2 else ACCEPT) if before == 0 else ACCEPT

    peer = Peer(answer)
    assert deliver(app, peer, NOW) == {"unreachable": 1}, "one try tells that the server is away"
    with peer:
        deliver(app, peer, NOW + timedelta(minutes=1))
    assert deliver(app, peer, NOW + timedelta(minutes=2))["unreachable"] == 1
    with peer:
        deliver_all(app, board, peer, NOW + timedelta(minutes=3))
    assert set(peer.taken) == set(people) - refused and len(peer.taken) == 100
    assert all(len(ids) == 1 for ids in peer.ids.values()), "a letter that comes again is known by its Message-ID"
    assert 1 <= peer.repeats <= 22
    outbox = by_recipient(board)
    for recipient in people:
        expected = MailStatus.PARKED if recipient in refused else MailStatus.SENT
        assert outbox[recipient].status is expected
        assert recipient not in refused or peer.tries[recipient] == 1
        assert outbox[recipient].body_text is None


@pytest.mark.parametrize("refusal", [NO_SUCH, REFUSE_CONTENT])
def test_a_refusal_for_good_is_parked_after_one_try_with_the_servers_words(
    app: Flask, board: Board, refusal: str
) -> None:
    recipient = owed(board)
    with Peer(lambda address, before: refusal) as peer:
        deliver(app, peer, NOW)
        deliver(app, peer, NOW + timedelta(days=1))
    parked = by_recipient(board)[recipient]
    assert (parked.status, parked.attempts, peer.tries[recipient]) == (MailStatus.PARKED, 1, 1)
    assert (parked.last_error or "").startswith(refusal[:9]) and "@" not in (parked.last_error or "")


def test_one_connection_carries_a_batch_and_a_refusal_does_not_end_it(app: Flask, board: Board) -> None:
    for number in range(5):
        owed(board, number)
    with Peer(lambda address, before: LATER if address == "reader1@example.org" else ACCEPT) as peer:
        assert deliver(app, peer, NOW) == {"sent": 4, "put off": 1}
        assert peer.connections == 1
    late = by_recipient(board)["reader1@example.org"]
    assert late.status is MailStatus.WAITING and timedelta(0) < late.due_at - NOW < timedelta(minutes=1)


def test_a_lost_acknowledgement_leaves_the_mail_neither_sent_nor_untouched(app: Flask, board: Board) -> None:
    recipient = owed(board)
    with Peer(lambda address, before: LOSE) as peer:
        assert deliver(app, peer, NOW) == {"put off": 1}
    mail = by_recipient(board)[recipient]
    assert mail.status is MailStatus.WAITING and mail.claimed_until == mail.due_at and len(peer.taken[recipient]) == 1


def test_one_lost_acknowledgement_holds_nobody_elses_mail_up(app: Flask, board: Board) -> None:
    unlucky, *others = [owed(board, number) for number in range(4)]
    with Peer(lambda address, before: LOSE if address == unlucky else ACCEPT) as peer:
        assert deliver(app, peer, NOW) == {"put off": 1, "sent": 3}
    assert {recipient: len(peer.taken[recipient]) for recipient in others} == dict.fromkeys(others, 1)


def test_a_sender_that_is_refused_parks_nobodys_mail(app: Flask, board: Board) -> None:
    recipient = owed(board)
    with Peer() as peer:
        settings = app.extensions["nexus-settings"].model_copy(
            update={"smtp_url": peer.url.replace("//", "//who:secret@")}
        )
        with app.app_context():
            shift = Shift(settings, now=lambda: NOW)
            assert deliver_mail(shift) == {"unreachable": 1}
    assert by_recipient(board)[recipient].status is MailStatus.WAITING
    assert "secret" not in " ".join(shift.waits)


def test_what_arrives_is_what_was_written(app: Flask, board: Board) -> None:
    owed(board)
    with Peer() as peer:
        deliver(app, peer, NOW)
    (letter,) = peer.letters
    assert letter["Subject"] == "Letter 1" and letter.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in letter.walk()][1:] == ["text/plain", "text/html"]


def test_a_domain_of_any_letters_arrives_in_its_ascii_form(app: Flask, board: Board) -> None:
    recipient = owed(board, to="joe@bücher.example")
    SPEAK[1] = letter(subject="می\u200cخواهم", reply_to=("Müller,\r\nJ\u202eörg", "jm@straße.example"))
    settings = app.extensions["nexus-settings"]
    with Peer() as peer, app.app_context():
        ours = settings.model_copy(update={"smtp_url": peer.url, "mail_from": "Bücher <jobs@bücher.example>"})
        assert deliver_mail(Shift(ours, now=lambda: NOW)) == {"sent": 1}
    (raw,) = peer.letters
    assert set(peer.taken) == {raw["To"]} == {"joe@xn--bcher-kva.example"}
    mail = message_from_bytes(raw.as_bytes(), policy=default)
    assert str(mail["Subject"]) == "می\u200cخواهم"
    assert mail["From"].addresses == (Address("Bücher", "jobs", "xn--bcher-kva.example"),)
    assert mail["Reply-To"].addresses == (Address("Müller, Jörg", "jm", "xn--strae-oqa.example"),)
    assert raw["From"].isascii() and raw["Reply-To"].isascii()
    assert raw["Message-ID"].endswith("@xn--bcher-kva.example>")
    assert by_recipient(board)[recipient].status is MailStatus.SENT, "the outbox keeps the address as it was typed"


def test_an_address_no_answer_can_reach_holds_no_letter_up(app: Flask, board: Board) -> None:
    """Such addresses were taken once; the employer still hears of the applicant."""
    owed(board)
    SPEAK[1] = letter(reply_to=("José", "josé@x.example"))
    with Peer() as peer:
        assert deliver(app, peer, NOW) == {"sent": 1}
    assert peer.letters[0]["Reply-To"] is None


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://127.0.0.1", MailServer("smtp", "127.0.0.1", 25)),
        (
            "smtp+starttls://me%40x:p%2Fw@mail.example.org",
            MailServer("smtp+starttls", "mail.example.org", 587, "me@x", "p/w"),
        ),
        ("smtps://mail.example.org:4465", MailServer("smtps", "mail.example.org", 4465)),
    ],
)
def test_the_address_of_a_server(url: str, server: MailServer) -> None:
    assert mail_server(url) == server
    assert mail_server("") is None and "p/w" not in repr(server)


@pytest.mark.parametrize("url", ["mail.example.org", "http://x", "smtp://", "smtp://x:99999", "smtp://u:a/b@x", "smtps://x/?a"])
def test_a_wrong_address_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(ValueError, match=r"SMTP_URL .*smtp://host:port"):
        mail_server(url)


@pytest.mark.parametrize("text", ["", "Jobs", "Jobs <jobs>", "a@b\r\nBcc: c@d", "é", "Jobs <josé@x.example>", "@é"])
def test_a_wrong_sender_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="MAIL_FROM"):
        sender(text)


@pytest.mark.parametrize("wrong", [{"smtp_url": "mail.example.org"}, {"mail_from": "Jobs"}])
def test_the_board_does_not_start_with_mail_it_cannot_send(wrong: dict[str, str]) -> None:
    settings = Settings(**{"nexus_env": "testing", "smtp_url": "", "mail_from": "a@b.example"} | wrong)  # type: ignore[arg-type]
    with pytest.raises(UnsafeSettings, match=next(iter(wrong)).upper()):
        create_app(settings)

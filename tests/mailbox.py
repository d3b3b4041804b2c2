"""Mail as its readers get it: `post(app)` delivers all that is due into a list, through the seam real mail takes."""

from datetime import datetime
from email.message import EmailMessage

from flask import Flask

from app.core import clock
from app.worker import Shift, deliver_mail


class Letterbox:
    """Stands in for a mail server: keeps what it is handed."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    def send(self, message: EmailMessage) -> None:
        self.letters.append(message)


def post(app: Flask, now: datetime | None = None) -> list[EmailMessage]:
    """Deliver all mail due at `now` (default: now) and answer with it, in the order in which it fell due."""
    at = now or clock.now()
    box = Letterbox()
    with app.app_context():
        deliver_mail(Shift(app.extensions["nexus-settings"], now=lambda: at), box)
    return box.letters


def text_of(letter: EmailMessage) -> str:
    """The text part."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(letter: EmailMessage) -> str:
    """The HTML part."""
    part = letter.get_body(("html",))
    assert part is not None
    return str(part.get_content())

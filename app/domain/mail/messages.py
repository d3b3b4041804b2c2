"""A letter as bytes on the wire: headers that cannot be forged from user text, a text and an HTML part."""

from contextlib import suppress
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from app.core.lines import one_line
from app.core.links import Links
from app.core.smtp import mailbox
from app.domain.mail.letters import Letter

LONGEST_SUBJECT = 200


def message(
    letter: Letter, text: str, html: str, *, recipient: str, sent_by: Address, message_id: str, links: Links,
    now: datetime,
) -> EmailMessage:
    """The whole message. Raises ValueError where no mail can be sent to the recipient."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sent_by
    mail["To"] = mailbox("", recipient)
    mail["Subject"] = one_line(letter.subject)[:LONGEST_SUBJECT]
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id
    if letter.reply_to is not None:
        name, address = letter.reply_to
        with suppress(ValueError):  # whom mail cannot reach is still worth hearing of
            mail["Reply-To"] = mailbox(one_line(name), address)
    mail["Auto-Submitted"] = "auto-generated"
    if letter.unsubscribe is not None:
        mail["List-Unsubscribe"] = f"<{links.url(letter.unsubscribe)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    return mail

"""A letter as bytes on the wire: headers that cannot be forged from user text, a text and an HTML part."""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from app.core.links import Links
from app.domain.mail.letters import Letter

_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
LONGEST_SUBJECT = 200


def one_line(text: str) -> str:
    """Text that stays in its header, whatever somebody wrote."""
    return " ".join(_BREAKS.sub(" ", text).split())


def message(
    letter: Letter, text: str, html: str, *, recipient: str, sent_by: Address, message_id: str, links: Links,
    now: datetime,
) -> EmailMessage:
    """The whole message. Raises ValueError where an address cannot stand in a header."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sent_by
    mail["To"] = Address(addr_spec=recipient)
    mail["Subject"] = one_line(letter.subject)[:LONGEST_SUBJECT]
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id
    if letter.reply_to is not None:
        name, address = letter.reply_to
        mail["Reply-To"] = Address(one_line(name), addr_spec=address)
    mail["Auto-Submitted"] = "auto-generated"
    if letter.unsubscribe is not None:
        mail["List-Unsubscribe"] = f"<{links.url(letter.unsubscribe)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(text)
    mail.add_alternative(html, subtype="html")
    return mail

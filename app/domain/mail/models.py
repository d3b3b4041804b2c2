"""The outbox: mail that a committed change owes to somebody."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id, by_value


class MailStatus(enum.StrEnum):
    """`waiting` until sent; `cancelled` when what it told was undone; `parked` after a permanent refusal.

    `kept` instead of sent on a board that has no mail server.
    """

    WAITING = "waiting"
    SENT = "sent"
    KEPT = "kept"
    CANCELLED = "cancelled"
    PARKED = "parked"


class OutboxMail(Base):
    """One mail owed. Holds a template's name and the ids it speaks of; no text, no link, no secret.

    Only in development, without a mail server, is what it said kept with it: `subject` and the bodies.
    """

    __tablename__ = "outbox_mails"
    __table_args__ = (Index(None, "status", "due_at"),)

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    """Names the event: a second mail about the same event cannot be owed."""
    template: Mapped[str] = mapped_column(String(60))
    recipient: Mapped[str] = mapped_column(String(320))
    ids: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[MailStatus] = mapped_column(by_value(MailStatus, "status"), default=MailStatus.WAITING)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """When it may leave; after a failure, when it is tried again."""
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    """How often somebody began to send it."""
    claimed_until: Mapped[datetime | None]
    """Somebody is sending it, or may have sent it unheard; after this instant another may try."""
    message_id: Mapped[str | None] = mapped_column(String(200))
    """Made at the first try and kept: a letter that arrives twice is known by it."""
    last_error: Mapped[str | None] = mapped_column(String(300))
    """Why it did not leave, in a sentence without personal data."""
    subject: Mapped[str | None] = mapped_column(String(300))
    body_text: Mapped[str | None] = mapped_column(Text)
    body_html: Mapped[str | None] = mapped_column(Text)

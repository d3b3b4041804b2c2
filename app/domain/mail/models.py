"""The outbox: mail that a committed change owes to somebody."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Id, by_value


class MailStatus(enum.StrEnum):
    """`waiting` until sent; `cancelled` when what it told was undone; `parked` after a permanent refusal."""

    WAITING = "waiting"
    SENT = "sent"
    CANCELLED = "cancelled"
    PARKED = "parked"


class OutboxMail(Base):
    """One mail owed. Holds a template's name and the ids it speaks of; no text, no link, no secret."""

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
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)

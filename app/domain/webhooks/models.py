"""Where companies want to be told of events, and what was told of each."""

import enum
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base, BigId, Id, by_value, reference
from app.domain.companies.models import Company


class Event(enum.StrEnum):
    """What one may be told of, as subscribers and payloads name it."""

    POSTING_PUBLISHED = "posting.published"
    POSTING_CHANGED = "posting.changed"
    POSTING_PAUSED = "posting.paused"
    POSTING_EXPIRED = "posting.expired"
    POSTING_CLOSED = "posting.closed"
    APPLICATION_SUBMITTED = "application.submitted"
    APPLICATION_MOVED = "application.moved"
    APPLICATION_WITHDRAWN = "application.withdrawn"


TEST = "test"
"""The event that a person sends by hand to see whether it arrives."""


class DeliveryStatus(enum.StrEnum):
    """`waiting` until it got through; `failed` when it was given up; `cancelled` when a later one took its place."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Webhook(Base):
    """An address that is told of a company's events. Its secret is nowhere at rest: see `signing.py`."""

    __tablename__ = "webhooks"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[Id]
    company_id: Mapped[int] = reference("companies.id", ondelete="CASCADE")
    url: Mapped[str] = mapped_column(String(2000))
    events: Mapped[str] = mapped_column(String(300))
    """Names of `Event`, with blanks between them."""
    salt: Mapped[str] = mapped_column(String(64))
    """What its secret is made of, with the board's key; another one is another secret."""
    former_salt: Mapped[str | None] = mapped_column(String(64))
    former_until: Mapped[datetime | None]
    """Until then what is sent is signed by the secret before as well."""
    created_by_id: Mapped[int | None] = reference("users.id", ondelete="SET NULL")
    created_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    """Since when a member keeps it still."""
    disabled_at: Mapped[datetime | None]
    """Since when the board keeps it still, because nothing got through."""
    disabled_why: Mapped[str | None] = mapped_column(String(300))
    failing_since: Mapped[datetime | None]
    """When the first try failed after the last that got through."""
    quiet_until: Mapped[datetime | None]
    """Nobody answered there: nothing is tried before."""
    version: Mapped[int] = mapped_column(default=1)

    company: Mapped[Company] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_on(self) -> bool:
        """Whether it is sent anything."""
        return self.paused_at is None and self.disabled_at is None

    @property
    def state(self) -> str:
        """How it stands, in a word."""
        if self.disabled_at is not None:
            return "disabled"
        if self.paused_at is not None:
            return "paused"
        return "active" if self.failing_since is None else "failing"

    @property
    def host(self) -> str:
        """Whose address it is, as far as people tell it by."""
        return urlsplit(self.url).hostname or self.url

    @property
    def wanted(self) -> list[str]:
        """The events it is told of, by name."""
        return self.events.split()


_WAITING = text("status = 'waiting'")


class Delivery(Base):
    """One event owed to one webhook. It holds ids and states of rows, no person's name or address."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("uq_webhook_deliveries_event", "webhook_id", "event_id", unique=True),
        Index(None, "webhook_id", "id"),
        Index(
            "ix_webhook_deliveries_lanes", "webhook_id", "posting_id", "id", sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[Id]
    webhook_id: Mapped[int] = reference("webhooks.id", ondelete="CASCADE", index=False)
    event_id: Mapped[str] = mapped_column(String(40))
    """By which its receiver knows it, however often it is sent."""
    event: Mapped[str] = mapped_column(String(40))
    posting_id: Mapped[int | None] = mapped_column(BigId)
    """What is told of one posting is told in order; none for a test."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What was so then."""
    created_at: Mapped[datetime] = mapped_column(index=True)
    due_at: Mapped[datetime]
    """When it may be sent; after a failure, when it is tried again."""
    status: Mapped[DeliveryStatus] = mapped_column(
        by_value(DeliveryStatus, "status"), default=DeliveryStatus.WAITING
    )
    attempts: Mapped[int] = mapped_column(default=0)
    """How often somebody began to send it."""
    claimed_until: Mapped[datetime | None]
    """Somebody is sending it; after this instant another may try."""
    sent_at: Mapped[datetime | None]
    """When it was tried last."""
    answer_status: Mapped[int | None]
    """HTTP status of the last answer."""
    answer_text: Mapped[str | None] = mapped_column(String(300))
    """What came of the last try, in a sentence, where it did not get through."""
    took_ms: Mapped[int | None]
    """How long the last try took."""

    webhook: Mapped[Webhook] = relationship()

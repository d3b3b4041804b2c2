"""Where a company's events are sent, and what became of each. Times are UTC."""

from datetime import datetime

from pydantic import Field

from app.domain.webhooks.models import DeliveryStatus, Event
from app.web.api.schemas.shapes import VERSION, Shape, Versioned


class NewWebhook(Shape):
    """A webhook to be made."""

    url: str = Field(max_length=2000, examples=["https://hooks.example.org/nexus"])
    events: list[Event] = Field(default=[*Event], min_length=1, description="Left out, all of them.")
    company: str | None = Field(None, description="The slug of the company; left out, the first where you may.")


class ChangedWebhook(Shape):
    """A change of a webhook; what is left out stays as it is."""

    url: str | None = Field(None, max_length=2000)
    events: list[Event] | None = Field(None, min_length=1)
    active: bool | None = Field(None, description="Whether anything is sent. What happens meanwhile waits.")
    version: int | None = Field(None, ge=1, description=VERSION)


class Rotated(Versioned):
    """The webhook whose secret changes."""


class Webhook(Shape):
    """A webhook without its secret."""

    id: int
    company: str = Field(examples=["acme"])
    url: str = Field(examples=["https://hooks.example.org/nexus"])
    events: list[Event]
    active: bool
    state: str = Field(
        examples=["active"], description="`active`, `failing`, `paused` by a member, or `disabled` by the board."
    )
    failing_since: datetime | None = Field(description="Since when nothing got through.")
    disabled_at: datetime | None
    disabled_why: str | None = Field(examples=["Nothing got through since 3 November 2026."])
    created_at: datetime
    version: int


class WebhookSecret(Webhook):
    """A webhook with its secret, which is told this once."""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class Webhooks(Shape):
    items: list[Webhook]


class Delivery(Shape):
    """One event and what became of it."""

    id: int
    event_id: str = Field(examples=["evt_5f0c1c5e5a0e4d0f9f0a2f6f1d2c9b11"], description="As `webhook-id` says it.")
    event: str = Field(examples=["application.submitted"])
    posting_id: int | None = Field(examples=[1728], description="None for a test.")
    status: DeliveryStatus
    created_at: datetime
    attempts: int
    sent_at: datetime | None = Field(description="When it was tried last.")
    due_at: datetime | None = Field(description="When it is tried next, while it waits.")
    answer_status: int | None = Field(examples=[503])
    answer_text: str | None = Field(examples=["It answered 503."])
    took_ms: int | None = Field(examples=[31])


class Deliveries(Shape):
    items: list[Delivery]
    next: str | None = Field(
        examples=["14JuNLwXCjcgcngWWzcwXQ"], description="The cursor of the following page: `after`."
    )

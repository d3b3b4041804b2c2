"""Writing the outbox: mail is owed, taken back, sent."""

from app.domain.mail.services.handling import retry, stop
from app.domain.mail.services.owing import cancel, owe
from app.domain.mail.services.sending import (
    LEASE,
    MOST_TRIES,
    Office,
    Outgoing,
    claim,
    delay,
    failed,
    in_hand,
    parked,
    sent,
    spoilt,
)

__all__ = [
    "LEASE", "MOST_TRIES", "Office", "Outgoing", "cancel", "claim", "delay", "failed", "in_hand", "owe", "parked",
    "retry", "sent", "spoilt", "stop",
]

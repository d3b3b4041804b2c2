"""Writing webhooks: what they are, what is owed to them, how it is sent."""

from app.domain.webhooks.services.keeping import (
    change_webhook,
    create_webhook,
    remove,
    replay,
    replay_failed,
    rotate,
    send_test,
)
from app.domain.webhooks.services.sending import (
    LEASE,
    MOST_TRIES,
    PATIENCE,
    WAITS,
    Call,
    Outcome,
    arrived,
    claim,
    delay,
    failed,
    is_due,
)
from app.domain.webhooks.services.sweeping import KEPT, forget_deliveries

__all__ = [
    "KEPT", "LEASE", "MOST_TRIES", "PATIENCE", "WAITS", "Call", "Outcome", "arrived", "change_webhook", "claim",
    "create_webhook", "delay", "failed", "forget_deliveries", "is_due", "remove", "replay", "replay_failed", "rotate",
    "send_test",
]

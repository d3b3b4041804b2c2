"""Secrets of webhooks and what is signed by them, as Standard Webhooks has it (https://www.standardwebhooks.com)."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from app.domain.webhooks.models import Webhook

PREFIX = "whsec_"
"""How a secret begins, as libraries that verify want it."""
BOTH_FOR = timedelta(days=1)
"""How long after a change of the secret everything is signed by the one before as well."""


def new_salt() -> str:
    """What a new secret is made of."""
    return secrets.token_urlsafe(32)


def _secret(key: bytes, salt: str) -> bytes:
    """The secret itself, 32 bytes: whoever has the database without the board's key has none of it."""
    return hmac.new(key, b"webhook secret\0" + salt.encode(), hashlib.sha256).digest()


def secret(key: bytes, webhook: Webhook) -> str:
    """A webhook's secret as its receiver keeps it."""
    return PREFIX + base64.b64encode(_secret(key, webhook.salt)).decode()


def headers(key: bytes, salts: tuple[str, ...], event_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """What is sent along: the event's id, the second of this try, a signature over both and the body by each salt."""
    timestamp = str(int(at.timestamp()))
    said = f"{event_id}.{timestamp}.".encode() + body
    signatures = [base64.b64encode(hmac.new(_secret(key, salt), said, hashlib.sha256).digest()) for salt in salts]
    return {
        "webhook-id": event_id, "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{signature.decode()}" for signature in signatures),
    }


def salts(webhook: Webhook, now: datetime) -> tuple[str, ...]:
    """By what is signed now: the present secret and, for a while, the one before."""
    former = webhook.former_salt if webhook.former_until is not None and now < webhook.former_until else None
    return (webhook.salt,) if former is None else (webhook.salt, former)
